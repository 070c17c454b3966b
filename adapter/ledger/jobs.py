"""A queue of jobs before threads that write: each takes what waits, commits it, and only then says so."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

import structlog

from adapter.errors import LedgerBusy, LedgerUnavailable

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Job:
    """Something to do in a transaction, and who waits for it. `run` may be called again after a roll-back."""

    __slots__ = ("ended", "error", "future", "loop", "result", "run")

    def __init__(
        self, run: Callable[[Any], Any], loop: asyncio.AbstractEventLoop | None, future: Any
    ) -> None:
        self.run, self.loop, self.future = run, loop, future
        self.result: Any = None
        self.error: BaseException | None = None
        self.ended = False

    def end(self, result: Any) -> None:
        """It has been committed."""
        self.result, self.ended = result, True

    def fail(self, error: BaseException) -> None:
        """It has not been committed, or nobody knows."""
        self.error, self.ended = error, True

    def resolve(self) -> None:
        """Hand over the result, or the error."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Worker(Protocol):
    """One thread's connection. It is made, used and closed in that thread."""

    def work(self, batch: list[Job]) -> None:
        """Run and commit the jobs; each has its result or its error afterwards. Raises nothing."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class Jobs:
    """The queue and its threads. `max_waiting` jobs may wait; a commit takes at most `max_batch` of them."""

    def __init__(
        self,
        open_worker: Callable[[], Worker],
        *,
        threads: int = 1,
        max_waiting: int = 2000,
        max_batch: int = 256,
    ) -> None:
        self._open_worker = open_worker
        self._max_waiting = max_waiting
        self._max_batch = max_batch
        self._jobs: deque[Job] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._threads = []
        for number in range(threads):
            started: Future[None] = Future()
            thread = threading.Thread(
                target=self._serve, args=(started,), name=f"ledger-writer-{number}", daemon=True
            )
            thread.start()
            started.result()
            self._threads.append(thread)

    async def run(self, job: Callable[[Any], T], *, within: float | None = None) -> T:
        """Run `job`, return after its commit. Raises what it raises, LedgerBusy, LedgerUnavailable.

        After `within` seconds nobody waits any longer, and LedgerUnavailable is raised; whether the job was
        or will be committed is then not known.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(Job(job, loop, future))
        if within is None:
            return await future
        try:
            return await asyncio.wait_for(future, within)
        except TimeoutError:
            raise LedgerUnavailable("The ledger did not confirm in time.") from None

    def run_blocking(self, job: Callable[[Any], T]) -> T:
        """The same, for callers without an event loop."""
        future: Future[T] = Future()
        self._put(Job(job, None, future))
        return future.result()

    def close(self, within: float | None = None) -> None:
        """Finish what waits, then end; a thread that its database keeps waiting is left behind."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(within)

    def _put(self, job: Job) -> None:
        with self._wake:
            if self._stopping:
                raise LedgerUnavailable("The ledger is closed.")
            if len(self._jobs) >= self._max_waiting:
                raise LedgerBusy("Too much waits for the ledger.")
            self._jobs.append(job)
            self._wake.notify()

    def _serve(self, started: "Future[None]") -> None:
        try:
            worker = self._open_worker()
        except BaseException as error:  # noqa: BLE001  (handed to the thread that opens the ledger)
            started.set_exception(error)
            return
        started.set_result(None)
        while (batch := self._take()) is not None:
            if batch:
                worker.work(batch)
                _resolve(batch)
        worker.close()

    def _take(self) -> list[Job] | None:
        """What waits; nobody waits any longer for what was cancelled. None: there will be no more."""
        with self._wake:
            while not self._jobs:
                if self._stopping:
                    return None
                self._wake.wait()
            taken = [self._jobs.popleft() for _ in range(min(self._max_batch, len(self._jobs)))]
        return [job for job in taken if not job.future.cancelled()]


def _resolve(batch: list[Job]) -> None:
    """Tell each event loop once, not once for each job: waking a loop is what costs."""
    loops: dict[asyncio.AbstractEventLoop, list[Job]] = {}
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


def _resolve_all(jobs: list[Job]) -> None:
    for job in jobs:
        job.resolve()
