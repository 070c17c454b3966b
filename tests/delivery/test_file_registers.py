"""Lanes of a register that gets files, on both stores: crashes, receipts, rejections, the daily batch."""

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapter.delivery.courier import Courier, abilities_of
from adapter.delivery.framing import Framer, request_of
from adapter.delivery.schedule import Patience, Schedule
from adapter.domain.message import Operation, OutcomeClass
from adapter.ledger.protocol import Claim
from adapter.ledger.sqlite import SqliteLedger
from adapter.registers.files.receiver import FileReceiver
from adapter.registers.files.transport import FileTransport
from adapter.registers.protocol import Answer, RegisterSettings, Request
from adapter.registers.transports import RECEIPT_WAITS
from tests.registers.files.conftest import Folder
from tests.support.world import LEASE, World, message, receipt

SETTINGS = RegisterSettings(transport="file", folder="-", timeout=2.0, grace=0.0)


class Receiver(FileReceiver):
    """A register of the world's messages, over files."""

    name = "gvr"

    def record(self, body: dict[str, Any]) -> str:
        return str(body["id"])

    def line(self, operation: Operation, body: dict[str, Any]) -> dict[str, Any]:
        return {"id": body["id"]} if operation is Operation.CANCEL else body

    def services(self, event: Any) -> Any:
        return ("vardkontakt",)

    def render(self, *given: Any) -> Any:
        return ()


