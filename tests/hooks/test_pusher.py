"""Pushing to a real receiver from a real ledger: order, retries, several nodes, and what is logged."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from adapter.errors import LedgerBusy
from adapter.hooks import log as log_module
from adapter.hooks import pusher as pusher_module
from adapter.hooks.bodies import of_sender
from adapter.hooks.building import LOG, pushers
from adapter.hooks.endpoint import Endpoint
from adapter.hooks.pusher import Pusher
from adapter.hooks.target import Target
from adapter.hooks.telling import WAITS, wait_after
from adapter.ledger.hooks import Batch, Ended, HookLedger
from adapter.ledger.sql.changes import OPERATORS
from adapter.ledger.sql.hooks import Hook, Hooks
from tests.hooks.test_endpoint import KEY, check_signature
from tests.support.following import SYSTEM, submit
from tests.support.listener import Receiver
from tests.support.world import World

NAME = "sender:s"
LANES = 100
"""The 500 of a pause are in tests/ledger/contract/test_notices."""
Start = Callable[..., Any]


class Lines:
    """A logger that keeps what it is given."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []

    def _keep(self, event: str, **facts: Any) -> None:
        self.said.append((event, facts))

    info = warning = error = _keep

    def events(self) -> list[str]:
        return [event for event, _ in self.said]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    made = Lines()
    monkeypatch.setattr(pusher_module, "_log", made)
    monkeypatch.setattr(log_module, "_log", made)
    return made


@pytest.fixture
async def start(world: World, lines: Lines) -> AsyncIterator[Start]:
    """Starts pushers of the sender ``s``, waits until they have begun, and stops them."""
    started: list[Pusher] = []

    async def start(
        receiver: Receiver, name: str = NAME, *, patience: float = 5.0, lease: float = 15.0
    ) -> Pusher:
        endpoint = Endpoint(Target(receiver.url, KEY), of_sender, timeout=patience)
        made = Pusher(name, name, HookLedger(world.ledger), endpoint, to="there", poll=0.01, lease=lease)
        started.append(made)
        made.start()
        await until(lambda: made._begun)
        return made

    yield start
    for one in started:
        await one.stop()


