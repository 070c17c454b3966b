"""What the source documents say is all there, and carried by what exists, or left out for a reason."""

import os
from pathlib import Path

import pytest

from adapter.errors import PackError
from adapter.resources import data_folder
from adapter.rules import Packs, load_packs
from adapter.rules.carriers import known_carriers
from adapter.rules.statements import Book, check_statements, load_statements

ROOT = Path(__file__).parents[2]
MAPPINGS, PROFILES = data_folder("mappings"), data_folder("profiles")
DOCUMENTS = {"PMO": "000", "SKR-FAQ": "001", "HLM-REHAB": "002", "VGG": "003", "VGR-FLK": "004"}
SHARED = Path(os.environ.get("VARDBRO_SHARED", ROOT / "../shared")) / "sources"
BOOK = """\
document: PMO
statements:
  - id: PMO-01
    section: "Hembesök"
    says: "A statement."
    by: [TEST-TYP]
"""


@pytest.fixture(scope="module")
def books() -> tuple[Book, ...]:
    return load_statements(MAPPINGS / "statements")


def _written(tmp_path: Path, text: str) -> tuple[Book, ...]:
    folder = tmp_path / "statements"
    folder.mkdir()
    (folder / "pmo.yaml").write_text(text, "utf-8")
    return load_statements(folder)


def _said(tmp_path: Path, packs: Packs, text: str) -> list[str]:
    return [problem.text for problem in check_statements(_written(tmp_path, text), packs, {"map:there"})]


def test_every_statement_is_carried_or_left_out_and_every_rule_of_a_document_is_named(
    shipped: Packs, books: tuple[Book, ...]
) -> None:
    problems = check_statements(books, shipped, known_carriers(MAPPINGS, PROFILES))
    assert [str(problem) for problem in problems] == []


def test_each_of_the_five_documents_has_its_statements(books: tuple[Book, ...]) -> None:
    assert {book.file.document for book in books} == DOCUMENTS.keys()


def test_what_carries_a_statement_by_our_reading_alone_is_marked_so(
    shipped: Packs, books: tuple[Book, ...]
) -> None:
    for book in books:
        for one in book.file.statements:
            rules = [shipped.catalogue[name] for name in one.by if name in shipped.catalogue]
            newest = [rule for rule in rules if not rule.assumed]
            assert one.assumed or newest or len(rules) < len(one.by) or not one.by, one.id


@pytest.mark.skipif(not SHARED.is_dir(), reason="the source documents are not here (VARDBRO_SHARED)")
@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_sections_of_statements_stand_in_their_document(books: tuple[Book, ...], document: str) -> None:
    (file,) = SHARED.glob(DOCUMENTS[document] + "_*.txt")
    text = " ".join(file.read_text("utf-8").split())
    (book,) = [book for book in books if book.file.document == document]
    sections = {one.section.split(":")[0].split(" (")[0] for one in book.file.statements}
    assert {section for section in sections if section not in text} == set()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the source documents are not here (VARDBRO_SHARED)")
@pytest.mark.parametrize("document", DOCUMENTS)
def test_statements_are_in_our_own_words(books: tuple[Book, ...], document: str) -> None:
    (file,) = SHARED.glob(DOCUMENTS[document] + "_*.txt")
    text = " ".join(file.read_text("utf-8").split()).lower()
    (book,) = [book for book in books if book.file.document == document]
    for one in book.file.statements:
        assert not _runs_of(one.says, text), one.id


@pytest.mark.skipif(not SHARED.is_dir(), reason="the source documents are not here (VARDBRO_SHARED)")
def test_rules_are_in_our_own_words(shipped: Packs) -> None:
    text = " ".join(
        " ".join(file.read_text("utf-8").split()).lower() for file in sorted(SHARED.glob("00*.txt"))
    )
    for edition in (
        shipped.catalogue,
        *(one.catalogue for all_ in shipped.editions.values() for one in all_),
    ):
        for name, rule in edition.items():
            assert not _runs_of(rule.text.sv, text), name


def _runs_of(said: str, text: str, length: int = 7) -> list[str]:
    """Runs of so many words that stand in the text as they do here."""
    words = said.lower().rstrip(".").split()
    runs = (" ".join(words[at : at + length]) for at in range(len(words) - length + 1))
    return [run for run in runs if run in text]


def test_a_sound_book_has_no_problem(tmp_path: Path, pack: str, common: str) -> None:
    packs = _packs(tmp_path, pack, common)
    assert _said(tmp_path, packs, BOOK) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("[TEST-TYP]", "[TEST-TYP, NO-SUCH]"), "PMO-01: there is no NO-SUCH"),
        (("[TEST-TYP]", '[TEST-TYP, "map:gone"]'), "PMO-01: there is no map:gone"),
        (
            ("    by: [TEST-TYP]\n", "    by: [TEST-TYP]\n    excluded: Why.\n"),
            "PMO-01: either `by` or `excluded` says what becomes of it",
        ),
        (("    by: [TEST-TYP]\n", ""), "PMO-01: either `by` or `excluded` says what becomes of it"),
        (("id: PMO-01", "id: VGG-01"), "VGG-01: the id begins with the document: PMO-"),
        (
            ("by: [TEST-TYP]", 'by: ["map:there"]'),
            "TEST-TYP: no statement of PMO names this rule",
        ),
    ],
)
def test_a_book_with_a_flaw_is_told_of(
    tmp_path: Path, pack: str, common: str, change: tuple[str, str], problem: str
) -> None:
    assert problem in _said(tmp_path, _packs(tmp_path, pack, common), BOOK.replace(*change))


def test_a_statement_that_stands_twice_is_told_of(tmp_path: Path, pack: str, common: str) -> None:
    twice = BOOK + BOOK.split("statements:\n")[1]
    assert _said(tmp_path, _packs(tmp_path, pack, common), twice) == ["PMO-01: the id stands twice"]


def test_a_member_that_no_statement_has_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"pmo\.yaml:1: .*severity"):
        _written(tmp_path, BOOK + "    severity: error\n")


def _packs(tmp_path: Path, *texts: str) -> Packs:
    folder = tmp_path / "rules"
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text, "utf-8")
    return load_packs(folder)
