"""Waking other nodes. Nobody polls in these tests within an hour: what wakes a courier is the bell."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from adapter.delivery import courier as courier_module
from adapter.delivery.courier import Courier
from adapter.ledger.postgres import PostgresLedger
from adapter.ledger.postgres.bell import CHANNEL
from adapter.registers.protocol import Answer, RegisterSettings, Request
from tests.ledger.postgres.conftest import Nodes, until
from tests.support.register import FakeReceiver, FakeRegister

WITHIN = 30.0
"""Seconds after which a test gives up; it is far less than the hour of the polls."""


class Transport:
    """The register's end of the wire."""

    def __init__(self, register: FakeRegister) -> None:
        self._register = register
        self.came = asyncio.Event()

    async def send(self, request: Request) -> Answer:
        answer = self._register.answer(request)
        self.came.set()
        return answer

    async def close(self) -> None:
        pass


class Delivery:
    """A courier at work on a node."""

    def __init__(self, node: PostgresLedger) -> None:
        self.transport = Transport(FakeRegister())
        self.courier = Courier(
            register="gvr",
            ledger=node,
            receiver=FakeReceiver(),
            transport=self.transport,
            settings=RegisterSettings(url="http://127.0.0.1:9/gvr"),
        )
        node.on_messages(lambda _: self.courier.wake())
        self.courier.start()


def listening(nodes: Nodes) -> int:
    """How many nodes listen."""
    (row,) = nodes.ask(f"SELECT COUNT(*) FROM pg_stat_activity WHERE query = 'LISTEN {CHANNEL}'")
    return int(row[0])


@pytest.fixture
async def delivery(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Delivery]:
    """A courier at node B that has asked once and waits; node A has somebody to be woken too, and rings."""
    monkeypatch.setattr(courier_module, "POLL", 3600.0)
    nodes.a.on_messages(lambda _: None)
    made = Delivery(nodes.b)
    for node in (nodes.a, nodes.b):
        await node.due_in("gvr")
    await asyncio.to_thread(until, lambda: listening(nodes) == 2)
    yield made
    await made.courier.stop(5)


async def test_a_commit_at_one_node_wakes_the_courier_of_another(nodes: Nodes, delivery: Delivery) -> None:
    await nodes.report("e1")
    async with asyncio.timeout(WITHIN):
        await delivery.transport.came.wait()


async def test_what_an_operator_does_at_one_node_wakes_the_courier_of_another(
    nodes: Nodes, delivery: Delivery
) -> None:
    await nodes.a.pause("gvr", "for a while")
    await nodes.report("e1")
    assert nodes.ask("SELECT state FROM lanes") == [("waiting",)]
    await nodes.a.resume("gvr")
    async with asyncio.timeout(WITHIN):
        await delivery.transport.came.wait()


async def test_a_bell_whose_connection_was_lost_rings_again(
    nodes: Nodes, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.ledger.postgres.bell.AGAIN", 0.05)
    nodes.ask(
        f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE query = 'LISTEN {CHANNEL}'"
    )
    await asyncio.to_thread(until, lambda: listening(nodes) == 2)
    await nodes.report("e1")
    async with asyncio.timeout(WITHIN):
        await delivery.transport.came.wait()


async def test_only_the_registers_that_got_messages_are_named(nodes: Nodes) -> None:
    heard: list[frozenset[str]] = []
    rung = asyncio.Event()

    def hear(registers: frozenset[str]) -> None:
        heard.append(registers)
        rung.set()

    await listen(nodes, hear)
    await nodes.report("e1")
    async with asyncio.timeout(WITHIN):
        await rung.wait()
    rung.clear()
    await nodes.a.pause("gvr", "r")
    async with asyncio.timeout(WITHIN):
        await rung.wait()
    assert heard == [frozenset({"gvr"}), frozenset()]


async def listen(nodes: Nodes, hear: Callable[[frozenset[str]], None]) -> None:
    """Let B listen, and A ring."""
    nodes.a.on_messages(lambda _: None)
    nodes.b.on_messages(hear)
    for node in (nodes.a, nodes.b):
        await node.due_in("gvr")
    await asyncio.to_thread(until, lambda: listening(nodes) == 2)
