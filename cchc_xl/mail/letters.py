"""The words of a letter: a staff-owned text with a few tags, filled with plain values.

A text may hold ``{{ name }}`` and ``{% if name %} … {% else %} … {% endif %}`` and nothing else: no loops, calls or
attributes, so that no text of staff can run long or reach anything, and no value is ever read as a tag. The names are
those of ``editions/ui/mail.toml [names]``.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import MailError
from cchc_xl.text import without_controls

_INSIDE = r"(?:(?!\{[{%#]).)*?"  # no tag holds the start of another: looking on for its end would take for ever
_TAG = re.compile(rf"\{{\{{{_INSIDE}\}}\}}|\{{%{_INSIDE}%\}}|\{{#{_INSIDE}#\}}")
_HALF = re.compile(r"\{[{%#].*|.*[}%#]\}")
_BLOCK = re.compile(r"\{%[-+]?\s*(if|endif)\b")
_SHOWN = 90
_DEEPEST = 30  # parts of a tag, tags in tags
_MANY_LINES = "chi_tiet"
_ALLOWED = (
    *("Template", "Output", "TemplateData", "Name", "Const", "If", "CondExpr"),
    *("And", "Or", "Not", "Compare", "Operand"),
)
_COMPARED = ("eq", "ne")  # of two kinds, nothing is larger or smaller


def render(kind: str, values: Mapping[str, str], text: str | None = None, file: str = "") -> tuple[str, str]:
    """Subject (one line, always with the subject tag) and body (lines ended by "\\n") of a letter.

    ``kind``: a word of ui/mail.toml [letters] (issue, feedback …). ``values``: texts by the names of
    ui/mail.toml [names]; one not given is "". ``text``: the staff's own wording, subject on the first line; ``file``:
    where it came from, for error sentences. Raises MailError for a broken tag, naming file, line and tag.
    """
    file = file or f"{kind}.txt"
    if text is None:
        letter = words("mail")["letters"][_plain_kind(kind)]
        head, body = str(letter["subject"]), str(letter["body"]).lstrip("\n")
    else:
        lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        if not lines.strip():
            raise MailError("letter-empty", file=without_controls(file))
        head, _, body = lines.partition("\n")
    known = _known(values)
    subject = without_controls(_filled(head, known, file, 1))
    return with_tag(subject, known["ma_ky"], known["ma"]), _tidy(_filled(body, known, file, 2))


def paste(kind: str, values: Mapping[str, str], text: str | None = None, file: str = "") -> str:
    """The short text for Zalo or the document system: a word of [pastes]. Otherwise as ``render``.

    In ``text`` there is no subject line.
    """
    wording = str(words("mail")["pastes"][_plain_kind(kind)]).lstrip("\n") if text is None else text
    wording = wording.removeprefix("\ufeff").replace("\r\n", "\n")
    return _tidy(_filled(wording, _known(values), file or f"{kind}.txt", 1))


def text_of(content: bytes, file: str) -> str:
    """A staff-owned text file as Notepad saves it: UTF-8 with or without mark, UTF-16. Raises MailError."""
    charset = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(charset)
    except UnicodeDecodeError as error:
        raise MailError("letter-charset", file=without_controls(file)) from error


def tag_of(period: str, unit: str) -> str:
    """``[CCHC 2022-6T 11092]``."""
    return str(words("mail")["subject"]["tag"]).format(period=without_controls(period), unit=without_controls(unit))


def tag_in(subject: str) -> tuple[str, str] | None:
    """Period and unit code by which the subject of an answer names them, however it was quoted (RE:, TL:, Fwd:)."""
    found = re.search(_tag_pattern(), subject)
    return (found["period"], found["unit"]) if found else None


def with_tag(subject: str, period: str, unit: str) -> str:
    """The subject with its tag in front, unless it holds it already or there is none."""
    tag = tag_of(period, unit) if period and unit else ""
    return subject if not tag or tag in subject else f"{tag} {subject}".strip()


def _tag_pattern() -> str:
    pattern = re.escape(str(words("mail")["subject"]["tag"]))
    for name in ("period", "unit"):
        pattern = pattern.replace(re.escape(f"{{{name}}}"), rf"(?P<{name}>[\w.-]{{1,20}})")
    return pattern.replace(r"\ ", r"\s+")


def _plain_kind(kind: str) -> str:
    return kind.replace("_", "-")


def _known(values: Mapping[str, str]) -> dict[str, str]:
    """Every known name with its value as clean text; only ``chi_tiet`` may have lines."""
    given = {name: str(value) for name, value in values.items()}
    names = dict.fromkeys((*words("mail")["names"], *given), "") | given
    return {name: _lines(value) if name == _MANY_LINES else without_controls(value) for name, value in names.items()}


def _lines(text: str) -> str:
    return "\n".join(without_controls(line) for line in text.splitlines()).strip("\n")


def _tidy(text: str) -> str:
    """Composed letters, no control characters, at most one blank line in a row, one line's end at the end."""
    lines = ["".join(c for c in line if unicodedata.category(c)[0] != "C").rstrip() for line in text.split("\n")]
    composed = unicodedata.normalize("NFC", "\n".join(lines))
    return re.sub(r"\n{3,}", "\n\n", composed).strip("\n") + "\n"


