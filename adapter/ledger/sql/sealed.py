"""Whether stored payloads can still be opened: all of them, or some from all over each table."""

from collections.abc import Iterator

from adapter.ledger.envelope import EnvelopeError, open_envelope
from adapter.ledger.sql.database import Database, Row
from adapter.ledger.sql.soundness import MOST, Fault
from adapter.ledger.sql.tables import TABLES, Table, pages

SAMPLE = 200
"""Rows of each table that are opened when not all are."""

DEEP_PAGE = 100
"""Rows with all their payloads that are in the memory at once."""

_MEND = "The row is damaged on disk, or a newer version has written it: restore it from a backup."

SEALED = tuple(table for table in TABLES if table.sealed)


def unopened(db: Database, table: Table, *, deep: bool) -> list[Fault]:
    """The rows of which a payload cannot be opened, `MOST` at most. `deep`: all rows are looked at."""
    names = ("sender", "register") if table.name == "cutovers" else table.key
    columns = (*names, *table.sealed)
    found: list[Fault] = []
    for row in _all(db, table, columns) if deep else _some(db, table, columns):
        number = row[0] if len(names) == 1 else " ".join(map(str, row[: len(names)]))
        for column, sealed in zip(table.sealed, row[len(names) :], strict=True):
            if not _opens(sealed):
                found.append(Fault(table.name, number, f"column {column} cannot be opened", _MEND))
        if len(found) >= MOST:
            break
    return found


def _opens(sealed: object) -> bool:
    if sealed is None:
        return True
    try:
        open_envelope(bytes(sealed))  # type: ignore[call-overload]
    except EnvelopeError:
        return False
    return True


def _all(db: Database, table: Table, columns: tuple[str, ...]) -> Iterator[Row]:
    for page in pages(db, table, columns, DEEP_PAGE):
        yield from page


def _some(db: Database, table: Table, columns: tuple[str, ...]) -> Iterator[Row]:
    """Rows at even distances by number; of a table without numbers its first ones."""
    first = table.key[0]
    low, high = db.execute(f"SELECT MIN({first}), MAX({first}) FROM {table.name}").fetchone()
    if not isinstance(low, int):
        yield from next(pages(db, table, columns, SAMPLE), [])
        return
    chosen = f"SELECT {', '.join((*columns, first))} FROM {table.name}"
    last = None
    for at in sorted({*range(low, high + 1, max(1, (high - low) // SAMPLE)), high}):
        row: Row = db.execute(f"{chosen} WHERE {first} >= ? ORDER BY {first} LIMIT 1", (at,)).fetchone()
        if row[-1] != last:
            last = row[-1]
            yield row[:-1]
