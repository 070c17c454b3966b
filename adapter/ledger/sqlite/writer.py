"""The one thread that writes: it takes what waits, commits it in one go, and only then says it is done."""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

import structlog

from adapter.errors import LedgerBusy, LedgerUnavailable

T = TypeVar("T")

MAX_BATCH = 256
"""So many jobs share a commit at most: a job's answer waits for the batch that it is in."""

_log = structlog.get_logger(__name__)


class Session(Protocol):
    """What jobs work with; it lives as long as the connection."""

    def begin_job(self) -> None:
        """A job begins: what it changes in memory may have to be undone."""
        ...

    def undo_job(self) -> None:
        """The job has failed."""
        ...

    def before_commit(self) -> None:
        """The batch is about to be committed."""
        ...

    def reload(self) -> None:
        """The batch was rolled back: read again what is kept in memory."""
        ...


class _Job:
    __slots__ = ("error", "future", "loop", "result", "run")

    def __init__(
        self, run: Callable[[Any], Any], loop: asyncio.AbstractEventLoop | None, future: Any
    ) -> None:
        self.run, self.loop, self.future = run, loop, future
        self.result: Any = None
        self.error: BaseException | None = None

    def resolve(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Writer:
    """Runs jobs in one thread and one connection. Jobs of a batch fail one by one, but commit together."""

    def __init__(
        self, open_session: Callable[[], tuple[sqlite3.Connection, Session]], *, max_waiting: int = 2000
    ) -> None:
        self._open_session = open_session
        self._max_waiting = max_waiting
        self._jobs: deque[_Job] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="ledger-writer", daemon=True)
        self._started: Future[None] = Future()
        self._thread.start()
        self._started.result()

    async def run(self, job: Callable[[Any], T]) -> T:
        """Run `job`, return after its commit. Raises what it raises, LedgerBusy, LedgerUnavailable."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(_Job(job, loop, future))
        return await future

    def run_blocking(self, job: Callable[[Any], T]) -> T:
        """The same, for callers without an event loop."""
        future: Future[T] = Future()
        self._put(_Job(job, None, future))
        return future.result()

    def close(self) -> None:
        """Finish what waits, then end."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join()

    def _put(self, job: _Job) -> None:
        with self._wake:
            if self._stopping:
                raise LedgerUnavailable("The ledger is closed.")
            if len(self._jobs) >= self._max_waiting:
                raise LedgerBusy("Too much waits for the ledger.")
            self._jobs.append(job)
            self._wake.notify()

    def _work(self) -> None:
        try:
            self._db, self._session = self._open_session()
        except BaseException as error:  # noqa: BLE001  (handed to the thread that opens the ledger)
            self._started.set_exception(error)
            return
        self._started.set_result(None)
        while batch := self._take():
            self._commit(batch)
            _resolve(batch)
        self._db.close()

    def _take(self) -> list[_Job]:
        with self._wake:
            while not self._jobs and not self._stopping:
                self._wake.wait()
            return [self._jobs.popleft() for _ in range(min(MAX_BATCH, len(self._jobs)))]

    def _commit(self, batch: list[_Job]) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for job in batch:
                self._run(job)
            self._session.before_commit()
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            _log.error("ledger cannot write", error=_name(error))
            self._roll_back()
            for job in batch:
                job.error = LedgerUnavailable(f"The ledger cannot write ({_name(error)}).")

    def _run(self, job: _Job) -> None:
        """Run one job in its savepoint. Errors of the store itself end the whole batch."""
        self._session.begin_job()
        self._db.execute("SAVEPOINT job")
        try:
            job.result = job.run(self._session)
        except Exception as error:  # it belongs to whoever asked for the job
            if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
                raise
            job.error = error
            self._session.undo_job()
            self._db.execute("ROLLBACK TO job")
        self._db.execute("RELEASE job")

    def _roll_back(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._session.reload()
        except sqlite3.Error as error:
            _log.error("ledger cannot roll back", error=_name(error))


def _resolve(batch: list[_Job]) -> None:
    """Tell each event loop once, not once for each job: waking a loop is what costs."""
    loops: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        if job.loop is None:
            job.resolve()
        else:
            loops.setdefault(job.loop, []).append(job)
    for loop, jobs in loops.items():
        try:
            loop.call_soon_threadsafe(_resolve_all, jobs)
        except RuntimeError:
            _log.warning("nobody waits for the ledger any more", jobs=len(jobs))


def _resolve_all(jobs: list[_Job]) -> None:
    for job in jobs:
        job.resolve()


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or type(error).__name__
