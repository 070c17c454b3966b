"""What the source documents say about reporting, statement by statement, and what carries each of them.

A statement is one demand or definition of a document, in our own words. It is carried by rules and maps, or
left out for a reason; the check finds what is carried by nothing, and rules whose document has no statement
for them.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from adapter.errors import PackError
from adapter.rules.editions import Packs
from adapter.rules.pack import Words
from adapter.rules.problem import PackProblem, Problem
from adapter.rules.yaml_source import YamlSource, read_yaml

MAP = "map:"
"""Begins the name of a concept map or table among what carries a statement: ``map:snomed-kva``."""

FIELD = "field:"
"""Begins a member of a register's message: ``field:gvr-vardkontakt:vardgivare``."""

StatementId = Annotated[str, Meta(pattern=r"^[A-Z]+(-[A-Z]+)?-[0-9]{2,3}$")]
Carrier = Annotated[str, Meta(pattern=r"^([A-Z][A-Z0-9]*(-[A-Z0-9]+)+|(map|field):\S+)$", max_length=120)]


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One statement: where it stands, what it says, and what becomes of it.

    `by` names rules (``PASIS-KOMMENTAR``), concept maps (``map:...``) and fields (``field:...``) that carry
    it, `excluded` is the reason why nothing does; one of the two is given. `assumed`: what carries it is our
    reading of it.
    """

    id: StatementId
    section: Words
    says: Words
    by: tuple[Carrier, ...] = ()
    excluded: Words | None = None
    assumed: bool = False


class StatementFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The statements of one document, by its short name (docs/reference/sources)."""

    document: Words
    statements: Annotated[tuple[Statement, ...], Meta(min_length=1)]


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """One file of statements with its place for each."""

    source: YamlSource
    file: StatementFile

    def problem(self, number: int, text: str) -> Problem:
        """A problem of statement `number` (from 0)."""
        return self.source.problem(f"{self.file.statements[number].id}: {text}", "statements", number)


def load_statements(folder: Path) -> tuple[Book, ...]:
    """The statements in `folder` (``*.yaml``), a book for each document, in the order of the files' names.

    Raises PackError that names file and line.
    """
    try:
        return tuple(_read(file) for file in sorted(folder.glob("*.yaml")))
    except PackProblem as error:
        raise PackError(str(error.problem)) from None


def check_statements(books: Sequence[Book], packs: Packs, maps: Container[str]) -> list[Problem]:
    """Everything that is wrong: `maps` are the names with ``map:`` and ``field:`` that exist.

    Each statement has carriers that exist, or a reason; each rule that cites one of the documents is named by
    a statement of that document.
    """
    return [
        *_ids(books),
        *(one for book in books for one in _carriers(book, packs, maps)),
        *_left(books, packs),
    ]


def _read(file: Path) -> Book:
    source = read_yaml(file)
    try:
        return Book(source=source, file=msgspec.convert(source.value, StatementFile))
    except msgspec.ValidationError as error:
        raise PackProblem(source.problem(str(error))) from None


def _ids(books: Iterable[Book]) -> Iterator[Problem]:
    taken: set[str] = set()
    for book in books:
        for number, statement in enumerate(book.file.statements):
            if not statement.id.startswith(book.file.document + "-"):
                yield book.problem(number, f"the id begins with the document: {book.file.document}-")
            if statement.id in taken:
                yield book.problem(number, "the id stands twice")
            taken.add(statement.id)


def _carriers(book: Book, packs: Packs, maps: Container[str]) -> Iterator[Problem]:
    for number, statement in enumerate(book.file.statements):
        if bool(statement.by) == (statement.excluded is not None):
            yield book.problem(number, "either `by` or `excluded` says what becomes of it")
        for carrier in statement.by:
            known = carrier in maps if carrier.startswith((MAP, FIELD)) else carrier in packs.catalogue
            if not known:
                yield book.problem(number, f"there is no {carrier}")


def _left(books: Iterable[Book], packs: Packs) -> Iterator[Problem]:
    """Rules that cite a document, and that no statement of it names."""
    named = {(book.file.document, rule) for book in books for one in book.file.statements for rule in one.by}
    documents = {document for document, _ in named}
    seen: set[str] = set()
    for pack in packs.packs:
        for rule in pack.rules:
            document = rule.face.source.document
            if document in documents and (document, rule.face.id) not in named and rule.face.id not in seen:
                seen.add(rule.face.id)
                yield rule.problem(f"{rule.face.id}: no statement of {document} names this rule")
