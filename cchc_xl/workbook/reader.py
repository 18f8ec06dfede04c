"""Reading what comes back: a unit's workbook, or a master, becomes submissions. Nothing a file holds raises."""

from pathlib import Path

from cchc_xl.collector import without_collector
from cchc_xl.editions.catalogue import words
from cchc_xl.errors import problem_of
from cchc_xl.files import sha256_of
from cchc_xl.model import Cell, Edition, Entry, Finding, Roster, Severity, Submission
from cchc_xl.workbook.incoming import side_sheets
from cchc_xl.workbook.incoming.answers import answer, blank_state, chosen, heading
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.formula_cells import read_formulas
from cchc_xl.workbook.incoming.identity import Identity, carried, edition_of, identify
from cchc_xl.workbook.incoming.isolated import is_possible
from cchc_xl.workbook.incoming.kinds import LEGACY, OPEN_DOCUMENT, READABLE, READABLE_ELSEWHERE, kind_of
from cchc_xl.workbook.incoming.legacy import ValueBook
from cchc_xl.workbook.incoming.locate import Located, locate
from cchc_xl.workbook.incoming.ods_in import OdsBook
from cchc_xl.workbook.incoming.on_disk import content_of
from cchc_xl.workbook.incoming.package import MASTER_LIMITS, UNFORESEEN, Limits, Refused, broken
from cchc_xl.workbook.incoming.source_rows import has_sources, is_master, read_sources
from cchc_xl.workbook.layout import KIND_NAME, MASTER_KIND, UPWARD_KIND
from cchc_xl.workbook.official.remaining import answered_by_mark
from cchc_xl.zips import Listing, listing_if_any

_SUFFIXES = {".xlsx": "xlsx", ".xltx": "xlsx", ".xlsm": "xlsm", ".xltm": "xlsm"}
_OWNER_MARK = "~$"

AnyBook = Book | ValueBook | OdsBook


def read_file(
    path: Path, *, file: str | None = None, roster: Roster | None = None, edition: Edition | None = None
) -> tuple[Submission, ...]:
    """As ``read``, from disk. ``file``: the name to report, the path as given when None."""
    name = str(path) if file is None else file
    try:
        content = content_of(path)
    except Refused as refusal:
        return (_refused(name, "", refusal),)
    except (FileNotFoundError, ValueError):  # ValueError: a name that no file can have
        return (_refused(name, "", Refused("file-missing")),)
    except OSError as error:
        return (_refused(name, "", Refused("file-unreadable", problem=problem_of(error))),)
    return read(content, file=name, roster=roster, edition=edition)


def read(
    content: bytes, *, file: str, roster: Roster | None = None, edition: Edition | None = None
) -> tuple[Submission, ...]:
    """What a file says, as submissions: one for a unit's workbook (also when it is refused), one a unit for a master.

    ``edition``: read by this one where the file names none, or the same. Raises nothing for what the file contains.
    """
    sha256 = sha256_of(content)
    with without_collector():
        return _read_or_refuse(content, file, sha256, roster, edition)


def _read_or_refuse(
    content: bytes, file: str, sha256: str, roster: Roster | None, edition: Edition | None
) -> tuple[Submission, ...]:
    try:
        listing = listing_if_any(content)
        kind = _kind(content, file, listing)
        return _read(_book(kind, content, edition, listing), file, sha256, roster, edition)
    except Refused as refusal:
        return (_refused(file, sha256, refusal),)
    except UNFORESEEN:  # one file never stops the others of a round
        return (_refused(file, sha256, broken("unforeseen")),)


def _book(kind: str, content: bytes, edition: Edition | None, listing: Listing | None) -> AnyBook:
    if kind in READABLE_ELSEWHERE:
        return ValueBook(content, Limits())
    return OdsBook(content, Limits()) if kind == OPEN_DOCUMENT else _opened(content, edition, listing)


def _opened(content: bytes, wanted: Edition | None, listing: Listing | None) -> Book:
    """A master may be larger than a unit's workbook; that a file calls itself one is not enough."""
    try:
        book = Book(content, Limits(), listing)
    except Refused as refusal:
        if refusal.finding != "file-too-large":
            raise
        book = Book(content, MASTER_LIMITS, listing)
        if not _is_whole_master(book, wanted):
            raise
        return book
    return Book(content, MASTER_LIMITS, listing) if _is_whole_master(book, wanted) else book


def _is_whole_master(book: Book, wanted: Edition | None) -> bool:
    if book.properties.get(KIND_NAME) != MASTER_KIND:
        return False
    return has_sources(book, edition_of(carried(book), wanted)[0])


def _refused(file: str, sha256: str, refusal: Refused) -> Submission:
    args = {"file": file, **refusal.arguments}
    finding = Finding(id=refusal.finding, severity=Severity.ERROR, args=args)
    return Submission(file=file, sha256=sha256, refused=True, findings=(finding,))


