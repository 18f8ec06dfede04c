"""What a consolidation gives beside the four files of the contract: for the chief, to send up, to type into the portal.

Every one of them is made from the consolidation alone: the same round gives the same bytes.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from cchc_xl import office
from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.editions.load import load
from cchc_xl.errors import UsageError
from cchc_xl.files import bytes_of, write_output
from cchc_xl.model import Consolidation, Edition, PortalRow, Roster

SUMMARY, PAGE, UPWARD, PORTAL = "tom-tat.docx", "tong-quan.html", "ban-gui-cap-tren.xlsx", "bang-nhap-cong.xlsx"
PDF = "pdf"
NAMES = {"summary": SUMMARY, "page": PAGE, "upward": UPWARD, "portal": PORTAL}  # word of the command line -> file
_PRINTED = ".docx"


def asked_for(words: str) -> frozenset[str]:
    """``summary,page,pdf`` as words of ``NAMES`` and ``pdf``. Raises UsageError for any other word."""
    asked = frozenset(part.strip().lower() for part in words.split(",") if part.strip())
    unknown = sorted(asked - NAMES.keys() - {PDF})
    if unknown:
        raise UsageError("output-unknown", name=", ".join(unknown), known=", ".join((*NAMES, PDF)))
    return asked


def templates_in(folder: Path) -> dict[str, bytes]:
    """The staff's own Word templates in a folder, by the names of those shipped; none where there is no such folder.

    Raises UsageError for one that can't be read.
    """
    from cchc_xl.word import narrative, summary

    found = {}
    for name in (narrative.TEMPLATE, summary.TEMPLATE):
        path = folder / name
        if path.is_file():
            try:
                found[name] = bytes_of(path)
            except OSError as error:
                raise UsageError("path-missing", path=str(path)) from error
    return found


def own_templates(folder: Path) -> dict[str, bytes]:
    """As ``templates_in``, for a folder a person named: one without any template is a mistake. Raises UsageError."""
    from cchc_xl.word import narrative, summary

    found = templates_in(folder)
    if not found:
        raise UsageError("templates-none", path=str(folder), names=f"{narrative.TEMPLATE}, {summary.TEMPLATE}")
    return found


def word_template(name: str, edition: Edition) -> bytes:
    """The shipped Word template for staff to edit: the chief's page for a file of its name, else the narrative's."""
    from cchc_xl.word import narrative, summary

    return (summary if Path(name).stem == Path(summary.TEMPLATE).stem else narrative).template_of(edition)


def settings_template(edition: str, period: str = "", roster: Path | None = None) -> bytes:
    """A settings workbook to fill in; with a roster, its units stand in a list to choose from. Raises RosterError."""
    from cchc_xl.rounds.keeping.settings import blank
    from cchc_xl.workbook.roster import read_roster

    forms = load(edition)
    return blank(forms, period, read_roster(roster, forms) if roster else Roster(file="", units=()))


def more_outputs(
    consolidation: Consolidation,
    portal: Sequence[PortalRow] = (),
    asked: Iterable[str] = tuple(NAMES),
    templates: Mapping[str, bytes] = MappingProxyType({}),
) -> tuple[tuple[str, bytes], ...]:
    """(name, content) of the outputs asked for, words of ``NAMES``; all of them when not said.

    ``portal``: the staff's map of the portal's codes; ``templates``: their own Word templates by name. Raises
    BrokenTemplate when the chief's page has a wrong tag.
    """
    wanted = set(asked)
    if wanted.isdisjoint(NAMES):
        return ()
    from cchc_xl.page import overview
    from cchc_xl.word import summary
    from cchc_xl.workbook import portal as typing
    from cchc_xl.workbook import upward

    makers = {
        "summary": lambda made: summary.build(made, template=templates.get(summary.TEMPLATE)),
        "page": overview.build,
        "upward": upward.build,
        "portal": lambda made: typing.build(made, portal),
    }
    return tuple((NAMES[word], make(consolidation)) for word, make in makers.items() if word in wanted)


def finished(
    outputs: Sequence[tuple[str, bytes | Path]],
    consolidation: Consolidation,
    portal: Sequence[PortalRow] = (),
    asked: Iterable[str] = tuple(NAMES),
    templates: Mapping[str, bytes] = MappingProxyType({}),
) -> tuple[tuple[tuple[str, bytes | Path], ...], tuple[str, ...]]:
    """The outputs with those asked for beside them, and a sentence for each that this machine can't make."""
    wanted = set(asked)
    made = (*outputs, *more_outputs(consolidation, portal, wanted, templates))
    if PDF not in wanted:
        return made, ()
    try:
        return with_pdf(made), ()
    except (office.OfficeMissing, office.OfficeFailed) as error:
        return made, (error_sentence(error),)


def with_pdf(outputs: Sequence[tuple[str, bytes | Path]]) -> tuple[tuple[str, bytes | Path], ...]:
    """The outputs and a PDF of each Word file among them, by LibreOffice.

    Raises OfficeMissing where it is not installed, OfficeFailed. The page's date and number of a PDF are taken out,
    so that the same text gives the same bytes.
    """
    texts = [(name, content) for name, content in outputs if name.endswith(_PRINTED)]
    if not texts:
        return tuple(outputs)
    with tempfile.TemporaryDirectory(prefix="cchc-pdf-") as folder:
        sources = [Path(folder) / name for name, _ in texts]
        for source, (_, content) in zip(sources, texts, strict=True):
            source.write_bytes(content)
        made = office.convert_all(sources, Path(folder) / "pdf", PDF)
        return (*outputs, *((path.name, office.undated(path.read_bytes())) for path in made))


def write_pdf_beside(texts: Sequence[Path]) -> tuple[tuple[Path, ...], str]:
    """A PDF beside each of these Word files, and "" or the sentence that says why there is none. Raises OutputError."""
    try:
        made = with_pdf([(f"{number:06d}.docx", path.read_bytes()) for number, path in enumerate(texts)])[len(texts) :]
    except (office.OfficeMissing, office.OfficeFailed) as error:
        return (), error_sentence(error)
    return tuple(
        write_output(path.with_suffix(f".{PDF}"), content) for path, (_, content) in zip(texts, made, strict=True)
    ), ""
