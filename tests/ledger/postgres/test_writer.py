"""Jobs that share a transaction: none takes another with it, and none is done before its commit."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import psycopg
import pytest

from adapter.errors import LedgerBusy, LedgerUnavailable, Unanswerable, WriteConflict
from adapter.ledger.model import Fact
from adapter.ledger.postgres import PostgresLedger, writer
from adapter.ledger.sql.session import SqlSession
from tests.ledger.postgres.conftest import Nodes

Job = Callable[[SqlSession], Any]


class Held:
    """Keeps the node's only writing connection busy until it is told to let go."""

    def __init__(self, node: PostgresLedger) -> None:
        self._began, self._end = threading.Event(), threading.Event()
        self._task = asyncio.create_task(node.write(self._job))

    def _job(self, _: SqlSession) -> None:
        self._began.set()
        assert self._end.wait(20)

    async def began(self) -> "Held":
        assert await asyncio.to_thread(self._began.wait, 20)
        return self

    async def release(self) -> None:
        self._end.set()
        await asyncio.gather(self._task, return_exceptions=True)


@pytest.fixture
async def node(nodes: Nodes) -> AsyncIterator[PostgresLedger]:
    """A node with one connection that writes, so that what waits for it becomes one batch."""
    nodes.ask("CREATE TABLE notes (n BIGINT PRIMARY KEY, said TEXT)")
    made = nodes.open(connections=1)
    yield made
    await made.close()


def note(n: int, said: str = "") -> Job:
    def job(tx: SqlSession) -> int:
        tx.db.execute("INSERT INTO notes VALUES (?, ?)", (n, said))
        return n

    return job


def noted(nodes: Nodes) -> list[int]:
    return [row[0] for row in nodes.ask("SELECT n FROM notes ORDER BY n")]


async def together(node: PostgresLedger, *jobs: Job) -> list[Any]:
    """Run jobs in one batch; gives results and errors."""
    held = await Held(node).began()
    waiting = [asyncio.create_task(node.write(job)) for job in jobs]
    await asyncio.sleep(0)
    await held.release()
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_jobs_that_wait_together_are_one_transaction(nodes: Nodes, node: PostgresLedger) -> None:
    results = await together(node, *(note(n) for n in range(10)))
    assert results == list(range(10))
    assert nodes.ask("SELECT COUNT(DISTINCT xmin::text) FROM notes") == [(1,)]


def half(tx: SqlSession) -> None:
    note(100)(tx)
    tx.trail.add(Fact("noted"))
    raise ValueError("half way")


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (half, ValueError),
        (note(0), psycopg.IntegrityError),
        (note(101, "\0"), Unanswerable),
        (lambda tx: tx.db.execute("SELECT 1 / CAST(? AS INTEGER)", (0,)), Unanswerable),
    ],
)
async def test_a_job_that_fails_takes_no_other_with_it(
    nodes: Nodes, node: PostgresLedger, failing: Job, error: type[Exception]
) -> None:
    results = await together(node, note(0), note(1), failing, note(2))
    assert (results[0], results[1], results[3]) == (0, 1, 2)
    assert isinstance(results[2], error)
    assert noted(nodes) == [0, 1, 2]
    nodes.require_sound()


async def test_rows_that_are_written_late_fail_the_job_that_wrote_them_and_no_other(
    nodes: Nodes, node: PostgresLedger
) -> None:
    def late(n: int) -> Job:
        return lambda tx: tx.db.later("notes", "INSERT INTO notes (n, said) VALUES (?, ?)", (n, "late"))

    results = await together(node, late(1), late(2), late(1), late(3))
    assert sorted(type(result).__name__ for result in results) == ["NoneType"] * 3 + ["UniqueViolation"]
    assert noted(nodes) == [1, 2, 3]


