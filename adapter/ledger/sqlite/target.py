"""A file that a ledger is copied into: empty before, whole or empty afterwards."""

from collections.abc import Iterable
from pathlib import Path

from adapter.ledger.clock import SteadyClock
from adapter.ledger.sql.database import Row
from adapter.ledger.sql.session import SqlSession
from adapter.ledger.sql.tables import Table
from adapter.ledger.sqlite.connection import SqliteConnection
from adapter.ledger.sqlite.migrate import migrate
from adapter.ledger.sqlite.moved import refuse_moved


class SqliteTarget:
    """Implements Target. The file is held by whoever made the connection."""

    def __init__(self, db: SqliteConnection, path: Path) -> None:
        self.db = db
        self.name = f"sqlite:///{path}"
        self._path = path

    def begin(self) -> None:
        """Make the tables and begin the transaction."""
        refuse_moved(self._path)
        migrate(self.db)
        self.db.execute("BEGIN IMMEDIATE")

    def load(self, table: Table, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        """Write rows."""
        marks = ", ".join("?" * len(columns))
        self.db.executemany(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})", rows)

    def finish(self) -> SqlSession:
        """Give what further rows are written with; their numbers follow from those that are there."""
        return SqlSession(self.db, SteadyClock(), shared=False)

    def commit(self) -> None:
        """Commit."""
        self.db.execute("COMMIT")