class ByFile:
    """The world's register: each request is a batch of its own."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    def answer(self, request: Request) -> Answer:
        return self.folder.serve(request)[0]


@pytest.fixture
def file_worlds(worlds: Callable[..., World], tmp_path: Path) -> Callable[..., tuple[World, Folder]]:
    """Makes a world whose register gets files, on each store."""

    def make(*, receipts: bool = False) -> tuple[World, Folder]:
        place = tmp_path / "register"
        place.mkdir()
        folder = Folder(place, receipts=receipts)
        world = worlds()
        world.abilities = abilities_of(SETTINGS)
        world.receiver = Receiver()  # type: ignore[assignment]
        world.framer = Framer(world.receiver)
        world.register = ByFile(folder)  # type: ignore[assignment]
        waits = {OutcomeClass.UNKNOWN: Schedule(RECEIPT_WAITS, jitter=0.0)} if receipts else {}
        world.patience = Patience(Schedule((0.0, 5.0, 300.0), jitter=0.0), waits)
        return world, folder

    return make


def told(folder: Folder) -> list[tuple[str, int | None, str]]:
    return [(line["id"], line.get("n"), line["handelse"]) for line in folder.lines()]


async def test_report_correction_and_cancel_are_three_records_in_order(file_worlds):
    world, folder = file_worlds()
    await world.report(n=1)
    await world.run()
    await world.report(n=2)
    await world.run()
    await world.cancel(n=2)
    await world.run()
    assert told(folder) == [("e1", 1, "ny"), ("e1", 2, "rattad"), ("e1", None, "makulerad")]
    assert (await world.lane())["state"] == "idle"


async def test_an_attempt_that_a_crash_cut_off_before_its_batch_is_made_anew_without_an_operator(file_worlds):
    world, folder = file_worlds()
    await world.report()
    await world.claim()
    await world.reopen()
    await world.settle_all()
    assert told(folder) == [("e1", 1, "ny")]
    assert await world.notices() == []


async def test_an_attempt_that_a_crash_cut_off_after_its_batch_is_not_made_again(file_worlds):
    world, folder = file_worlds()
    await world.report()
    [work] = await world.claim()
    world.register.answer(request_of(work.attempt.request))
    await world.reopen()
    await world.settle_all()
    assert told(folder) == [("e1", 1, "ny")]
    assert (await world.lane())["states"] == ["accepted"]


async def test_a_record_without_its_receipt_is_delivered_and_not_accepted_and_nobody_is_called(file_worlds):
    world, _ = file_worlds(receipts=True)
    await world.report()
    await world.run()
    lane = await world.lane()
    assert (lane["state"], lane["cause"]) == ("unknown", "awaiting-receipt")
    assert await world.notices() == []
    assert await world.ledger.dead_letters() == []


async def test_the_receipt_is_asked_for_by_a_schedule_and_settles_the_lane(file_worlds):
    world, folder = file_worlds(receipts=True)
    await world.report()
    await world.run()
    folder.receipt("r.json", {"batch": folder.manifests()[0]["batch"], "accepted": "all"})
    assert await world.run() == []
    world.advance(RECEIPT_WAITS[0])
    await world.run()
    assert (await world.lane())["states"] == ["accepted"]
    assert told(folder) == [("e1", 1, "ny")]


async def test_a_receipt_that_never_comes_calls_an_operator_after_two_days(file_worlds):
    world, folder = file_worlds(receipts=True)
    await world.report()
    await world.run()
    while await world.notices() == []:
        due_in = await world.ledger.due_in("gvr")
        assert due_in is not None
        world.advance(due_in + 0.001)
        await world.run()
    assert await world.notices() == [("unknown", "awaiting-receipt")]
    assert 1.9 < (world.clock.now - 1_700_000_000.0) / 86400 < 2.2
    folder.receipt("r.json", {"batch": folder.manifests()[0]["batch"], "accepted": "all"})
    await world.ledger.retry((await world.lane())["id"])
    await world.run()
    assert (await world.lane())["state"] == "idle"
    assert await world.notices() == []


@pytest.fixture
async def rejected(file_worlds) -> tuple[World, Folder]:
    """A first report that the receipt rejects."""
    world, folder = file_worlds(receipts=True)
    await world.report(n=1)
    await world.run()
    reject(folder, "e1", "okänd enhet")
    world.advance(RECEIPT_WAITS[0])
    await world.run()
    return world, folder


def reject(folder: Folder, record: str, reason: str) -> None:
    batch = folder.manifests()[-1]["batch"]
    folder.receipt("r.json", {"batch": batch, "rejected": [{"record": record, "reason": reason}]})


async def test_a_rejection_parks_the_lane_with_the_receivers_reason(rejected):
    world, _ = rejected
    lane = await world.lane()
    assert (lane["state"], lane["cause"]) == ("parked", "receipt-rejected")
    [group] = await world.ledger.dead_letters()
    assert (group["state"], group["cause"]) == ("parked", "receipt-rejected")
    assert group["reason"]["sv"] == "okänd enhet"


async def test_a_correction_takes_the_place_of_what_was_rejected_as_a_first_report(rejected):
    world, folder = rejected
    await world.report(n=2)
    await world.run()
    assert told(folder)[-1] == ("e1", 2, "ny")


async def test_a_cancel_of_what_was_rejected_sends_nothing(rejected):
    world, folder = rejected
    await world.cancel(n=1)
    await world.run()
    assert len(told(folder)) == 1
    assert (await world.lane())["state"] == "idle"


async def test_a_retry_of_what_was_rejected_is_delivered_again(rejected):
    world, folder = rejected
    await world.ledger.retry((await world.lane())["id"])
    await world.run()
    assert told(folder) == [("e1", 1, "ny"), ("e1", 1, "ny")]
    assert (await world.lane())["cause"] == "awaiting-receipt"


async def test_a_correction_waits_behind_a_record_whose_receipt_has_not_come(file_worlds):
    world, folder = file_worlds(receipts=True)
    await world.report(n=1)
    await world.run()
    await world.report(n=2)
    await world.run()
    assert told(folder) == [("e1", 1, "ny")]
    folder.receipt("r.json", {"batch": folder.manifests()[0]["batch"], "accepted": "all"})
    world.advance(3600)
    await world.run()
    assert told(folder) == [("e1", 1, "ny"), ("e1", 2, "rattad")]


async def test_while_the_window_is_closed_doubts_are_claimed_and_nothing_else(file_worlds):
    world, _ = file_worlds()
    await world.report("e1")
    await world.claim()
    await world.reopen()
    await world.report("e2")
    works = await world.ledger.claim(
        Claim(
            register="gvr",
            owner="w",
            limit=10,
            lease=LEASE,
            frame=world.framer,
            abilities=world.abilities,
            doubts_only=True,
        )
    )
    assert [(work.message.event_id, work.attempt.kind) for work in works] == [("e1", "lookup")]


CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from adapter.ledger.postgres import PostgresLedger
from adapter.ledger.protocol import Claim
from adapter.ledger.sqlite import SqliteLedger
from adapter.delivery.courier import abilities_of
from adapter.delivery.framing import Framer, answer_to_keep, json_body, request_of
from adapter.registers.files.batch import Ndjson
from adapter.registers.files.desk import BatchDesk
from tests.delivery.test_file_registers import SETTINGS, Receiver

place, folder, step = sys.argv[1], sys.argv[2], int(sys.argv[3])
seen = [0]

def count(event, given):
    if event in ("os.rename", "os.rmdir") and folder in str(given[0]):
        seen[0] += 1
        if seen[0] == step:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)

async def main():
    embedded = not place.startswith("postgres")
    ledger = SqliteLedger.open(Path(place), reserve=0) if embedded else PostgresLedger.open(place)
    receiver, desk = Receiver(), BatchDesk("signe", Path(folder), Ndjson())
    works = await ledger.claim(Claim(register="gvr", owner="child", limit=10, lease=1.0,
                                     frame=Framer(receiver), abilities=abilities_of(SETTINGS)))
    answers = desk.serve([request_of(work.attempt.request) for work in works])
    for work, answer in zip(works, answers):
        outcome = receiver.read(work.attempt.operation, json_body(work.body), answer)
        await ledger.settle(work, outcome, 0.0, answer_to_keep(answer))
    await ledger.close()

asyncio.run(main())
"""


