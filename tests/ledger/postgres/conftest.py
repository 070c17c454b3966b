"""Two nodes on one database: each a whole ledger with connections of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest

from adapter.ledger.checking import check
from adapter.ledger.postgres import PostgresLedger
from adapter.ledger.protocol import Claim, Work
from adapter.verification.postgres import drop_database
from tests.support.stores import new_database, server
from tests.support.world import LEASE, World, with_abilities

T = TypeVar("T")
CONNECTIONS = 3


class Nodes:
    """Two ledgers on the database at `url`, with the clock of `world`, which plays sender and register."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.world = World(folder, with_abilities())
        self.clock = self.world.clock
        self.a, self.b = self.open(), self.open()

    def open(self, **options: Any) -> PostgresLedger:
        """One node more."""
        return PostgresLedger.open(self.url, clock=self.clock, **{"connections": CONNECTIONS, **options})

    async def report(self, event_id: str, n: int = 1, **members: Any) -> None:
        """Report an event at the first node."""
        self.world.ledger = self.a
        await self.world.report(event_id, n, **members)

    async def claim(
        self, node: PostgresLedger, limit: int = 10, owner: str = "worker", most: int | None = None
    ) -> list[Work]:
        """Claim lanes at a node."""
        return await node.claim(
            Claim(
                register="gvr",
                owner=owner,
                limit=limit,
                lease=LEASE,
                frame=self.world.framer,
                abilities=self.world.abilities,
                most=most,
            )
        )

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database, or change it behind everybody's back."""
        with psycopg.connect(self.url, autocommit=True) as db:
            cursor = db.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def require_sound(self) -> None:
        """Whatever has happened, the ledger agrees with itself."""
        assert [fault for fault in check(self.url, deep=True).faults if fault.table != "server"] == []

    async def close(self) -> None:
        await asyncio.gather(self.a.close(), self.b.close())


@pytest.fixture
def url() -> Iterator[str]:
    """A database of the test's own, with the ledger's tables."""
    made = new_database()
    yield made
    drop_database(server().url(), made.rpartition("/")[2])


@pytest.fixture
async def nodes(tmp_path: Path, url: str) -> AsyncIterator[Nodes]:
    made = Nodes(tmp_path, url)
    await made.world.ledger.close()
    yield made
    await made.close()


def until(found: Callable[[], T], seconds: float = 20.0) -> T:
    """Ask until the answer is true, and give it."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)
    return answer