def _filled(source: str, values: Mapping[str, str], file: str, first_line: int) -> str:
    from jinja2 import StrictUndefined, TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    sandbox = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    try:
        tree = sandbox.parse(source)
    except TemplateSyntaxError as error:
        line = _open_tag(source) or error.lineno
        raise _broken("letter-tag", source, line, file, first_line, problem=_problem("syntax")) from error
    except (RecursionError, ValueError) as error:  # brackets in brackets, a number of thousands of digits
        lines = source.split("\n")
        line = 1 + lines.index(max(lines, key=len))
        raise _broken("letter-tag", source, line, file, first_line, problem=_problem("kind")) from error
    line = 1
    for node, depth in _nodes(tree):
        line = node.lineno or line
        is_known = type(node).__name__ in _ALLOWED and getattr(node, "op", "eq") in _COMPARED
        if not is_known or depth > _DEEPEST:
            raise _broken("letter-tag", source, line, file, first_line, problem=_problem("kind"))
        name = getattr(node, "name", "")
        if type(node).__name__ == "Name" and name not in values:
            known = ", ".join(words("mail")["names"])
            raise _broken("letter-name", source, node.lineno, file, first_line, name=name, known=known)
    return sandbox.from_string(source).render(values)


def _open_tag(source: str) -> int | None:
    """The line of the first tag that is not closed where it should be, which is not where the reading stops."""
    waiting: list[int] = []
    for number, line in enumerate(source.split("\n"), start=1):
        if _HALF.search(_TAG.sub("", line)):
            return number
        for word in _BLOCK.findall(line):
            if word == "if":
                waiting.append(number)
            elif waiting:
                waiting.pop()
    return waiting[-1] if waiting else None


def _nodes(tree, depth: int = 0) -> Iterator:
    """Each node and how deep it lies."""
    yield tree, depth
    for child in tree.iter_child_nodes():
        yield from _nodes(child, depth + 1)


def _problem(name: str) -> str:
    return str(words("mail")["problems"][name]).format()


def _broken(kind: str, source: str, line: int, file: str, first_line: int, **said: str) -> MailError:
    """``line`` counts from 1 in ``source``, whose first line is line ``first_line`` of the file."""
    lines = source.split("\n")
    text = lines[min(line, len(lines)) - 1]
    tags = _TAG.findall(text) or _HALF.findall(text) or [text.strip()]
    name = said.get("name", "")
    tag = next((one for one in tags if name and name in one), " ".join(tags))
    shown = {key: _short(value) if key == "name" else value for key, value in said.items()}
    return MailError(kind, file=without_controls(file), line=first_line + line - 1, tag=_short(tag), **shown)


def _short(text: str) -> str:
    line = without_controls(text)
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
