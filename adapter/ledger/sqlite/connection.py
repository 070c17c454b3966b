"""Connections to the embedded store."""

import sqlite3
from collections.abc import Hashable, Iterable, Sequence
from typing import Any


class SqliteConnection(sqlite3.Connection):
    """Implements Database. Only one writes, so that it needs no locks and no numbers of transactions."""

    for_update = ""
    skip_locked = ""
    transaction = "0"
    living = "1 = 1"
    horizon = "1"
    strand = 0

    def __init__(self, *given: object, **options: object) -> None:
        super().__init__(*given, **options)  # type: ignore[arg-type]
        self._ids: dict[str, int] = {}

    def later(self, table: str, statement: str, values: Sequence[Any], /, *about: Hashable) -> None:  # noqa: ARG002
        """Write at once: to wait would gain nothing."""
        self.execute(statement, values)

    def find(self, statement: str, values: Sequence[Any], /, *about: Hashable) -> sqlite3.Cursor:  # noqa: ARG002
        """Read."""
        return self.execute(statement, values)

    def next_id(self, table: str) -> int:
        """One more than the table's highest number; a gap after a roll-back does not matter."""
        last = self._ids.get(table)
        if last is None:
            last = self.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchone()[0]
        self._ids[table] = last + 1
        return last + 1

    def lock_events(self, event_ids: Iterable[str]) -> None:
        """There is nobody else."""


def connect(path: str, *, read_only: bool = False) -> SqliteConnection:
    """A connection as the ledger uses them: explicit transactions, durable at each commit."""
    mode = "ro" if read_only else "rw"
    db = sqlite3.connect(
        f"file:{path}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        factory=SqliteConnection,
    )
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA cache_size = -32000")
    if read_only:
        db.execute("PRAGMA query_only = ON")
        return db
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA wal_autocheckpoint = 2000")
    db.execute("PRAGMA journal_size_limit = 67108864")
    return db
