"""Group commit: one commit for what waits together, and nothing is said to be done before it."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.errors import LedgerBusy, LedgerUnavailable
from adapter.ledger.jobs import Jobs
from adapter.ledger.sqlite.writer import Writer


class Connection:
    """A real connection that notes commits, and fails them when told to."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute("CREATE TABLE notes (n INTEGER UNIQUE)")
        self.commits = 0
        self.gate: threading.Event | None = None
        self.fail_commits = False

    def execute(self, statement: str, *values: Any) -> Any:
        if statement == "COMMIT":
            if self.gate is not None:
                self.gate.wait(5)
            if self.fail_commits:
                raise sqlite3.OperationalError("disk I/O error")
            self.commits += 1
        return self.db.execute(statement, *values)

    @property
    def in_transaction(self) -> bool:
        return self.db.in_transaction

    def close(self) -> None:
        self.db.close()

    def notes(self) -> list[int]:
        return [row[0] for row in self.db.execute("SELECT n FROM notes ORDER BY n")]


class Session:
    """Jobs get this; it counts what has to be undone."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.undone = 0
        self.reloaded = 0

    def begin(self) -> None:
        pass

    def begin_job(self) -> None:
        pass

    def undo_job(self) -> None:
        self.undone += 1

    def before_commit(self) -> None:
        pass

    def reload(self) -> None:
        self.reloaded += 1


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return Connection(tmp_path / "notes.db")


@pytest.fixture
def session(connection: Connection) -> Session:
    return Session(connection)


@pytest.fixture
def writer(connection: Connection, session: Session) -> Iterator[Jobs]:
    made = Jobs(lambda: Writer(lambda: (connection, session)), max_waiting=20)  # type: ignore[arg-type, return-value]
    yield made
    if connection.gate is not None:
        connection.gate.set()
    made.close()


def note(n: int) -> Any:
    return lambda session: session.connection.execute("INSERT INTO notes VALUES (?)", (n,)) and n


async def test_jobs_that_wait_together_share_a_commit(writer: Jobs, connection: Connection) -> None:
    connection.gate = threading.Event()
    first = asyncio.create_task(writer.run(note(0)))
    await asyncio.sleep(0.02)
    others = [asyncio.create_task(writer.run(note(n))) for n in range(1, 11)]
    await asyncio.sleep(0.02)
    connection.gate.set()
    assert await asyncio.gather(first, *others) == list(range(11))
    assert connection.commits == 2


async def test_nothing_is_done_before_its_commit(writer: Jobs, connection: Connection) -> None:
    connection.gate = threading.Event()
    job = asyncio.create_task(writer.run(note(1)))
    await asyncio.sleep(0.05)
    assert not job.done()
    connection.gate.set()
    assert await job == 1


async def test_a_job_that_fails_takes_back_only_itself(
    writer: Jobs, connection: Connection, session: Session
) -> None:
    def half(session: Session) -> None:
        session.connection.execute("INSERT INTO notes VALUES (100)")
        raise ValueError("half way")

    results = await asyncio.gather(
        writer.run(note(1)),
        writer.run(half),
        writer.run(note(1)),
        writer.run(note(2)),
        return_exceptions=True,
    )
    assert results[0] == 1
    assert results[3] == 2
    assert [type(result) for result in results[1:3]] == [ValueError, sqlite3.IntegrityError]
    assert (connection.notes(), session.undone) == ([1, 2], 2)


async def test_a_commit_that_fails_fails_everybody_and_keeps_nothing(
    writer: Jobs, connection: Connection, session: Session
) -> None:
    connection.fail_commits = True
    results = await asyncio.gather(*(writer.run(note(n)) for n in range(3)), return_exceptions=True)
    assert {type(result) for result in results} == {LedgerUnavailable}
    connection.fail_commits = False
    assert await writer.run(note(7)) == 7
    assert connection.notes() == [7]
    assert session.reloaded >= 1


async def test_an_error_of_the_store_in_a_job_fails_the_batch(writer: Jobs, connection: Connection) -> None:
    def broken(session: Session) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(LedgerUnavailable):
        await writer.run(broken)
    assert await writer.run(note(1)) == 1


async def test_a_full_queue_is_refused_at_once(writer: Jobs, connection: Connection) -> None:
    connection.gate = threading.Event()
    waiting = [asyncio.create_task(writer.run(note(0)))]
    await asyncio.sleep(0.02)
    waiting += [asyncio.create_task(writer.run(note(n))) for n in range(1, 21)]
    await asyncio.sleep(0.02)
    with pytest.raises(LedgerBusy):
        await writer.run(note(99))
    connection.gate.set()
    await asyncio.gather(*waiting)
    assert 99 not in connection.notes()


async def test_a_caller_that_gave_up_does_not_stop_the_others(writer: Jobs, connection: Connection) -> None:
    connection.gate = threading.Event()
    gone = asyncio.create_task(writer.run(note(1)))
    await asyncio.sleep(0.02)
    gone.cancel()
    other = asyncio.create_task(writer.run(note(2)))
    await asyncio.sleep(0.02)
    connection.gate.set()
    assert await other == 2
    assert connection.notes() == [1, 2]


async def test_a_closed_writer_takes_nothing(connection: Connection, session: Session) -> None:
    writer = Jobs(lambda: Writer(lambda: (connection, session)))  # type: ignore[arg-type, return-value]
    writer.close()
    with pytest.raises(LedgerUnavailable):
        await writer.run(note(1))


def test_what_stops_the_session_from_opening_is_raised() -> None:
    def fail() -> Any:
        raise sqlite3.DatabaseError("file is not a database")

    with pytest.raises(sqlite3.DatabaseError):
        Jobs(lambda: Writer(fail))