def _kind(content: bytes, file: str, listing: Listing | None) -> str:
    """What the file is. Each kind that can't be read has its own sentence. Raises Refused."""
    if _base_name(file).startswith(_OWNER_MARK):
        raise Refused("file-owner")
    kind = kind_of(content, listing)
    if kind in (*READABLE, OPEN_DOCUMENT, *READABLE_ELSEWHERE) and (kind != "xls" or is_possible()):
        return kind
    if kind in ("empty", "encrypted", "html"):
        raise Refused(f"file-{kind}")
    if kind in ("broken-zip", "front"):
        raise Refused("file-broken", problem=words("reader")["problems"]["front" if kind == "front" else "zip"])
    word = words("reader")["kinds"][kind]
    raise Refused("file-legacy" if kind in LEGACY else "file-wrong-kind", kind=word)


def _base_name(file: str) -> str:
    return file.replace("\\", "/").rpartition("/")[2]


def _read(book: Book, file: str, sha256: str, roster: Roster | None, wanted: Edition | None) -> tuple[Submission, ...]:
    said = carried(book)
    edition, doubts = edition_of(said, wanted)
    if is_master(book, edition):
        identity = identify(said, {}, edition, None)
        found = read_sources(book, edition, identity, file, sha256)
        if not found:
            raise Refused("file-not-official")
        return found
    about = side_sheets.about(book)
    identity = identify(said, about, edition, roster)
    if _is_result_of(book, identity, roster):
        raise Refused("file-own-result", unit=identity.unit.name if identity.unit else "")
    located = locate(book, edition)
    if not any(located.spots.values()):
        raise Refused("file-not-official")
    entries, findings = _entries(book, edition, identity, located)
    explanations = side_sheets.explanations(book)  # before the look at the file as a whole, which spares sheets read
    submission = Submission(
        file=file,
        sha256=sha256,
        edition=edition.id,
        period=identity.period,
        unit=identity.unit,
        level=identity.level,
        entries=entries,
        findings=(*_about_file(book, file), *doubts, *identity.findings, *located.findings, *findings),
        explanations=explanations,
        words=side_sheets.report_words(book, edition),
        about=about,
        documents=side_sheets.documents(book),
    )
    return (submission,)


def _is_result_of(book: AnyBook, identity: Identity, roster: Roster | None) -> bool:
    """The copy sent up comes back to those who made it: counted as their own part, every number would count twice."""
    owner = roster.consolidating if roster else None
    if owner is None or identity.unit is None or book.properties.get(KIND_NAME) != UPWARD_KIND:
        return False
    return identity.unit.code == owner.code


def _entries(
    book: Book, edition: Edition, identity: Identity, located: Located
) -> tuple[dict[str, Entry], tuple[Finding, ...]]:
    """Answers first, then the formula cells, which are recomputed from them; in the order of the edition."""
    entries: dict[str, Entry] = {}
    findings: list[Finding] = []
    for key, indicator in edition.by_key.items():
        spots, level = located.spots[key], identity.level
        if indicator.cell is Cell.FORMULA:
            continue
        if not spots:
            entries[key] = Entry(key=key, state=blank_state(indicator, level))
            continue
        if indicator.has_cell:
            answers = [answer(spot, indicator, book, level) for spot in spots]
            read = answers[0] if len(answers) == 1 else chosen(tuple(answers))
        else:
            read = heading(spots[0], indicator, level)
        entries[key] = read.entry
        findings += read.findings
    entries |= answered_by_mark(edition, identity.level, located.spots, entries)
    findings += read_formulas(book, edition, identity.level, located.spots, entries)
    order = {key: number for number, key in enumerate(edition.by_key)}
    ordered = sorted(findings, key=lambda finding: order.get(finding.key or "", len(order)))
    return {key: entries[key] for key in edition.by_key}, tuple(ordered)


def _about_file(book: Book, file: str) -> tuple[Finding, ...]:
    """Notes on the file as a whole: a suffix that lies, content that no form of ours has."""
    found: list[Finding] = []
    if not book.formulas_known:
        found.append(Finding(id="formula-unknown", severity=Severity.NOTE))
    suffix = "." + _base_name(file).rpartition(".")[2].lower()
    if book.formulas_known and suffix not in _SUFFIXES:
        kind = words("reader")["kinds"]["xlsx"]
        found.append(Finding(id="file-suffix", severity=Severity.NOTE, args={"file": file, "kind": kind}))
    active = book.active()
    if active:
        what = tuple(words("reader")["active"][word] for word in active)
        found.append(Finding(id="file-active", severity=Severity.NOTE, args={"what": what}))
    return tuple(found)
