"""Every table of the ledger with its key, in an order in which no row comes before one that it refers to."""

from collections.abc import Iterator

import msgspec

from adapter.ledger.sql.database import Database, Row

PAGE = 1000
"""Rows that are read at a time."""


class Table(msgspec.Struct, frozen=True):
    """`key` are the columns of its primary key, `sealed` those that hold envelopes."""

    name: str
    key: tuple[str, ...] = ("id",)
    sealed: tuple[str, ...] = ()


TABLES = (
    Table("receipts", sealed=("payload", "answer")),
    Table("events", ("event_id",), ("met",)),
    Table("message_ids", ("sender", "bundle")),
    Table("event_versions"),
    Table("lanes"),
    Table("messages"),
    Table("payloads", ("message_id",), ("body", "trace", "findings")),
    Table("renderings", ("message_id", "n"), ("body", "trace", "findings")),
    Table("attempts", sealed=("request", "answer")),
    Table("gates", ("register",)),
    Table("notices"),
    Table("tallies", ("what", "register", "state", "strand")),
    Table("audit"),
    Table("pulses", ("strand",)),
    Table("changes"),
    Table("hooks", ("name",)),
    Table("replays"),
    Table("replay_items", ("replay_id", "n")),
    Table("edits", sealed=("payload", "difference")),
    Table("cutovers", ("sender", "identifier", "register"), ("reported",)),
    Table("referrals", ("sender", "contact", "visit"), ("facts",)),
    Table("sealing_keys", ("key_id",)),
    Table("suggestions", ("contact", "visit")),
    Table("secrets", ("name",), ("secret",)),
    Table("in_use", ("what",)),
    Table("assertions", ("name",)),
)


def columns_of(db: Database, table: Table) -> tuple[str, ...]:
    """The names of a table's columns, in their order in this store."""
    return tuple(column[0] for column in db.execute(f"SELECT * FROM {table.name} LIMIT 0").description)


def count(db: Database, table: Table) -> int:
    """How many rows a table has."""
    return int(db.execute(f"SELECT COUNT(*) FROM {table.name}").fetchone()[0])


def pages(db: Database, table: Table, columns: tuple[str, ...], size: int = PAGE) -> Iterator[list[Row]]:
    """All rows in the order of their key, page by page, so that no table has to fit into the memory."""
    key, width = ", ".join(table.key), len(columns)
    chosen = f"SELECT {', '.join((*columns, *table.key))} FROM {table.name}"
    page: list[Row] = db.execute(f"{chosen} ORDER BY {key} LIMIT ?", (size,)).fetchall()
    while page:
        yield [row[:width] for row in page]
        if len(page) < size:
            return
        page = _after(db, table, chosen, page[-1][width:], size)


def _after(db: Database, table: Table, chosen: str, last: Row, size: int) -> list[Row]:
    """The rows that follow on a key: those that share all but its end first, each found by the index.

    (To compare whole keys would be shorter, but SQLite looks up no more than their first column then.)
    """
    found: list[Row] = []
    for depth in reversed(range(len(table.key))):
        same = [f"{column} = ?" for column in table.key[:depth]]
        where = " AND ".join([*same, f"{table.key[depth]} > ?"])
        found += db.execute(
            f"{chosen} WHERE {where} ORDER BY {', '.join(table.key)} LIMIT ?",
            (*last[: depth + 1], size - len(found)),
        ).fetchall()
        if len(found) == size:
            break
    return found
