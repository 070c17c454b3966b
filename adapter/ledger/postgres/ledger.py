"""The ledger on PostgreSQL."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

import psycopg

from adapter.errors import LedgerUnavailable, Unanswerable
from adapter.ledger import starting
from adapter.ledger.jobs import Jobs
from adapter.ledger.ledger import Ledger
from adapter.ledger.model import StoredReceipt
from adapter.ledger.postgres.bell import Bell
from adapter.ledger.postgres.connection import PostgresConnection, connect, learn_types, take_strand
from adapter.ledger.postgres.migrate import migrate
from adapter.ledger.postgres.writer import PostgresWriter
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.session import SqlSession

T = TypeVar("T")

CONNECTIONS = 1
"""Connections that write, for each process. Jobs that wait together share a commit: mostly one is fastest."""

READERS = 4
"""Connections that read, for each process, at most."""

MAX_BATCH = 64
"""So many jobs share a transaction at most: the rows that they lock are locked until its end."""

CONFIRM_WITHIN = 5.0
"""Seconds to wait for a commit to be confirmed."""


_BARRIER = "SELECT pg_logical_emit_message(true, 'vardbro', '')"
"""Writes what nobody reads: when it is confirmed, so is everything that was committed before."""


class PostgresLedger(Ledger):
    """Several processes may open the same database. Time is the database's.

    A commit that is not confirmed within `confirm_within` seconds (the primary died, or its synchronous
    standby is away) raises LedgerUnavailable; it may yet have happened, or happen.
    """

    shared = True

    def __init__(
        self,
        url: str,
        jobs: Jobs,
        confirm_within: float,
        clock: Callable[[], float] | None,
    ) -> None:
        super().__init__()
        self.url = url
        self.clock = clock
        self._jobs = jobs
        self._within = confirm_within
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="ledger-reader")
        self._readers = threading.local()
        self._all_readers: list[PostgresConnection] = []
        self._bell: Bell | None = None

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Callable[[], float] | None = None,
        connections: int = CONNECTIONS,
        confirm_within: float = CONFIRM_WITHIN,
        max_waiting: int = 2000,
    ) -> Self:
        """Open the ledger in the database at `url`, and make or bring up to date its tables.

        What a killed node left in flight is taken over when its leases run out. `clock` replaces the
        database's, for tests. Raises ConfigurationError, LedgerUnavailable.
        """
        try:
            db = connect(url)
            migrate(db)
            db.close()
            jobs = Jobs(
                lambda: PostgresWriter(lambda: _writing(url), clock),
                threads=connections,
                max_waiting=max_waiting,
                max_batch=MAX_BATCH,
            )
            jobs.run_blocking(starting.join)
            naming = jobs.run_blocking(starting.naming_secret)
        except psycopg.Error as error:
            raise LedgerUnavailable(
                f"The ledger's database cannot be opened ({_said(error)}).",
                "Is PostgreSQL up, and are ledger.url and its password right?",
            ) from error
        ledger = cls(url, jobs, confirm_within, clock)
        ledger.naming_secret = naming
        return ledger

    async def close(self) -> None:
        """Finish what waits, and let go of the database."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._bell is not None:
            self._bell.stop()
        self._jobs.close(self._within)
        self._reading.shutdown(wait=False, cancel_futures=True)
        for reader in self._all_readers:
            reader.close()

    async def write(self, job: Callable[[SqlSession], T]) -> T:
        """Run `job` in a transaction (see Ledger)."""
        try:
            return await self._jobs.run(job, within=self._within)
        except psycopg.DataError as error:
            raise Unanswerable(f"A value cannot be stored ({_said(error)}).") from None

    async def receipt(self, sender: str, key: str) -> StoredReceipt | None:
        """The receipt that bound `key`, as safe as any commit: what stored it may not have been confirmed."""
        found = await super().receipt(sender, key)
        if found is not None:
            await self.write(lambda tx: tx.db.execute(_BARRIER))
        return found

    async def read(self, ask: Callable[[Database], T]) -> T:
        """Ask in a thread."""
        self._attend()
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._ask, ask)

    async def peek(self, ask: Callable[[Database], T]) -> T:
        """Ask in a thread: the network is between, and when it swallows the answer nobody waits for ever."""
        try:
            return await asyncio.wait_for(self.read(ask), self._within)
        except TimeoutError:
            raise LedgerUnavailable("The ledger's database did not answer in time.") from None

    def wake(self, registers: frozenset[str]) -> None:
        """Tell this node's listeners and those of the other nodes."""
        super().wake(registers)
        if self._bell is not None:
            self._bell.ring(registers)

    def check_space(self) -> None:
        """The database's disk is its own matter: a full one fails the commit."""

    def announce(self, url: str) -> None:
        """There is no lock file: commands ask the database."""

    def now(self, db: Database) -> float:
        """The database's time."""
        if self.clock is not None:
            return self.clock()
        found: float = db.execute(
            "SELECT extract(epoch FROM clock_timestamp())::double precision"
        ).fetchone()[0]
        return found

    def _attend(self) -> None:
        """Listen for other nodes as soon as there is an event loop and somebody to be woken."""
        if self._bell is None and self._listeners:
            self._bell = Bell(lambda: connect(self.url), asyncio.get_running_loop(), super().wake)

    def _ask(self, ask: Callable[[Database], T]) -> T:
        """Ask; once more on a new connection when the old one turns out to be lost."""
        for is_last in (False, True):
            try:
                return ask(self._reader())
            except psycopg.DataError as error:
                raise Unanswerable(f"A value cannot be asked for ({_said(error)}).") from None
            except psycopg.OperationalError as error:
                self._drop_reader()
                if is_last:
                    said = f"The ledger's database does not answer ({_said(error)})."
                    raise LedgerUnavailable(said) from None
        raise AssertionError("the last try returns or raises")

    def _reader(self) -> PostgresConnection:
        found: PostgresConnection | None = getattr(self._readers, "db", None)
        if found is None:
            found = self._readers.db = connect(self.url, reading=True)
            self._all_readers.append(found)
        return found

    def _drop_reader(self) -> None:
        found: PostgresConnection | None = getattr(self._readers, "db", None)
        if found is not None:
            found.close()
            self._all_readers.remove(found)
            self._readers.db = None


def _writing(url: str) -> PostgresConnection:
    db = connect(url)
    take_strand(db)
    learn_types(db)
    return db


def _said(error: psycopg.Error) -> str:
    """The kind of an error: its text may hold the address and the user."""
    return type(error).__name__ if error.sqlstate is None else f"{type(error).__name__} {error.sqlstate}"
