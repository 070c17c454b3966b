"""While a synchronous standby is away: nothing is acknowledged, and nothing is done twice because of it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from adapter.errors import LedgerUnavailable
from adapter.ledger.postgres import condition
from tests.ledger.postgres.conftest import Nodes, until
from tests.support.stores import server
from tests.support.world import World, message, receipt


@contextmanager
def away() -> Iterator[None]:
    """The server waits for a standby that is not there."""
    _require("nobody")
    try:
        yield
    finally:
        _require("")


def _require(name: str) -> None:
    with psycopg.connect(server().url(), autocommit=True) as db:
        db.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'".encode())
        db.execute("SELECT pg_reload_conf()")
        until(lambda: db.execute("SHOW synchronous_standby_names").fetchone() == (name,))


def waiting(nodes: Nodes) -> list[int]:
    """The processes whose commits wait for the standby."""
    return [row[0] for row in nodes.ask("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")]


async def send(nodes: Nodes) -> None:
    event = World.event_of(message("e1"), known=None)
    await nodes.b.commit(receipt("k1"), [event], lambda _: b"answer")


@pytest.fixture
def nodes(nodes: Nodes) -> Nodes:
    """The second node gives up soon."""
    nodes.b._within = 0.3
    return nodes


async def test_a_submission_is_not_acknowledged_and_not_seen_before_the_standby_has_it(nodes: Nodes) -> None:
    with away():
        with pytest.raises(LedgerUnavailable, match="did not confirm in time"):
            await send(nodes)
        await asyncio.to_thread(until, lambda: waiting(nodes))
        assert await nodes.b.receipt("s", "k1") is None
        with pytest.raises(LedgerUnavailable):
            await send(nodes)
    await asyncio.to_thread(until, lambda: not waiting(nodes))
    found = await nodes.a.receipt("s", "k1")
    assert found is not None
    assert nodes.ask("SELECT COUNT(*) FROM receipts") == [(1,)]
    nodes.require_sound()


async def test_a_resend_of_what_was_committed_and_not_confirmed_is_not_acknowledged_either(
    nodes: Nodes,
) -> None:
    with away():
        with pytest.raises(LedgerUnavailable):
            await send(nodes)
        (pid,) = await asyncio.to_thread(until, lambda: waiting(nodes))
        nodes.ask("SELECT pg_cancel_backend(%s)", pid)  # now it is there for all to see, on this server only
        await asyncio.to_thread(until, lambda: nodes.ask("SELECT id FROM receipts"))
        with pytest.raises(LedgerUnavailable):
            await nodes.b.receipt("s", "k1")
    await asyncio.to_thread(until, lambda: not waiting(nodes))
    found = await nodes.b.receipt("s", "k1")
    assert found is not None
    assert found.answer == b"answer"


async def test_what_is_there_can_still_be_read(nodes: Nodes) -> None:
    await nodes.report("e1")
    with away():
        assert (await nodes.b.summary())["lanes"] == {"waiting": 1}
        assert "e1" in await nodes.b.known(["e1"])


def test_that_the_standby_is_away_is_said_by_the_check(url: str) -> None:
    with away():
        found = {remark.name: remark for remark in condition.examine(url)}
        assert not found["standby"].ok
        assert "503" in found["standby"].says
    found = {remark.name: remark for remark in condition.examine(url)}
    assert found["standby"].ok
