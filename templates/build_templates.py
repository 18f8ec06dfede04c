"""Build everything in this folder from the edition data. Run: ``python templates/build_templates.py``."""

from collections.abc import Iterator
from pathlib import Path

from cchc_xl.editions.load import load, shipped_editions
from cchc_xl.files import write_atomic
from cchc_xl.word.official import narrative_template
from cchc_xl.word.summary_paper import summary_template
from cchc_xl.workbook import edition_book, roster_book, template

HERE = Path(__file__).parent


def products() -> Iterator[tuple[Path, bytes]]:
    """(path, content) of every built product; the same data give the same bytes."""
    for name in shipped_editions():
        edition = load(name)
        yield HERE / name / "bieu-mau.xlsx", template.build(edition)
        yield HERE / name / "danh-sach-don-vi.xlsx", roster_book.build(edition)
        yield HERE / name / "bo-bieu-mau.xlsx", edition_book.export(edition)
        yield HERE / name / "bao-cao-tong-hop.docx", narrative_template(edition)
        yield HERE / name / "tom-tat.docx", summary_template()


def main() -> None:
    for path, content in products():
        write_atomic(path, content)


if __name__ == "__main__":
    main()