@pytest.mark.parametrize("step", [1, 2, 3, 4, 99])
async def test_a_courier_that_is_killed_at_any_rename_of_a_batch_tells_each_record_once(file_worlds, step):
    world, folder = file_worlds()
    for number in range(3):
        await world.report(f"e{number}")
    await world.ledger.close()
    place = world.store.url if world.store.shared else str(world.path)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, place, str(folder.path), str(step)
    )
    code = await child.wait()
    assert code == (0 if step == 99 else -signal.SIGKILL)
    world.clock.now = 4_000_000_000.0  # every lease has run out
    world.ledger = world.store.open(world.clock)
    await world.settle_all()
    assert sorted(told(folder)) == [("e0", 1, "ny"), ("e1", 1, "ny"), ("e2", 1, "ny")]
    assert folder.left_over() == []
    assert await world.notices() == []


class Opening:
    """A window that a test opens."""

    def __init__(self) -> None:
        self.opens_in = 3600.0
        self.done = asyncio.Event()

    async def wait(self) -> float:
        return self.opens_in

    def note(self, kind: OutcomeClass) -> None:
        """Nothing is done with it here."""

    async def left(self, *, nothing: bool) -> None:
        if nothing:
            self.opens_in = 3600.0
            self.done.set()


async def test_the_courier_gathers_what_waited_for_the_window_into_one_batch(folder: Folder, tmp_path: Path):
    ledger = SqliteLedger.open(tmp_path / "ledger.db", reserve=0)
    window = Opening()
    courier = Courier(
        register="gvr",
        ledger=ledger,
        receiver=Receiver(),
        transport=FileTransport(folder.desk, most=100, linger=0.1),
        settings=RegisterSettings(transport="file", folder="-", concurrency=100),
        window=window,
    )
    courier.start()
    try:
        for number in range(20):
            new = World.event_of(message(f"e{number}"), known=None)
            await ledger.commit(receipt(f"k{number}"), [new], lambda _: b"")
            courier.wake()
        assert (await ledger.summary())["lanes"]["waiting"] == 20
        assert await ledger.dead_letters() == []
        assert folder.files() == []
        window.opens_in = 0.0
        courier.wake()
        async with asyncio.timeout(20):
            await window.done.wait()
    finally:
        await courier.stop()
        await ledger.close()
    assert [manifest["count"] for manifest in folder.manifests()] == [20]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "files").mkdir()
    return Folder(tmp_path / "files")
