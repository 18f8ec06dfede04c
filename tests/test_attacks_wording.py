"""Word files and letter texts that would fill the memory, take for ever, or reach what is not theirs."""

import random
import time
from collections import Counter
from xml.sax.saxutils import escape

import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import CchcError, MailError
from cchc_xl.mail.letters import render
from cchc_xl.word import intake, narrative, summary
from cchc_xl.word.anchors import refresh, verify
from cchc_xl.word.own_words import read_own_words
from cchc_xl.word.package import MOST_TAGS, WordFileError
from cchc_xl.word.tagcheck import BrokenTemplate
from tests.bounded import SECONDS, Bounded
from tests.conftest import SEED
from tests.damage import packed, parts_of
from tests.hostile import mutants
from tests.round_files import EDITION
from tests.rounds import random_round

HEAD = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
END = b"</w:body></w:document>"


@pytest.fixture(scope="module")
def consolidation():
    return random_round(5, 4, own=True)


@pytest.fixture(scope="module")
def template():
    return parts_of(narrative.template_of(EDITION))


@pytest.fixture(scope="module")
def report(consolidation):
    return parts_of(narrative.build(consolidation))


def with_body(parts, body: bytes) -> bytes:
    return packed({**parts, "word/document.xml": HEAD + body + END})


def paragraph(text: str) -> bytes:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'.encode()


# --- the staff's Word templates ---------------------------------------------------------------------------------

LARGE = (
    *("{{ 'a'|center(500000000) }}", "{{ '%500000000d'|format(1) }}", "{{ '%500000000d' % 1 }}"),
    *("{{ '{:>500000000}'.format(1) }}", "{{ 'a'.ljust(500000000) }}", "{{ [1]|map('center', 500000000)|list }}"),
    *("{{ 'a' * 500000000 }}", "{{ 10 ** 9999999 }}", "{{ 'a'|truncate(-1) }}", "{{ 'ab'|replace('', 'xxxxxxxx') }}"),
    *("{% set a = 'xx' ~ 'xx' %}{% set b = a ~ a %}{{ b }}", "{% set a = [1, 1] %}{% set b = [a, a] %}{{ b }}"),
    "{% if 1 %}" * 120 + "{% endif %}" * 120,
    '{% for a in loi("direction") %}' * 4 + "{% endfor %}" * 4,
    "{{ " + "(" * 3_000 + "1" + ")" * 3_000 + " }}",
    "{{ " + "-" * 5_000 + "1 }}",
    "{{ 1" + "+1" * 20_000 + " }}",
    "{{ " + "9" * 5_000 + " }}",
    *("{# " * 60_000, "{{ " * 60_000, "{% " * 60_000),
    *(
        "{{ so }}",
        "{{ loi }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ self }}",
        "{% include '/etc/passwd' %}",
    ),
)


@pytest.mark.parametrize("tags", LARGE, ids=lambda tags: tags[:24])
def test_a_template_that_would_fill_the_memory_is_one_sentence(consolidation, template, tags):
    with Bounded(), pytest.raises(BrokenTemplate) as failed:
        narrative.build(consolidation, template=with_body(template, paragraph(tags)))
    assert "{problem}" not in error_sentence(failed.value) and "đoạn" in error_sentence(failed.value)


@pytest.mark.parametrize(
    "tags",
    [
        "{{ 'a'|upper }}{{ 2 * 3 }}",
        "{% set a = so('1/2.1@whole') %}{{ a }}",
        "{% if 1 == 1 %}{% if so('1/1@n') %}x{% endif %}{% endif %}",
        "{# một {# hai #}",
        '{% for muc in loi("direction") %}{{ loop.index }}{% endfor %}',
        "{{ none }}",
    ],
)
def test_what_staff_may_well_write_is_filled(consolidation, template, tags):
    assert narrative.build(consolidation, template=with_body(template, paragraph(tags)))


@pytest.mark.parametrize("made_by", [narrative, summary], ids=["narrative", "summary"])
def test_damaged_templates_are_filled_or_one_sentence(consolidation, made_by, share):
    content = made_by.template_of(EDITION)
    names = [name for name in parts_of(content) if name.endswith((".xml", ".rels"))]
    package = mutants.Package(content, parts=["word/document.xml"] * 3 * len(names) + names)
    rng, fates = random.Random(SEED), Counter()
    for _ in range(round(400 * share)):
        mutant = package.mutant(rng)
        started = time.process_time()
        try:
            made_by.build(consolidation, template=mutant.content)
            fates["made"] += 1
        except CchcError as error:
            assert error_sentence(error)
            fates["said"] += 1
        assert time.process_time() - started < SECONDS, mutant.what
    assert min(fates["made"], fates["said"]) > 20 * share


