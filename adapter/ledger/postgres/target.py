"""A database that a ledger is copied into: empty before, whole or empty afterwards."""

from collections.abc import Iterable

from adapter.errors import ConfigurationError, LedgerInUse, LedgerUnavailable
from adapter.ledger.postgres import condition
from adapter.ledger.postgres.access import shown
from adapter.ledger.postgres.connection import STRANDS, PostgresConnection, take_strand
from adapter.ledger.postgres.migrate import migrate
from adapter.ledger.postgres.numbers import raise_numbers
from adapter.ledger.sql.database import Row
from adapter.ledger.sql.session import SqlSession
from adapter.ledger.sql.tables import TABLES, Table

PATIENCE = "10s"
"""How long to wait for tables that somebody else uses."""

_NEEDED = frozenset({"server", "primary", "encoding", "standby"})
"""What must be well with the server before anything is written to it."""

_AT_WORK = (
    "SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE l.locktype = 'advisory'"
    " AND l.classid = %s::bigint::oid AND l.pid <> pg_backend_pid() AND d.datname = current_database()"
)


class PostgresTarget:
    """Implements Target."""

    def __init__(self, db: PostgresConnection, url: str) -> None:
        self.db = db
        self.name = shown(url)

    def begin(self) -> None:
        """Make the tables, begin the transaction, and keep everybody else out until its end.

        A service that starts meanwhile waits where it reads the schema's version. Raises ConfigurationError
        for a server that does not do, LedgerInUse while services have the database open.
        """
        for remark in condition.server(self.db):
            if remark.name in _NEEDED and not remark.ok:
                raise ConfigurationError(f"{self.name}: {remark.name}: {remark.says}", remark.mend)
        migrate(self.db)
        self.db.raw.execute(f"SET lock_timeout = '{PATIENCE}'".encode())
        self.db.begin()
        self.db.raw.execute("LOCK TABLE schema_version IN ACCESS EXCLUSIVE MODE")
        names = ", ".join(table.name for table in TABLES)
        self.db.raw.execute(f"LOCK TABLE {names}, strands IN EXCLUSIVE MODE".encode())
        self._refuse_services()

    def load(self, table: Table, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        """Write rows."""
        types = self._types(table)
        names = ", ".join(columns)
        with (
            self.db.raw.cursor() as cursor,
            cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)".encode()) as copy,
        ):
            copy.set_types([types[column] for column in columns])
            for row in rows:
                copy.write_row(row)

    def finish(self) -> SqlSession:
        """Let new rows get higher numbers than the copied ones, and give what they are written with."""
        raise_numbers(self.db)
        for table in TABLES:
            self.db.raw.execute(f"ANALYZE {table.name}".encode())
        take_strand(self.db)
        return SqlSession(self.db, lambda: self.db.now, shared=True)

    def commit(self) -> None:
        """Commit. Raises LedgerInUse, LedgerUnavailable when it is not known whether all is safe."""
        self._refuse_services()
        if not self.db.commit():
            raise LedgerUnavailable("the standby did not confirm the copy", "Run the same command again.")

    def _refuse_services(self) -> None:
        row = self.db.raw.execute(_AT_WORK, (STRANDS,)).fetchone()
        if row is not None and row[0]:
            raise LedgerInUse(
                f"services have {self.name} open", "Stop them (`vardbro serve`, `vardbro work`), then copy."
            )

    def _types(self, table: Table) -> dict[str, str]:
        """The type of each column."""
        found = self.db.raw.execute(
            "SELECT attname, atttypid::regtype::text FROM pg_attribute"
            " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
            (table.name,),
        )
        return dict(found.fetchall())
