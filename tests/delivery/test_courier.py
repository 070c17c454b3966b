"""The courier: concurrency, order, rate, breaker, drain, a lost lease, a ledger that is gone."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter.delivery.breaker import Breaker
from adapter.delivery.courier import Courier
from adapter.delivery.sending import Sender
from adapter.errors import LedgerUnavailable
from adapter.ledger.protocol import LaneFilter
from adapter.ledger.sqlite import SqliteLedger
from adapter.registers.protocol import Answer, RegisterSettings, Request
from tests.support.register import FakeReceiver, FakeRegister
from tests.support.world import World, message, receipt


class Transport:
    """A fake register behind a wire that takes a moment; `hold` keeps answers back until it is set."""

    def __init__(self, register: FakeRegister) -> None:
        self.register = register
        self.now = self.most = 0
        self.closed = False
        self.hold: asyncio.Event | None = None
        self.raises: Exception | None = None

    async def send(self, request: Request) -> Answer:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            answer = self.register.answer(request)
            await (self.hold.wait() if self.hold else asyncio.sleep(0.001))
            if self.raises is not None:
                raise self.raises
            return answer
        finally:
            self.now -= 1

    async def close(self) -> None:
        self.closed = True


class Desk:
    """A courier with everything around it, in real time."""

    def __init__(self, folder: Path, settings: RegisterSettings, **options: Any) -> None:
        self.ledger = SqliteLedger.open(folder / "ledger.db", reserve=0)
        self.register = FakeRegister(honours_keys=settings.idempotency)
        self.transport = Transport(self.register)
        self.courier = Courier(
            register="gvr",
            ledger=self.ledger,
            receiver=FakeReceiver(looks_up=settings.lookup is not None),
            transport=self.transport,
            settings=settings,
            **{"schedule": (0.0, 0.01, 0.01, 0.01), **options},
        )
        self.ledger.on_messages(lambda _: self.courier.wake())
        self._keys = 0

    async def report(self, event_id: str, n: int = 1, **members: Any) -> None:
        known = await self.ledger.known([event_id])
        new = World.event_of(message(event_id, n, **members), known=known.get(event_id))
        self._keys += 1
        await self.ledger.commit(receipt(f"k{self._keys}"), [new], lambda _: b"")

    async def states(self) -> dict[str, int]:
        found: dict[str, int] = (await self.ledger.summary())["messages"]
        return found

    async def until(self, done: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not await done():
            assert time.monotonic() < deadline, "it did not come to that"
            await asyncio.sleep(0.01)

    async def until_accepted(self, count: int) -> None:
        async def done() -> bool:
            return (await self.states()).get("accepted", 0) == count

        await self.until(done)


@pytest.fixture
async def desks(tmp_path: Path) -> AsyncIterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(options: dict[str, Any] | None = None, **settings: Any) -> Desk:
        desk = Desk(
            tmp_path, RegisterSettings(**{"timeout": 1.0, "grace": 0.0, **settings}), **(options or {})
        )
        made.append(desk)
        return desk

    yield make
    for desk in made:
        await desk.courier.stop(1.0)
        await desk.ledger.close()


async def test_everything_arrives_once_and_in_order(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.courier.start()
    for n in range(1, 4):
        for event in range(20):
            await desk.report(f"e{event}", n)

    async def rest() -> bool:
        lanes = (await desk.ledger.summary())["lanes"]
        return bool(lanes == {"idle": 20})

    await desk.until(rest)
    assert {body["n"] for body in desk.register.holds.values()} == {3}
    versions: dict[str, list[int]] = {}
    for _, body in desk.register.effects:
        versions.setdefault(body["id"], []).append(body["n"])
    assert all(seen == sorted(seen) for seen in versions.values())
    assert (await desk.ledger.audit_verify()).broken_at is None


async def test_no_more_requests_at_once_than_the_register_takes(desks: Callable[..., Desk]) -> None:
    desk = desks(concurrency=3, lookup="/besok")
    for event in range(30):
        await desk.report(f"e{event}")
    desk.courier.start()
    await desk.until_accepted(30)
    assert desk.transport.most == 3


async def test_a_commit_wakes_the_courier_before_it_would_poll(
    desks: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.delivery.courier.POLL", 1000.0)
    desk = desks()
    desk.courier.start()
    await asyncio.sleep(0.05)
    await desk.report("e1")
    await desk.until_accepted(1)


async def test_polling_finds_what_nobody_announced(
    desks: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.delivery.courier.POLL", 0.05)
    desk = desks()
    desk.ledger._listeners.clear()
    desk.courier.start()
    await asyncio.sleep(0.1)
    await desk.report("e1")
    await desk.until_accepted(1)


async def test_what_was_certainly_not_sent_is_tried_again_within_a_second_at_no_cost(
    desks: Callable[..., Desk],
) -> None:
    desk = desks()
    desk.register.faults.extend(["refused", "refused"])
    await desk.report("e1")
    desk.courier.start()
    await desk.until_accepted(1)
    lane = await desk.ledger.lane(1)
    assert lane is not None
    assert [attempt["outcome"]["kind"] for attempt in lane["attempts"]] == ["accepted"]
    assert len(desk.register.requests) == 3


async def test_a_transient_failure_is_retried_by_schedule_and_then_parked(desks: Callable[..., Desk]) -> None:
    desk = desks()
    desk.register.down = 503
    await desk.report("e1")
    desk.courier.start()

    async def parked() -> bool:
        return (await desk.states()) == {"parked": 1}

    await desk.until(parked)
    assert len(desk.register.requests) == 4


async def test_a_doubt_is_looked_up_and_the_next_version_follows(desks: Callable[..., Desk]) -> None:
    desk = desks(lookup="/besok")
    desk.register.faults.append("timeout-after")
    await desk.report("e1")
    desk.courier.start()
    await desk.until_accepted(1)
    await desk.report("e1", 2)
    await desk.until_accepted(2)
    assert [request.method for request in desk.register.requests] == ["POST", "GET", "PUT"]


async def test_a_refused_authentication_calls_back_what_was_not_sent(desks: Callable[..., Desk]) -> None:
    desk = desks(concurrency=2, lookup="/besok")
    desk.register.down = 401
    for event in range(20):
        await desk.report(f"e{event}")
    desk.courier.start()

    async def paused() -> bool:
        return (await desk.states()) == {"waiting": 20}

    await asyncio.sleep(0.1)
    await desk.until(paused)
    assert len(desk.register.requests) <= 4
    lanes = (await desk.ledger.lanes(LaneFilter()))["lanes"]
    assert {lane["tries"] for lane in lanes} == {0}


@pytest.mark.failure(part="register", fault="most attempts fail")
async def test_the_breaker_stops_the_traffic_and_one_probe_resumes_it(desks: Callable[..., Desk]) -> None:
    breaker = Breaker(least=5, pause=0.2)
    desk = desks({"breaker": breaker, "schedule": (0.0, *[0.01] * 40)}, concurrency=2)
    desk.register.down = 503
    for event in range(10):
        await desk.report(f"e{event}")
    desk.courier.start()

    async def is_open() -> bool:
        return breaker.is_open

    await desk.until(is_open)
    await asyncio.sleep(0.05)
    before = len(desk.register.requests)
    await asyncio.sleep(0.1)
    assert len(desk.register.requests) == before
    desk.register.down = None
    await desk.until_accepted(10)
    assert not breaker.is_open


async def test_the_rate_is_kept(desks: Callable[..., Desk]) -> None:
    desk = desks(rate=40.0)
    for event in range(20):
        await desk.report(f"e{event}")
    began = time.monotonic()
    desk.courier.start()
    await desk.until_accepted(20)
    burst = 4
    assert len(desk.register.requests) <= burst + 40 * (time.monotonic() - began)


async def test_stopping_lets_what_is_under_way_end_and_gives_the_rest_back(
    desks: Callable[..., Desk],
) -> None:
    desk = desks(concurrency=2, lookup="/besok")
    desk.transport.hold = asyncio.Event()
    for event in range(10):
        await desk.report(f"e{event}")
    desk.courier.start()

    async def busy() -> bool:
        return desk.transport.now == 2

    await desk.until(busy)
    stopping = asyncio.create_task(desk.courier.stop(5.0))
    await asyncio.sleep(0.05)
    desk.transport.hold.set()
    await stopping
    assert await desk.states() == {"accepted": 2, "waiting": 8}
    assert len(desk.register.requests) == 2
    assert desk.transport.closed
    assert not desk.courier.alive


async def test_what_does_not_end_in_time_stays_recorded_as_an_open_attempt(
    desks: Callable[..., Desk],
) -> None:
    desk = desks(concurrency=1)
    desk.transport.hold = asyncio.Event()
    await desk.report("e1")
    desk.courier.start()

    async def busy() -> bool:
        return desk.transport.now == 1

    await desk.until(busy)
    await desk.courier.stop(0.05)
    lane = await desk.ledger.lane(1)
    assert lane is not None
    assert (lane["state"], lane["attempts"][0]["ended_at"]) == ("leased", None)


async def test_a_request_that_would_outlive_its_lease_is_not_sent(
    desks: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desks()
    refused = []

    def may_send(self: object, lease_ends: float) -> bool:
        refused.append(lease_ends)
        return len(refused) > 2

    monkeypatch.setattr("adapter.delivery.sending.Sender.may_send", may_send)
    await desk.report("e1")
    desk.courier.start()
    await desk.until_accepted(1)
    lane = await desk.ledger.lane(1)
    assert lane is not None
    assert [one["outcome"]["cause"] for one in lane["attempts"]] == ["withdrawn", "withdrawn", "http-201"]
    assert len(desk.register.requests) == 1


async def test_a_lease_is_longer_than_the_time_out_and_what_is_late_is_not_sent(tmp_path: Path) -> None:
    now = [0.0]
    sender = Sender(FakeReceiver(), Transport(FakeRegister()), timeout=10.0, now=lambda: now[0])
    assert sender.lease > 10.0
    assert sender.may_send(sender.lease)
    now[0] = sender.lease - 10.0
    assert not sender.may_send(sender.lease)


async def test_a_lost_lease_makes_the_answer_evidence(
    desks: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desks()
    desk.transport.hold = asyncio.Event()
    await desk.report("e1")
    desk.courier.start()

    async def busy() -> bool:
        return desk.transport.now == 1

    await desk.until(busy)
    desk.ledger.clock._offset += 1000.0  # type: ignore[attr-defined]
    desk.courier.wake()

    async def unknown() -> bool:
        return (await desk.states()) == {"unknown": 1}

    await desk.until(unknown)
    desk.transport.hold.set()
    await desk.until_accepted(1)
    assert len(desk.register.effects) == 1


@pytest.mark.failure(part="disk", fault="full to the last byte")
async def test_an_answer_is_kept_until_the_ledger_takes_it(
    desks: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.delivery.courier.POLL", 0.04)
    desk = desks()
    real, failures = desk.ledger.settle, [3]

    async def settle(*arguments: Any) -> Any:
        if failures[0]:
            failures[0] -= 1
            raise LedgerUnavailable("disk full")
        return await real(*arguments)

    monkeypatch.setattr(desk.ledger, "settle", settle)
    await desk.report("e1")
    desk.courier.start()
    await desk.until_accepted(1)
    assert len(desk.register.requests) == 1


async def test_a_ledger_that_does_not_answer_does_not_end_the_courier(
    desks: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.delivery.courier.POLL", 0.04)
    desk = desks()
    real, failures = desk.ledger.claim, [LedgerUnavailable("gone"), RuntimeError("a fault of ours")]

    async def claim(wanted: Any) -> Any:
        if failures:
            raise failures.pop()
        return await real(wanted)

    monkeypatch.setattr(desk.ledger, "claim", claim)
    await desk.report("e1")
    desk.courier.start()
    await desk.until_accepted(1)
    assert desk.courier.alive


@pytest.mark.parametrize("broken", ["transport", "reading"])
async def test_a_fault_of_our_own_after_sending_leaves_a_doubt_and_never_a_second_create(
    desks: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    desk = desks()
    if broken == "transport":
        desk.transport.raises = RuntimeError("patient 191212121212")
    else:
        monkeypatch.setattr(FakeReceiver, "read", lambda *_: orjson.loads(b"no json"))
    await desk.report("e1")
    desk.courier.start()

    async def unknown() -> bool:
        return (await desk.states()) == {"unknown": 1}

    await desk.until(unknown)
    assert len(desk.register.requests) == 1
