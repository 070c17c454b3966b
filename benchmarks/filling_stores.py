"""The stores that are filled: how a million rows get into each, and the words in which they differ."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Protocol

import psycopg

_TABLES = (
    "receipts", "events", "event_versions", "lanes", "messages", "payloads", "attempts", "changes", "audit",
)  # fmt: skip
_NUMBERED = ("receipts", "event_versions", "lanes", "messages", "attempts", "changes", "notices")
_MIX = 2654435761


class Filling(Protocol):
    """A connection to a ledger whose tables are there and empty, and which nobody else has open."""

    def run(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Run a statement with `?` marks."""
        ...

    def hash(self, number: str) -> str:
        """Eight hexadecimal digits that look like chance, from a number's expression."""
        ...

    def date(self, seconds: str) -> str:
        """YYYY-MM-DD, from an expression of seconds since 1970."""
        ...

    def series(self, first: int, last: int) -> tuple[str, str]:
        """What goes before SELECT, and a table with a column ``i`` from first to last."""
        ...

    def indexes(self) -> list[tuple[str, str]]:
        """Name and definition of each index that can be made afterwards, which is faster."""
        ...

    def finish(self, messages: int) -> None:
        """Bring the store into the state of one that has been in use, and let go of it."""
        ...


class SqliteFilling:
    """Fills a file."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in (
            "journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -4000000",
            "temp_store = MEMORY", "foreign_keys = OFF",
        ):  # fmt: skip
            self._db.execute(f"PRAGMA {pragma}")

    def run(self, statement: str, values: Sequence[Any] = ()) -> None:
        self._db.execute(statement, values)

    def hash(self, number: str) -> str:
        return f"printf('%08x', ({number}) * {_MIX} & 4294967295)"

    def date(self, seconds: str) -> str:
        return f"strftime('%Y-%m-%d', {seconds}, 'unixepoch')"

    def series(self, first: int, last: int) -> tuple[str, str]:
        recursion = f"SELECT {first} UNION ALL SELECT i + 1 FROM series WHERE i < {last}"
        return f"WITH RECURSIVE series (i) AS ({recursion})", "series"

    def indexes(self) -> list[tuple[str, str]]:
        marks = ", ".join("?" * len(_TABLES))
        return self._db.execute(
            "SELECT name, sql FROM sqlite_master"
            f" WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
            _TABLES,
        ).fetchall()

    def finish(self, messages: int) -> None:
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()


class PostgresFilling:
    """Fills a database. Its user must be a superuser: references are not looked up."""

    def __init__(self, url: str) -> None:
        self._db = psycopg.connect(url, autocommit=True)
        for setting in (
            "session_replication_role = replica", "synchronous_commit = off", "maintenance_work_mem = '1GB'",
        ):  # fmt: skip
            self._db.execute(f"SET {setting}")

    def run(self, statement: str, values: Sequence[Any] = ()) -> None:
        if values:
            statement = statement.replace("%", "%%").replace("?", "%s")
        self._db.execute(statement, values or None)

    def hash(self, number: str) -> str:
        return f"lpad(to_hex(({number})::bigint * {_MIX} & 4294967295), 8, '0')"

    def date(self, seconds: str) -> str:
        return f"to_char(to_timestamp({seconds}) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"

    def series(self, first: int, last: int) -> tuple[str, str]:
        return "", f"generate_series({first}, {last}) AS series (i)"

    def indexes(self) -> list[tuple[str, str]]:
        return self._db.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s)"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            (list(_TABLES),),
        ).fetchall()

    def finish(self, messages: int) -> None:
        """Numbers go on after those that were given; the planner knows the tables, as it does after use."""
        for table in _NUMBERED:
            self._db.execute(f"SELECT setval('ids_{table}', {messages + 1})")
        self._db.execute("VACUUM ANALYZE")
        self._db.execute("CHECKPOINT")
        self._db.close()
