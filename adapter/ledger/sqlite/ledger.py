"""The ledger on SQLite."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

import structlog

from adapter.errors import LedgerUnavailable, Unanswerable
from adapter.ledger import starting
from adapter.ledger.clock import SteadyClock
from adapter.ledger.jobs import Jobs
from adapter.ledger.ledger import Ledger
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.session import SqlSession
from adapter.ledger.sqlite.connection import SqliteConnection, connect
from adapter.ledger.sqlite.file import FileLock, free_bytes, prepare
from adapter.ledger.sqlite.migrate import migrate
from adapter.ledger.sqlite.moved import refuse_moved
from adapter.ledger.sqlite.writer import Writer

T = TypeVar("T")

RESERVE = 64 * 1024 * 1024
"""Bytes that intake leaves free on the disk, so that what was accepted can be delivered and recorded."""

_TOO_LARGE = "A number is too large."
SPACE_INTERVAL = 0.25
"""Seconds between questions after the free space: in them far less than the reserve can be written."""

_log = structlog.get_logger(__name__)


class SqliteLedger(Ledger):
    """Everything that writes goes through one thread and one connection.

    Point reads of intake run where they are called: they are indexed and short, and in write-ahead mode
    nothing makes them wait. Lists run in threads.
    """

    shared = False

    def __init__(
        self, path: Path, lock: FileLock, jobs: Jobs, clock: Callable[[], float], reserve: int
    ) -> None:
        super().__init__()
        self.path = path
        self.clock = clock
        self._lock = lock
        self._jobs = jobs
        self._reserve = reserve
        self._readers = threading.local()
        self._all_readers: list[sqlite3.Connection] = []
        self._has_space, self._ask_space_at = True, 0.0

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        clock: Callable[[], float] | None = None,
        max_waiting: int = 2000,
        reserve: int = RESERVE,
    ) -> Self:
        """Open or make the ledger at `path` and take over whatever a killed service left in flight.

        Raises ConfigurationError (a place where no ledger can be, a newer schema, a ledger that has moved),
        LedgerInUse (another service holds it), LedgerUnavailable (it cannot be opened or written).
        """
        found, clock = prepare(Path(path)), clock or SteadyClock()
        lock = FileLock(found)
        try:
            refuse_moved(found)
            jobs = Jobs(lambda: Writer(lambda: _session(found, clock)), max_waiting=max_waiting)
            jobs.run_blocking(starting.start)
            naming = jobs.run_blocking(starting.naming_secret)
        except sqlite3.Error as error:
            lock.release()
            raise LedgerUnavailable(f"The ledger cannot be opened ({error}).") from error
        except BaseException:
            lock.release()
            raise
        ledger = cls(found, lock, jobs, clock, reserve)
        ledger.naming_secret = naming
        return ledger

    async def close(self) -> None:
        """Finish what waits for the disk and let go of the file."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._jobs.close()
        for reader in self._all_readers:
            reader.close()
        self._lock.release()

    async def write(self, job: Callable[[SqlSession], T]) -> T:
        """Run `job` in the writer's thread (see Ledger)."""
        try:
            return await self._jobs.run(job)
        except OverflowError:
            raise Unanswerable(_TOO_LARGE) from None

    async def read(self, ask: Callable[[Database], T]) -> T:
        """Ask in a thread."""
        return await asyncio.to_thread(self._ask, ask)

    async def peek(self, ask: Callable[[Database], T]) -> T:
        """Ask at once."""
        return self._ask(ask)

    def _ask(self, ask: Callable[[Database], T]) -> T:
        try:
            return ask(self._reader)
        except OverflowError:
            raise Unanswerable(_TOO_LARGE) from None

    def announce(self, url: str) -> None:
        """Say in the lock file where this service answers."""
        self._lock.announce(url)

    def check_space(self) -> None:
        """Refuse while the disk is nearly full. The reserve is large enough to ask only now and then."""
        now = time.monotonic()
        if now >= self._ask_space_at:
            self._note_space(has_space=free_bytes(self.path) >= self._reserve)
            self._ask_space_at = now + SPACE_INTERVAL
        if not self._has_space:
            raise LedgerUnavailable("The ledger's disk is nearly full.")

    def _note_space(self, *, has_space: bool) -> None:
        if has_space != self._has_space:
            _log.warning("ledger's disk", nearly_full=not has_space, reserve_mb=self._reserve >> 20)
        self._has_space = has_space

    def now(self, db: Database) -> float:  # noqa: ARG002 - the time is this process's
        """The time of the ledger's clock."""
        return self.clock()

    @property
    def _reader(self) -> SqliteConnection:
        """This thread's own connection, which can only read."""
        found: SqliteConnection | None = getattr(self._readers, "db", None)
        if found is None:
            found = self._readers.db = connect(str(self.path), read_only=True)
            self._all_readers.append(found)
        return found


def _session(path: Path, clock: Callable[[], float]) -> tuple[sqlite3.Connection, SqlSession]:
    db = connect(str(path))
    migrate(db)
    return db, SqlSession(db, clock, shared=False)
