"""Gathering: which requests become one batch, and what happens to those that wait when it ends."""

import asyncio
import threading
from collections.abc import Sequence

from adapter.registers.files.transport import FileTransport
from adapter.registers.protocol import Answer, Request
from tests.registers.files.conftest import Folder, ask, deliver


class Desk:
    """Notes the batches; `gate` holds them back, `raises` makes them fail."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.begun = threading.Event()
        self.raises: Exception | None = None

    def serve(self, requests: Sequence[Request]) -> list[Answer]:
        self.begun.set()
        self.gate.wait(10)
        if self.raises is not None:
            raise self.raises
        self.batches.append([request.path[-1] for request in requests])
        return [Answer(status=200, body=request.path[-1].encode()) for request in requests]


async def test_requests_that_come_together_are_one_batch_and_each_has_its_own_answer():
    desk = Desk()
    transport = FileTransport(desk, most=10, linger=0.05)
    answers = await asyncio.gather(*(transport.send(deliver(key)) for key in "abc"))
    assert desk.batches == [["a", "b", "c"]]
    assert [answer.body for answer in answers] == [b"a", b"b", b"c"]


async def test_a_full_batch_does_not_wait():
    desk = Desk()
    transport = FileTransport(desk, most=2, linger=3600.0)
    async with asyncio.timeout(1.9):
        await asyncio.gather(transport.send(deliver("a")), transport.send(deliver("b")))
    assert desk.batches == [["a", "b"]]


async def test_more_than_a_batch_holds_goes_in_the_next_one_in_order():
    desk = Desk()
    transport = FileTransport(desk, most=2, linger=0.01)
    await asyncio.gather(*(transport.send(deliver(key)) for key in "abcde"))
    assert desk.batches == [["a", "b"], ["c", "d"], ["e"]]


async def test_what_comes_while_a_batch_is_written_waits_for_the_next_one():
    desk = Desk()
    desk.gate.clear()
    transport = FileTransport(desk, most=10, linger=0.01)
    first = asyncio.create_task(transport.send(deliver("a")))
    await asyncio.to_thread(desk.begun.wait, 10)
    second = asyncio.create_task(transport.send(deliver("b")))
    await asyncio.sleep(0)
    desk.gate.set()
    await asyncio.gather(first, second)
    assert desk.batches == [["a"], ["b"]]


async def test_whoever_has_given_up_before_the_batch_begins_is_not_in_it():
    desk = Desk()
    transport = FileTransport(desk, most=10, linger=0.05)
    patient, hasty = (asyncio.create_task(transport.send(deliver(key))) for key in "ab")
    await asyncio.sleep(0)
    hasty.cancel()
    await patient
    assert desk.batches == [["a"]]


async def test_a_desk_that_stumbles_leaves_the_outcome_open_and_goes_on():
    desk = Desk()
    desk.raises = RuntimeError("nobody thought of this")
    transport = FileTransport(desk, most=10, linger=0.01)
    assert (await transport.send(deliver("a"))).failure == "protocol"
    desk.raises = None
    assert (await transport.send(deliver("b"))).status == 200


async def test_closing_lets_the_batch_under_way_end_and_sends_nothing_more():
    desk = Desk()
    desk.gate.clear()
    transport = FileTransport(desk, most=1, linger=0.01)
    first = asyncio.create_task(transport.send(deliver("a")))
    await asyncio.to_thread(desk.begun.wait, 10)
    second = asyncio.create_task(transport.send(deliver("b")))
    await asyncio.sleep(0)
    closing = asyncio.create_task(transport.close())
    await asyncio.sleep(0)
    desk.gate.set()
    await closing
    assert (await first).status == 200
    assert (await second).failure == "closed"
    assert (await transport.send(deliver("c"))).failure == "closed"
    assert desk.batches == [["a"]]


async def test_questions_and_deliveries_share_a_turn_and_questions_are_about_what_was(folder: Folder):
    transport = FileTransport(folder.desk, most=10, linger=0.05)
    told, asked = await asyncio.gather(transport.send(deliver("a")), transport.send(ask("a")))
    assert (told.status, asked.status) == (200, 404)
    assert (await transport.send(ask("a"))).status == 200