def test_a_tag_where_no_text_can_stand_is_said(consolidation, template):
    """The number it gives must not be left out without a word."""
    lost = b'<w:p><w:t>{{ so("1/2.1@whole") }}</w:t></w:p>'
    with pytest.raises(WordFileError):
        narrative.build(consolidation, template=with_body(template, lost))
    bare = {name: body for name, body in template.items() if name != "[Content_Types].xml"}
    with pytest.raises(WordFileError):
        narrative.build(consolidation, template=packed(bare))


# --- letters ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{% if don_vi %}" * 150 + "{% endif %}" * 150,
        "{{ " + "(" * 4_000 + "don_vi" + ")" * 4_000 + " }}",
        "{{ " + "not " * 5_000 + "don_vi }}",
        "{{ 1 " + "and 1 " * 20_000 + " }}",
        "{{ " + "9" * 5_000 + " }}",
        "{{ 1 < 'a' }}",
        "{% if don_vi > 1 %}x{% endif %}",
        "{{ " * 60_000,
        "{# " * 60_000,
    ],
    ids=lambda text: text[:20],
)
def test_a_letter_that_can_not_be_filled_names_its_line(text):
    with Bounded(), pytest.raises(MailError) as failed:
        render("issue", {"don_vi": "A"}, f"Tiêu đề\n{text}")
    assert error_sentence(failed.value).startswith("issue.txt, dòng 2: thẻ ")


PIECES = (
    *(
        "{{ don_vi }}",
        "{{ han }}",
        "{% if han %}",
        "{% else %}",
        "{% endif %}",
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "'",
    ),
    *(
        " == ",
        " and ",
        " not ",
        "(",
        ")",
        "1",
        "\n",
        "\r\n",
        "chữ ",
        "\u202e",
        "\x00",
        "|upper",
        ".x",
        "[0]",
        "{{ range(9) }}",
    ),
)


def test_letters_of_any_pieces_are_filled_or_name_their_line(share):
    rng, fates = random.Random(SEED), Counter()
    for _ in range(round(10_000 * share)):
        text = "Tiêu đề\n" + "".join(rng.choice(PIECES) for _ in range(rng.randrange(9)))
        try:
            subject, body = render("issue", {"don_vi": "{{ 7*7 }}", "han": "a\nb"}, text)
            assert "49" not in body and len(subject.splitlines()) <= 1
            fates["made"] += 1
        except MailError as error:
            assert " dòng " in error_sentence(error)
            fates["said"] += 1
    assert min(fates["made"], fates["said"]) > 100 * share


def test_a_letter_with_a_few_conditions_is_filled():
    text = "x\n" + "{% if don_vi == 'A' %}" * 8 + "đây" + "{% endif %}" * 8
    assert render("issue", {"don_vi": "A"}, text)[1] == "đây\n"


# --- Word files from outside ------------------------------------------------------------------------------------

UNITS = {
    "paragraphs": b"<w:p/>",
    "texts": b"<w:p><w:r><w:t>1</w:t></w:r></w:p>",
    "attributes": b'<w:p a="1"/>',
    "tables": b"<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>",
    "controls": b'<w:sdt><w:sdtPr><w:tag w:val="1/1@whole"/></w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>',
}


def readers(consolidation):
    return (
        lambda content: intake.read_report(content, EDITION),
        lambda content: verify(content, consolidation.figures, EDITION),
        lambda content: refresh(content, consolidation.figures, EDITION),
    )


@pytest.mark.parametrize("unit", UNITS)
def test_a_small_word_file_of_a_million_parts_is_refused_before_it_is_taken_apart(consolidation, report, unit):
    bomb = with_body(report, UNITS[unit] * (MOST_TAGS // UNITS[unit].count(b"<") + 1))
    assert len(bomb) < 200_000
    for read in readers(consolidation):
        with Bounded(), pytest.raises(WordFileError):
            read(bomb)
    with Bounded():
        assert read_own_words(bomb, "a.docx", EDITION).problem


ENDLESS = (
    "1",
    "1 ",
    "1,",
    "1.",
    "(",
    "a",
    " ",
    "- ",
    "I. ",
    "....",
    "ngày 1 tháng ",
    "tỷ lệ 1% ",
    "xã Đại Sơn, ",
    "{{ ",
    "\u2028",
)


@pytest.mark.parametrize("said", ENDLESS)
def test_one_endless_paragraph_takes_no_time(consolidation, report, said):
    content = with_body(report, paragraph(said * (150_000 // len(said))))
    for read in readers(consolidation):
        with Bounded():
            try:
                read(content)
            except CchcError as error:
                assert error_sentence(error)
    with Bounded():
        read_own_words(content, "a.docx", EDITION)
