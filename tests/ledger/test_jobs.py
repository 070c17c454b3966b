"""The queue before the threads that write, with workers that do nothing else than what a test tells them."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from adapter.errors import LedgerBusy, LedgerUnavailable
from adapter.ledger.jobs import Job, Jobs

WITHIN = 20


class Worker:
    """Notes what it gets; `gate` keeps it busy."""

    def __init__(self, batches: list[list[Job]], gate: threading.Event) -> None:
        self.thread = threading.get_ident()
        self.closed = threading.Event()
        self._batches = batches
        self._gate = gate

    def work(self, batch: list[Job]) -> None:
        self._batches.append(batch)
        assert self._gate.wait(WITHIN)
        for job in batch:
            try:
                job.end(job.run(self))
            except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
                job.fail(error)

    def close(self) -> None:
        self.closed.set()


class Office:
    """Jobs with their workers; the gate is open unless a test shuts it."""

    def __init__(self, **options: Any) -> None:
        self.batches: list[list[Job]] = []
        self.workers: list[Worker] = []
        self.gate = threading.Event()
        self.gate.set()
        self.jobs = Jobs(self._open, **options)

    def _open(self) -> Worker:
        self.workers.append(Worker(self.batches, self.gate))
        return self.workers[-1]

    def sizes(self) -> list[int]:
        return [len(batch) for batch in self.batches]

    async def busy(self, threads: int = 1) -> list["asyncio.Task[int]"]:
        """Shut the gate and give each thread one job."""
        self.gate.clear()
        tasks = []
        for number in range(threads):
            tasks.append(asyncio.create_task(self.jobs.run(lambda _: -1)))
            await until(lambda number=number: len(self.batches) == number + 1)  # type: ignore[misc]
        return tasks


async def until(found: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not found():  # noqa: ASYNC110 - it is another thread that is waited for
            await asyncio.sleep(0.001)


@pytest.fixture
async def offices() -> AsyncIterator[Callable[..., Office]]:
    made: list[Office] = []

    def make(**options: Any) -> Office:
        made.append(Office(**options))
        return made[-1]

    yield make
    for office in made:
        office.gate.set()
        await asyncio.to_thread(office.jobs.close)


async def test_each_thread_makes_and_closes_a_worker_of_its_own(offices: Callable[..., Office]) -> None:
    office = offices(threads=3)
    assert len({worker.thread for worker in office.workers}) == 3
    await asyncio.to_thread(office.jobs.close)
    assert all(worker.closed.is_set() for worker in office.workers)


async def test_jobs_of_several_threads_are_done_at_once(offices: Callable[..., Office]) -> None:
    office = offices(threads=2, max_batch=1)
    meeting = threading.Barrier(2, timeout=WITHIN)
    done = await asyncio.gather(*(office.jobs.run(lambda _: meeting.wait() >= 0) for _ in range(2)))
    assert done == [True, True]


async def test_a_batch_is_what_waits_and_never_more_than_its_limit(offices: Callable[..., Office]) -> None:
    office = offices(max_batch=4)
    first = await office.busy()
    waiting = [asyncio.create_task(office.jobs.run(lambda _, n=n: n)) for n in range(10)]  # type: ignore[misc]
    await asyncio.sleep(0)
    office.gate.set()
    assert await asyncio.gather(*first, *waiting) == [-1, *range(10)]
    assert office.sizes() == [1, 4, 4, 2]


async def test_jobs_are_taken_in_the_order_in_which_they_came(offices: Callable[..., Office]) -> None:
    office = offices(max_batch=2)
    await office.busy()
    seen: list[int] = []
    waiting = [asyncio.create_task(office.jobs.run(lambda _, n=n: seen.append(n))) for n in range(7)]  # type: ignore[misc]
    await asyncio.sleep(0)
    office.gate.set()
    await asyncio.gather(*waiting)
    assert seen == list(range(7))


async def test_what_was_cancelled_before_its_turn_is_not_run(offices: Callable[..., Office]) -> None:
    office = offices()
    await office.busy()
    ran: list[int] = []
    gone, stayed = (asyncio.create_task(office.jobs.run(lambda _, n=n: ran.append(n))) for n in (1, 2))  # type: ignore[misc]
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    office.gate.set()
    await stayed
    assert ran == [2]


async def test_a_caller_that_waits_no_longer_is_told_that_nobody_knows(
    offices: Callable[..., Office],
) -> None:
    office = offices()
    await office.busy()
    with pytest.raises(LedgerUnavailable, match="did not confirm"):
        await office.jobs.run(lambda _: 1, within=0.01)
    office.gate.set()
    assert await office.jobs.run(lambda _: 2, within=WITHIN) == 2


async def test_a_job_that_was_begun_is_finished_although_its_caller_gave_up(
    offices: Callable[..., Office],
) -> None:
    office = offices()
    office.gate.clear()
    ran: list[int] = []
    with pytest.raises(LedgerUnavailable):
        await office.jobs.run(lambda _: ran.append(1), within=0.05)
    await until(lambda: len(office.batches) == 1)
    office.gate.set()
    await office.jobs.run(lambda _: None)
    assert ran == [1]


async def test_a_full_queue_refuses_at_once_and_takes_again_when_it_has_emptied(
    offices: Callable[..., Office],
) -> None:
    office = offices(max_waiting=2, max_batch=1)
    await office.busy()
    waiting = [asyncio.create_task(office.jobs.run(lambda _: 1)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(LedgerBusy):
        await office.jobs.run(lambda _: 1)
    office.gate.set()
    await asyncio.gather(*waiting)
    assert await office.jobs.run(lambda _: 3) == 3


async def test_a_failure_belongs_to_its_own_caller(offices: Callable[..., Office]) -> None:
    office = offices()

    def failing(_: Any) -> None:
        raise ValueError("mine")

    results = await asyncio.gather(
        office.jobs.run(lambda _: 1), office.jobs.run(failing), return_exceptions=True
    )
    assert results[0] == 1
    assert isinstance(results[1], ValueError)


def test_callers_without_an_event_loop_wait_where_they_are() -> None:
    office = Office()
    assert office.jobs.run_blocking(lambda _: 5) == 5
    office.jobs.close()
    with pytest.raises(LedgerUnavailable, match="closed"):
        office.jobs.run_blocking(lambda _: 5)


def test_a_thread_that_its_database_keeps_waiting_is_left_behind_when_the_ledger_closes() -> None:
    office = Office()
    office.gate.clear()
    waiting = threading.Thread(target=lambda: office.jobs.run_blocking(lambda _: 1), daemon=True)
    waiting.start()
    while not office.batches:
        pass
    office.jobs.close(within=0.05)
    assert not office.workers[0].closed.is_set()
    office.gate.set()
    waiting.join(WITHIN)
    assert office.workers[0].closed.wait(WITHIN)


def test_an_event_loop_that_is_gone_does_not_stop_the_writer() -> None:
    office = Office()
    office.gate.clear()

    async def leave() -> None:
        asyncio.create_task(office.jobs.run(lambda _: 1))  # noqa: RUF006 - nobody waits for it
        await until(lambda: len(office.batches) == 1)

    asyncio.run(leave())
    office.gate.set()
    assert office.jobs.run_blocking(lambda _: 2) == 2
    office.jobs.close()


def test_a_worker_that_cannot_be_made_is_told_to_whoever_opens_the_ledger() -> None:
    def fail() -> Any:
        raise LedgerUnavailable("no database")

    with pytest.raises(LedgerUnavailable, match="no database"):
        Jobs(fail, threads=2)