async def until(condition: Callable[[], Any]) -> None:
    """Wait for something that will come; a test that waits in vain fails."""
    for _ in range(4000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it does not come")


async def hook(world: World, name: str = NAME) -> Hook:
    found = await world.ledger.read(lambda db: Hooks(db).hook(name))
    assert found is not None
    return found


async def settled(world: World, failures: int, name: str = NAME) -> Hook:
    """The hook, when nobody tells and so many failures are recorded."""
    for _ in range(4000):
        found = await hook(world, name)
        if found.owner is None and found.tries == failures:
            return found
        await asyncio.sleep(0.005)
    raise AssertionError("it does not come to rest")


def told(receiver: Receiver) -> list[str]:
    return [change["event_id"] for call in receiver.calls for change in call.json["data"]["changes"]]


async def test_changes_go_out_in_order_and_signed_with_states_and_causes_and_no_more(
    world: World, receiver: Receiver, start: Start
) -> None:
    await start(receiver)
    for n in range(3):
        await submit(world.ledger, f"e{n}", held="rule:R")
        await submit(world.ledger, f"x{n}", held="rule:R", sender="other")
    await until(lambda: len(told(receiver)) == 3)
    assert told(receiver) == ["e0", "e1", "e2"]
    for call in receiver.calls:
        check_signature(call)
        assert call.json["type"] == "vardbro.changes"
        assert call.json["data"]["next"] == call.json["data"]["changes"][-1]["cursor"]
    change = receiver.calls[0].json["data"]["changes"][0]
    assert change.pop("cursor")
    assert change == {
        "at": "2023-11-14T22:13:20.000Z",
        "identifier": f"{SYSTEM}|e0",
        "event_id": "e0",
        "register": "gvr",
        "service": "vardkontakt",
        "state": "held",
        "cause": "rule:R",
        "message": change["message"],
        "flag": None,
    }


async def test_a_restart_goes_on_where_it_was(world: World, receiver: Receiver, start: Start) -> None:
    first = await start(receiver)
    await submit(world.ledger, "e1", held="rule:R")
    await until(lambda: told(receiver))
    await settled(world, 0)
    await first.stop()
    await submit(world.ledger, "e2", held="rule:R")
    await start(receiver)
    await until(lambda: len(told(receiver)) == 2)
    assert told(receiver) == ["e1", "e2"]


async def test_what_was_not_taken_is_sent_again_the_same_to_the_byte_and_before_anything_newer(
    world: World, receiver: Receiver, start: Start
) -> None:
    receiver.answers.extend([500, 302, "drop"])
    await start(receiver)
    await submit(world.ledger, "e1", held="rule:R")
    for failures in (1, 2, 3):
        await settled(world, failures)
        await submit(world.ledger, f"later-{failures}", held="rule:R")
        world.advance(400)
    await until(lambda: len(told(receiver)) == 7)
    assert told(receiver) == ["e1"] * 4 + ["later-1", "later-2", "later-3"]
    again = receiver.calls[:4]
    assert len({call.body for call in again}) == len({call.headers["webhook-id"] for call in again}) == 1


async def test_it_waits_by_its_schedule_and_for_ever(world: World, receiver: Receiver, start: Start) -> None:
    receiver.answers.extend([503] * 8)
    await start(receiver)
    await submit(world.ledger, "e1", held="rule:R")
    for failures in range(1, 8):
        found = await settled(world, failures)
        wait = WAITS[min(failures, len(WAITS)) - 1]
        assert found.due_at is not None
        assert 0.8 * wait <= found.due_at - world.clock.now <= 1.2 * wait
        world.advance(found.due_at - world.clock.now)
    assert len(receiver.calls) >= 7


def test_a_longer_wait_that_is_asked_for_is_granted_within_a_day() -> None:
    assert wait_after(1, 600.0) == 600.0
    assert wait_after(1, 10**9) == 86_400.0
    assert wait_after(5, 1.0) > 5000


async def test_an_endpoint_that_is_gone_is_left_alone_until_a_restart(
    world: World, receiver: Receiver, start: Start, lines: Lines
) -> None:
    receiver.answers.append(410)
    pusher = await start(receiver)
    await submit(world.ledger, "e1", held="rule:R")
    await until(lambda: not pusher.alive)
    assert lines.events() == ["hook.gone"]
    world.advance(100_000)
    assert len(receiver.calls) == 1
    await start(receiver)
    await until(lambda: len(receiver.calls) == 2)
    assert told(receiver) == ["e1", "e1"]


async def test_one_line_when_it_begins_to_fail_and_one_when_it_recovers(
    world: World, receiver: Receiver, start: Start, lines: Lines
) -> None:
    receiver.answers.extend([500] * 4)
    await start(receiver)
    await submit(world.ledger, "e1", held="rule:R")
    for failures in (1, 2, 3, 4):
        await settled(world, failures)
        world.advance(10_000)
    await submit(world.ledger, "e2", held="rule:R")
    await until(lambda: len(told(receiver)) == 6)
    await settled(world, 0)
    assert lines.events() == ["hook.failing", "hook.recovered"]
    assert lines.said[0][1]["cause"] == "http-500"


async def test_a_receiver_that_hangs_holds_up_neither_intake_nor_delivery_nor_other_hooks(
    world: World, receiver: Receiver, start: Start
) -> None:
    stuck = Receiver()
    stuck.answers.extend(["hang"] * 10)
    try:
        await start(stuck, "sender:a", patience=60.0)
        await start(receiver)
        await submit(world.ledger, "a1", held="rule:R", sender="a")
        await until(lambda: stuck.calls)
        for n in range(20):
            await submit(world.ledger, f"e{n}")
        await world.run()
        await until(lambda: len(told(receiver)) == 20)
        assert (await world.ledger.summary())["messages"] == {"accepted": 20, "held": 1}
        assert len(stuck.calls) == 1
        assert (await hook(world, "sender:a")).owner is not None
    finally:
        stuck.close()


async def test_two_nodes_tell_each_change_once(world: World, receiver: Receiver, start: Start) -> None:
    for _ in range(2):
        await start(receiver)
    for n in range(40):
        await submit(world.ledger, f"e{n}", held="rule:R")
    await until(lambda: len(told(receiver)) >= 40)
    await settled(world, 0)
    assert told(receiver) == [f"e{n}" for n in range(40)]


async def test_another_node_takes_over_when_the_lease_of_a_stuck_one_ends(
    world: World, receiver: Receiver, start: Start
) -> None:
    stuck = Receiver()
    stuck.answers.append("hang")
    try:
        await start(stuck, patience=60.0)
        await submit(world.ledger, "e1", held="rule:R")
        await until(lambda: stuck.calls)
        await start(receiver)
        world.advance(16)
        await until(lambda: receiver.calls)
        assert receiver.calls[0].body == stuck.calls[0].body
        await settled(world, 0)
        stuck.release()
    finally:
        stuck.close()
    assert (await hook(world)).tries == 0


async def test_stopping_gives_the_hook_back_at_once(world: World, receiver: Receiver, start: Start) -> None:
    receiver.answers.append("hang")
    pusher = await start(receiver, patience=60.0)
    await submit(world.ledger, "e1", held="rule:R")
    await until(lambda: receiver.calls)
    await pusher.stop()
    found = await hook(world)
    assert (found.owner, found.lease_until) == (None, None)
    await start(receiver)
    await until(lambda: len(receiver.calls) == 2)
    assert told(receiver) == ["e1", "e1"]


async def test_a_ledger_that_is_busy_for_a_while_loses_nothing(
    world: World, receiver: Receiver, lines: Lines
) -> None:
    class Busy(HookLedger):
        refusals = 0

        async def claim(self, name: str, audience: str, owner: str, lease: float) -> Batch | None:
            self.refusals += 1
            if self.refusals < 4:
                raise LedgerBusy("busy") if self.refusals < 3 else RuntimeError("unforeseen")
            return await super().claim(name, audience, owner, lease)

    ledger = Busy(world.ledger)
    pusher = Pusher(NAME, NAME, ledger, Endpoint(Target(receiver.url, KEY), of_sender), poll=0.01)
    pusher.start()
    await until(lambda: pusher._begun)
    await submit(world.ledger, "e1", held="rule:R")
    await until(lambda: receiver.calls)
    await pusher.stop()
    assert told(receiver) == ["e1"]
    assert lines.events() == ["hook.stumbled"]


async def test_what_was_taken_while_the_ledger_is_busy_is_not_sent_again(
    world: World, receiver: Receiver
) -> None:
    class Busy(HookLedger):
        refusals = 0

        async def told(self, batch: Batch) -> Ended:
            self.refusals += 1
            if self.refusals < 4:
                world.advance(20)  # longer than the lease
                raise LedgerBusy("busy")
            return await super().told(batch)

    pusher = Pusher(NAME, NAME, Busy(world.ledger), Endpoint(Target(receiver.url, KEY), of_sender), poll=0.01)
    pusher.start()
    await until(lambda: pusher._begun)
    for n in (1, 2):
        await submit(world.ledger, f"e{n}", held="rule:R")
        await until(lambda n=n: told(receiver)[-1:] == [f"e{n}"])
    await settled(world, 0)
    await pusher.stop()
    assert told(receiver) == ["e1", "e2"]


async def test_operators_get_a_call_and_a_line_for_each_start_and_clear_whatever_the_number_of_lanes(
    world: World, receiver: Receiver, lines: Lines
) -> None:
    made = pushers(HookLedger(world.ledger), {}, Target(receiver.url, KEY))
    assert [one.name for one in made] == [OPERATORS, LOG]
    for one in made:
        one._poll = 0.01
        one.start()
    await until(lambda: all(one._begun for one in made))
    for n in range(LANES):
        await submit(world.ledger, f"e{n}")
    world.register.down = 401
    for work in await world.claim(limit=30):
        await world.work(work)
    world.register.down = None
    while (await world.ledger.summary())["lanes"] != {"idle": LANES}:
        world.advance(31)
        await world.turn(limit=100)
    await until(lambda: sum(len(call.json["data"]["changes"]) for call in receiver.calls) == 2)
    await until(lambda: len(lines.said) == 2)
    for one in made:
        await one.stop()
    notices = [change for call in receiver.calls for change in call.json["data"]["changes"]]
    assert [(one["state"], one["kind"], one["cause"], one["register"]) for one in notices] == [
        ("started", "paused", "http-401", "gvr"),
        ("cleared", "paused", "http-401", "gvr"),
    ]
    assert (notices[0]["lanes"], notices[1]["since"]) == (LANES, notices[0]["at"])
    assert {call.json["type"] for call in receiver.calls} == {"vardbro.notices"}
    assert lines.events() == ["notice.started", "notice.cleared"]
    assert [facts["lanes"] for _, facts in lines.said] == [one["lanes"] for one in notices]
    assert lines.said[0][1]["cause"] == "http-401"


async def test_notices_are_logged_once_over_restarts_and_nodes(world: World, lines: Lines) -> None:
    async def teller() -> Pusher:
        (one,) = pushers(HookLedger(world.ledger), {}, None)
        one._poll = 0.01
        one.start()
        await until(lambda: one._begun)
        return one

    both = [await teller(), await teller()]
    await world.ledger.pause("gvr", "moving house")
    await until(lambda: lines.said)
    await settled(world, 0, LOG)
    for one in both:
        await one.stop()
    again = await teller()
    await world.ledger.resume("gvr")
    await until(lambda: len(lines.said) > 1)
    await settled(world, 0, LOG)
    await again.stop()
    assert lines.events() == ["notice.started", "notice.cleared"]
