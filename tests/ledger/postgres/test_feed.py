"""The feed of changes when several nodes write: nothing is skipped, however late its commit came."""

import asyncio
import random
import threading
import time
from collections.abc import Callable

from adapter.ledger.following import Following
from adapter.ledger.postgres import PostgresLedger
from adapter.ledger.sql.changes import BEGINNING, Changes
from adapter.ledger.sql.session import SqlSession
from tests.ledger.postgres.conftest import Nodes


def tell(tx: SqlSession, what: str) -> None:
    tx.changes.add(tx.now, "sender:s", register="gvr", state=what)


def takes_its_number(tx: SqlSession) -> None:
    """Give the transaction its place in the order, as its first write does."""
    tx.db.execute(f"SELECT {tx.db.transaction}")


async def page(node: PostgresLedger, cursor: str, limit: int = 100) -> tuple[list[str], str]:
    found = await Following(node).changes("s", cursor, limit)
    return [change.facts["state"] for change in found.changes], found.next


class Held:
    """A job that begins, and ends when it is told to."""

    def __init__(self, what: Callable[[SqlSession], None]) -> None:
        self._what = what
        self._began, self._end = threading.Event(), threading.Event()

    def __call__(self, tx: SqlSession) -> None:
        takes_its_number(tx)
        self._what(tx)
        self._began.set()
        assert self._end.wait(20)

    async def began(self) -> None:
        assert await asyncio.to_thread(self._began.wait, 20)

    def end(self) -> None:
        self._end.set()


async def test_a_change_that_began_earlier_and_is_committed_later_is_not_skipped(nodes: Nodes) -> None:
    held = Held(lambda tx: tell(tx, "first"))
    early = asyncio.create_task(nodes.a.write(held))
    await held.began()
    await nodes.b.write(lambda tx: tell(tx, "second"))

    states, cursor = await page(nodes.b, BEGINNING)
    assert (states, cursor) == ([], BEGINNING)

    held.end()
    await early
    states, cursor = await page(nodes.b, cursor)
    assert states == ["first", "second"]
    assert (await page(nodes.a, cursor))[0] == []


async def test_the_newest_cursor_does_not_pass_over_what_is_under_way(nodes: Nodes) -> None:
    held = Held(lambda tx: tell(tx, "first"))
    early = asyncio.create_task(nodes.a.write(held))
    await held.began()
    await nodes.b.write(lambda tx: tell(tx, "second"))
    cursor = await nodes.b.read(lambda db: Changes(db).last("sender:s"))
    held.end()
    await early
    assert (await page(nodes.b, cursor))[0] == ["first", "second"]


async def test_what_was_committed_before_another_began_is_told_while_that_one_is_under_way(
    nodes: Nodes,
) -> None:
    await nodes.b.write(lambda tx: tell(tx, "before"))
    held = Held(lambda tx: tell(tx, "under way"))
    open_one = asyncio.create_task(nodes.a.write(held))
    await held.began()
    assert (await page(nodes.b, BEGINNING))[0] == ["before"]
    held.end()
    await open_one


async def test_a_transaction_that_only_reads_holds_nothing_back(nodes: Nodes) -> None:
    began, end = threading.Event(), threading.Event()

    def reading(tx: SqlSession) -> None:
        tx.db.execute("SELECT COUNT(*) FROM lanes").fetchone()
        began.set()
        assert end.wait(20)

    reader = asyncio.create_task(nodes.a.write(reading))
    assert await asyncio.to_thread(began.wait, 20)
    await nodes.b.write(lambda tx: tell(tx, "told"))
    assert (await page(nodes.b, BEGINNING))[0] == ["told"]
    end.set()
    await reader


async def test_a_reader_sees_every_change_once_however_commits_overtake_each_other(nodes: Nodes) -> None:
    chance = random.Random(7)
    pauses = [chance.random() / 100 for _ in range(120)]
    done = asyncio.Event()

    def slowly(number: int) -> Callable[[SqlSession], None]:
        def job(tx: SqlSession) -> None:
            takes_its_number(tx)
            tell(tx, str(number))
            time.sleep(pauses[number])

        return job

    async def read() -> list[str]:
        seen: list[str] = []
        cursor = BEGINNING
        while True:
            ended = done.is_set()
            states, cursor = await page(nodes.b, cursor, 7)
            seen += states
            if ended and not states:
                return seen

    reader = asyncio.create_task(read())
    await asyncio.gather(
        *((nodes.a if number % 2 else nodes.b).write(slowly(number)) for number in range(120))
    )
    done.set()
    seen = await reader
    assert sorted(map(int, seen)) == list(range(120))