async def test_failures_one_after_the_other_never_cost_the_connection(
    nodes: Nodes, node: PostgresLedger
) -> None:
    """The driver prepares statements that come often; what was undone with a failure must not be believed."""

    def taking(n: int) -> Job:
        def job(tx: SqlSession) -> None:
            tx.db.later("audit", "SELECT 1 WHERE ? = 0", (n,))
            tx.db.later("notes", "INSERT INTO notes (n, said) VALUES (?, ?)", (n, "late"))
            tx.db.later("strands", "SELECT 2 WHERE ? = 0", (n,))

        return job

    await node.write(taking(1))
    for n in range(2, 12):
        with pytest.raises(psycopg.errors.UniqueViolation):
            await node.write(taking(1))
        await node.write(taking(n))
    assert noted(nodes) == list(range(1, 12))


async def test_a_job_that_collides_is_run_again_and_its_batch_with_it(
    nodes: Nodes, node: PostgresLedger
) -> None:
    runs: list[int] = []

    def colliding(tx: SqlSession) -> int:
        runs.append(len(runs))
        note(50 + len(runs))(tx)
        if len(runs) < 4:
            raise WriteConflict("somebody was first")
        return 7

    assert await together(node, note(1), colliding, note(2)) == [1, 7, 2]
    assert noted(nodes) == [1, 2, 54]


async def test_a_job_that_collides_for_ever_is_told_so_in_the_end(nodes: Nodes, node: PostgresLedger) -> None:
    runs: list[int] = []

    def colliding(tx: SqlSession) -> None:
        runs.append(1)
        note(9)(tx)
        raise WriteConflict("somebody was first")

    results = await together(node, colliding, note(1))
    assert isinstance(results[0], LedgerBusy)
    assert results[1] == 1
    assert len(runs) == writer.TRIES + 1
    assert noted(nodes) == [1]


async def test_a_connection_that_is_lost_fails_what_was_under_way_and_is_made_anew(
    nodes: Nodes, node: PostgresLedger
) -> None:
    def dying(tx: SqlSession) -> None:
        (pid,) = tx.db.execute("SELECT pg_backend_pid()").fetchone()
        nodes.ask("SELECT pg_terminate_backend(%s, 10000)", pid)
        note(1)(tx)

    with pytest.raises(LedgerUnavailable):
        await node.write(dying)
    assert await node.write(note(2)) == 2
    assert noted(nodes) == [2]


async def test_a_caller_that_gave_up_before_its_turn_leaves_nothing(
    nodes: Nodes, node: PostgresLedger
) -> None:
    held = await Held(node).began()
    gone = asyncio.create_task(node.write(note(1)))
    stayed = asyncio.create_task(node.write(note(2)))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await held.release()
    assert await stayed == 2
    assert noted(nodes) == [2]


async def test_a_caller_that_gives_up_during_its_job_does_not_stop_the_next(
    nodes: Nodes, node: PostgresLedger
) -> None:
    held = await Held(node).began()
    held._task.cancel()
    await held.release()
    assert await node.write(note(2)) == 2


async def test_a_commit_that_is_not_confirmed_in_time_is_said_not_to_be_known(nodes: Nodes) -> None:
    nodes.ask("CREATE TABLE notes (n BIGINT PRIMARY KEY, said TEXT)")
    node = nodes.open(connections=1, confirm_within=0.1)
    began, end = threading.Event(), threading.Event()

    def slow(tx: SqlSession) -> None:
        note(1)(tx)
        began.set()
        assert end.wait(20)

    try:
        with pytest.raises(LedgerUnavailable, match="did not confirm in time"):
            await node.write(slow)
        assert await asyncio.to_thread(began.wait, 20)
    finally:
        end.set()
        await node.close()
    assert noted(nodes) == [1]


async def test_a_warning_at_the_commit_means_that_it_is_not_as_safe_as_was_asked_for(
    nodes: Nodes, node: PostgresLedger
) -> None:
    """A server that gives up waiting for its standby commits, and says so with a warning."""

    def doubtful(tx: SqlSession) -> None:
        note(1)(tx)
        tx.db.execute("DO $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; END $$")

    results = await together(node, note(0), doubtful, note(2))
    assert [str(result) for result in results] == [writer.NOT_CONFIRMED] * 3
    assert await node.write(note(3)) == 3
    assert noted(nodes) == [0, 1, 2, 3]
