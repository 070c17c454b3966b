"""Connections to PostgreSQL: how they are made, and the dialect that the tables' statements need."""

import hashlib
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapter.errors import ConfigurationError
from adapter.ledger.postgres import bulk

BLOCK = 64
"""So many numbers of a busy table are taken at a time (migrations/postgres: INCREMENT BY)."""

ONE_BY_ONE = frozenset({"notices", "replays", "edits"})
"""Tables with few rows, whose numbers people read."""

STRANDS = 0x76617264
"""The first key of the advisory locks that strands are held by."""

_DEFAULTS = {
    "application_name": "vardbro",
    "connect_timeout": "5",
    "target_session_attrs": "read-write",
    # A peer that is gone without a word is noticed in half a minute.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
_ORDER = ("receipts", "events", "event_versions", "lanes", "messages", "payloads", "attempts")
WEAK_COMMITS = frozenset({"off", "local"})
"""Settings of synchronous_commit with which a commit is confirmed before it is safe."""


class PostgresConnection:
    """Implements Database. A connection that writes holds a strand for as long as it lives."""

    for_update = " FOR UPDATE"
    skip_locked = " FOR UPDATE SKIP LOCKED"
    transaction = "pg_current_xact_id()::text::bigint"
    living = (
        "split_part(owner, '/', 1) IN (SELECT objid::bigint::text FROM pg_locks WHERE locktype = 'advisory'"
        f" AND classid = {STRANDS} AND objsubid = 2 AND granted AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    horizon = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"

    def __init__(self, connection: "psycopg.Connection[Any]", strand: int = -1) -> None:
        self.raw = connection
        self.strand = strand
        self.now = 0.0
        self.doubted = False
        self._blocks: dict[str, tuple[int, int]] = {}
        self._pending: dict[str, list[tuple[str, Sequence[Any]]]] = {}
        self._touched: set[Hashable] = set()
        self._pipeline: psycopg.Pipeline | None = None
        self.types: dict[str, tuple[tuple[str, str], ...]] = {}
        connection.add_notice_handler(self._heed)

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> "psycopg.Cursor[Any]":
        """Run one statement, after the writes that wait for a table which it names; a write after all
        of them, since its rows may refer to any.
        """
        if self._pending and self._concerns(statement):
            self.flush()
        cursor = self.raw.execute(_marked(statement), values or None)
        if self._pipeline is not None and not statement.startswith("SELECT"):
            self._pipeline.sync()  # whoever writes at once wants to know how many rows it were
        return cursor

    def executemany(self, statement: str, values: Iterable[Sequence[Any]], /) -> None:
        """Run one statement for each of several rows."""
        with self.raw.cursor() as cursor:
            self._write(cursor, statement, list(values))

    def _concerns(self, statement: str) -> bool:
        return not statement.startswith("SELECT") or not self._pending.keys().isdisjoint(_words(statement))

    def later(self, table: str, statement: str, values: Sequence[Any], /, *about: Hashable) -> None:
        """Write to `table` with other writes: what costs is the way there and back."""
        self._pending.setdefault(table, []).append((statement, values))
        self._touched.update(about)

    def find(self, statement: str, values: Sequence[Any], /, *about: Hashable) -> "psycopg.Cursor[Any]":
        """Read, after the writes that wait if one of them is about the same."""
        if not self._touched.isdisjoint(about):
            self.flush()
        return self.raw.execute(_marked(statement), values)

    def flush(self) -> None:
        """Send the writes that wait, table by table, none before those that it refers to."""
        pending, self._pending = self._pending, {}
        self._touched = set()
        with self.raw.cursor() as cursor:
            for table in sorted(pending, key=_rank):
                for statement, group in groupby(pending[table], itemgetter(0)):
                    self._write(cursor, statement, [values for _, values in group])

    def _write(self, cursor: "psycopg.Cursor[Any]", statement: str, rows: list[Sequence[Any]]) -> None:
        """Write rows with as few statements as it takes."""
        if len(rows) == 1:
            cursor.execute(_marked(statement), rows[0])
            return
        together = bulk.inserts(statement, len(rows))
        table = bulk.updated_table(statement)
        if table is not None and len({row[-1] for row in rows}) == len(rows):
            together = bulk.updates(statement, len(rows), self.types[table])
        if together is None:
            cursor.executemany(_marked(statement), rows)
        else:
            cursor.execute(_marked(together), list(chain.from_iterable(rows)))

    def next_id(self, table: str) -> int:
        """The next number of this connection's block, or of a new block. Numbers do not tell the order."""
        following, end = self._blocks.get(table, (0, 0))
        if following == end:
            (following,) = self.execute(f"SELECT nextval('ids_{table}')").fetchone() or (0,)
            end = following + block(table)
        self._blocks[table] = (following + 1, end)
        return following

    def lock_events(self, event_ids: Iterable[str]) -> None:
        """Lock the events' names, whether or not there are rows of them yet."""
        keys = sorted(map(_lock_key, event_ids))
        if keys:
            self.execute("SELECT pg_advisory_xact_lock(k) FROM unnest(CAST(? AS BIGINT[])) AS k", (keys,))

    @contextmanager
    def pipelined(self) -> Iterator[None]:
        """Send statements without waiting for the ones before, until something is read."""
        with self.raw.pipeline() as self._pipeline:
            try:
                yield
            finally:
                self._pipeline = None

    def begin(self, clock: Callable[[], float] | None = None) -> None:
        """Begin a transaction and read the database's clock (`clock`: another one, for tests)."""
        self.doubted = False
        self._pending, self._touched = {}, set()
        self.raw.execute("BEGIN")
        row = self.raw.execute("SELECT extract(epoch FROM clock_timestamp())::double precision").fetchone()
        assert row is not None  # noqa: S101  (for the type checker: a clock answers)
        self.now = row[0] if clock is None else clock()

    def commit(self) -> bool:
        """Commit. False: it is done here, but not as safely as was asked for (a standby did not confirm).

        In a pipeline that is known at its end only, from `doubted`.
        """
        if self._pending:
            self.flush()
        self.raw.execute("COMMIT")
        return not self.doubted

    def roll_back(self) -> None:
        """Undo the transaction, if one is open."""
        self._pending, self._touched = {}, set()
        if not self.raw.closed and self.raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            # Not by a statement: the driver must forget what it believes to have prepared in what was undone.
            self.raw.rollback()

    def close(self) -> None:
        """Close the connection."""
        self.raw.close()

    def _heed(self, notice: psycopg.errors.Diagnostic) -> None:
        """A warning at a commit says that the server gave up waiting for its standby."""
        if notice.severity_nonlocalized == "WARNING":
            self.doubted = True


def block(table: str) -> int:
    """So many numbers of a table are taken at a time."""
    return 1 if table in ONE_BY_ONE else BLOCK


def connect(url: str, *, reading: bool = False) -> PostgresConnection:
    """A connection; one that writes takes a strand. `url` may set any of libpq's parameters.

    Raises ConfigurationError for a URL that cannot be read, psycopg.OperationalError.
    """
    try:
        given: dict[str, Any] = {**_DEFAULTS, **conninfo_to_dict(url)}
    except psycopg.ProgrammingError as error:
        raise ConfigurationError(
            "ledger.url cannot be read as a PostgreSQL URL", 'Write "postgresql://USER@HOST:PORT/DATABASE".'
        ) from error
    if reading:
        return _reading(given)
    raw = _open(given)
    (found,) = raw.execute("SHOW synchronous_commit").fetchone() or ("",)
    if found in WEAK_COMMITS:
        raw.execute("SET synchronous_commit = on")
    return PostgresConnection(raw)


def learn_types(db: PostgresConnection) -> None:
    """Read the types of all columns: updates of several rows at once have to name them."""
    found = db.raw.execute(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid WHERE c.relkind = 'r' AND a.attnum > 0"
        " AND NOT a.attisdropped AND pg_table_is_visible(c.oid) AND c.relname = ANY(%s) ORDER BY 1, 2",
        (list(_ORDER),),
    )
    for table, columns in groupby(found, itemgetter(0)):
        db.types[table] = tuple((column, kind) for _, column, kind in columns)


def _reading(given: dict[str, Any]) -> PostgresConnection:
    """The primary, which knows what was just written; only while there is none, whichever answers."""
    try:
        raw = _open({**given, "target_session_attrs": "primary"})
    except psycopg.OperationalError:
        raw = _open({**given, "target_session_attrs": "any"})
    raw.execute("SET default_transaction_read_only = on")
    return PostgresConnection(raw)


def _open(given: dict[str, Any]) -> "psycopg.Connection[Any]":
    raw = psycopg.connect(make_conninfo(**given), autocommit=True, prepare_threshold=3)
    raw.prepared_max = 400
    return raw


def take_strand(db: PostgresConnection) -> None:
    """Hold a strand that nobody holds, or a new one, until the connection ends."""
    for (strand,) in db.raw.execute("SELECT id FROM strands ORDER BY id").fetchall():
        if _holds(db, strand):
            db.strand = strand
            return
    while True:
        row = db.raw.execute("INSERT INTO strands DEFAULT VALUES RETURNING id").fetchone()
        assert row is not None  # noqa: S101  (for the type checker: RETURNING returns)
        if _holds(db, row[0]):
            db.strand = row[0]
            return


def _holds(db: PostgresConnection, strand: int) -> bool:
    row = db.raw.execute("SELECT pg_try_advisory_lock(%s, %s)", (STRANDS, strand)).fetchone()
    return bool(row and row[0])


@lru_cache(maxsize=1024)
def _marked(statement: str) -> str:
    """The statement with the driver's marks."""
    return statement.replace("%", "%%").replace("?", "%s")


@lru_cache(maxsize=1024)
def _words(statement: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z_]+", statement))


def _rank(table: str) -> int:
    """A table's place in the order of references; the others refer to nothing or to these."""
    return _ORDER.index(table) if table in _ORDER else len(_ORDER)


def _lock_key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
