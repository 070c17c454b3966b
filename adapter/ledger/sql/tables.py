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
    Table("events", ("event_id",)),
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
)


def columns_of(db: Database, table: Table) -> tuple[str, ...]:
    """The names of a table's columns, in their order in this store."""
    return tuple(column[0] for column in db.execute(f"SELECT * FROM {table.name} LIMIT 0").description)


def count(db: Database, table: Table) -> int:
    """How many rows a table has."""
    return int(db.execute(f"SELECT COUNT(*) FROM {table.name}").fetchone()[0])


def pages(db: Database, table: Table, columns: tuple[str, ...], size: int = PAGE) -> Iterator[list[Row]]:
    """All rows in the order of their key, page by page, so that no table has to fit into the memory."""
    key = ", ".join(table.key)
    chosen = f"SELECT {', '.join((*columns, *table.key))} FROM {table.name}"
    after = f"WHERE ({key}) > ({', '.join('?' * len(table.key))})"
    width = len(columns)
    page: list[Row] = db.execute(f"{chosen} ORDER BY {key} LIMIT ?", (size,)).fetchall()
    while page:
        yield [row[:width] for row in page]
        if len(page) < size:
            return
        page = db.execute(f"{chosen} {after} ORDER BY {key} LIMIT ?", (*page[-1][width:], size)).fetchall()
