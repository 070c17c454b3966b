"""The rows of one store to another, table by table, compared when they have arrived."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec

from adapter.errors import LedgerUnavailable
from adapter.ledger.checking import Progress
from adapter.ledger.sql.database import Database, Row
from adapter.ledger.sql.session import SqlSession
from adapter.ledger.sql.tables import TABLES, Table, columns_of, pages

_encode = msgspec.msgpack.Encoder().encode


class Target(Protocol):
    """Where a ledger is copied to. `name` is its place, without user and password."""

    name: str

    @property
    def db(self) -> Database:
        """The connection that writes, and reads what it has written."""
        ...

    def begin(self) -> None:
        """Make the tables, begin the transaction, and keep everybody else out until its end."""
        ...

    def load(self, table: Table, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        """Write rows."""
        ...

    def finish(self) -> SqlSession:
        """Do what is to be done when all rows are there, and give what further ones are written with."""
        ...

    def commit(self) -> None:
        """Commit."""
        ...


class Digest:
    """How many rows passed and, in whatever order they came, what they held: the sum of their hashes."""

    def __init__(self) -> None:
        self.rows = 0
        self.hash = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Digest) and (self.rows, self.hash) == (other.rows, other.hash)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def add(self, row: Row) -> None:
        """One row more. 1 and 1.0 are not the same, nor are a text and its bytes."""
        hashed = hashlib.blake2b(_encode(row), digest_size=16).digest()
        self.rows += 1
        self.hash = (self.hash + int.from_bytes(hashed, "big")) % (1 << 128)


class Transfer:
    """Copies what `source` holds (`rows` of each table) to `target`."""

    def __init__(self, source: Database, target: Target, rows: dict[str, int], progress: Progress) -> None:
        self._source = source
        self._target = target
        self._progress = progress
        self._done, self._of = 0, 2 * sum(rows.values())

    def run(self) -> None:
        """Copy and compare every table. Raises LedgerUnavailable when something has not arrived as it was."""
        for table in TABLES:
            self._copy(table)

    def _copy(self, table: Table) -> None:
        columns = columns_of(self._source, table)
        if set(columns) != set(columns_of(self._target.db, table)):
            raise LedgerUnavailable(f"table {table.name} has other columns in the target", "Report it.")
        sent, arrived = Digest(), Digest()
        self._target.load(table, columns, self._passing(self._source, table, columns, sent))
        for _ in self._passing(self._target.db, table, columns, arrived):
            pass
        if sent != arrived:
            raise LedgerUnavailable(
                f"table {table.name} has not arrived as it was: {sent.rows} rows were sent,"
                f" {arrived.rows} are there",
                "Nothing was kept of it. Report it.",
            )

    def _passing(self, db: Database, table: Table, columns: tuple[str, ...], digest: Digest) -> Iterator[Row]:
        for page in pages(db, table, columns):
            for row in page:
                digest.add(row)
                yield row
            self._done += len(page)
            self._progress("copy", self._done, self._of)
