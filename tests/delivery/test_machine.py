"""The lane machine under whatever hypothesis thinks of: senders, workers, faults, crashes and time."""

import asyncio
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapter.delivery.framing import request_of
from adapter.errors import LeaseLost, NotPossible
from adapter.ledger.protocol import LaneFilter, Work
from adapter.ledger.remapping import Remapping, remap
from adapter.registers.protocol import Answer
from tests.support.checker import check_ledger, check_outcome, check_register
from tests.support.register import FakeRegister
from tests.support.stores import store
from tests.support.world import LEASE, World, message, with_abilities

EVENTS = ["e1", "e2"]
FAULTS = [None, "late", "timeout-after", "timeout-before", "refused", 503, 400, 429]
LOOKUP_FAULTS = ["timeout", "refused", 401, 403, 429, 500, 503]
ABLE = [
    ("can_look_up",),
    ("honours_keys",),
    ("probe_by_write",),
    (),
    ("can_look_up", "honours_keys"),
    ("can_look_up", "probe_by_write"),
]
"""What the register can do about an outcome that is not known."""

MEMORY = Path("/dev/shm")
"""Where the ledgers lie if there is such a place: these tests are not about the disk."""


class Lanes(RuleBasedStateMachine):
    """Two events of a naive register; the machine plays the senders, the workers and the operator."""

    store = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.versions = dict.fromkeys(EVENTS, 0)
        self.newest: dict[str, dict[str, Any] | None] = {}
        self.claimed: list[Work] = []
        self.answered: list[tuple[Work, Answer]] = []

    def do(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    @initialize(
        able=st.sampled_from(ABLE),
        policy=st.sampled_from(["park", "skip-and-flag"]),
        found_by=st.sampled_from([(), ("n",)]),
        schedule=st.sampled_from([3, 8]),
    )
    def begin(self, able: tuple[str, ...], policy: str, found_by: tuple[str, ...], schedule: int) -> None:
        abilities = with_abilities(policy=policy, **dict.fromkeys(able, True))
        register = FakeRegister(honours_keys=abilities.honours_keys, naive=True)
        register.found_by = found_by

        async def make() -> World:
            folder = Path(self.folder.name)
            return World(
                folder, abilities, register, (0.0, *[5.0] * (schedule - 1)), store=store(self.store, folder)
            )

        self.world: World = self.do(make())

    @rule(event=st.sampled_from(EVENTS), patient=st.sampled_from(["p", "p", "q"]), again=st.booleans())
    def report(self, event: str, patient: str, again: bool) -> None:
        """A new version; sometimes with the content of the one before."""
        if not (again and self.newest.get(event)):
            self.versions[event] += 1
        n = self.versions[event]
        if again and (newest := self.newest.get(event)):
            patient = newest["patient"]
        self.do(self.world.report(event, n, patient=patient))
        self.newest[event] = {"id": event, "n": n, "patient": patient, "unit": "u1"}

    @rule(event=st.sampled_from(EVENTS))
    def hold(self, event: str) -> None:
        """A version of which no message can be made: a rule, map or table was at fault."""
        self.versions[event] += 1
        n = self.versions[event]
        self.do(self.world.submit(message(event, n, held="rule:X")))
        self.newest[event] = {"id": event, "n": n, "patient": "p", "unit": "u1"}

    @rule(event=st.sampled_from(EVENTS))
    def remap(self, event: str) -> None:
        """The newest message is made anew, where it is still open and in no doubt."""
        newest = self.newest.get(event)
        if newest is not None and self.do(remapped(self.world, event, self.versions[event] + 1, newest)):
            self.versions[event] += 1
            self.newest[event] = {**newest, "n": self.versions[event]}

    @rule(event=st.sampled_from(EVENTS))
    def cancel(self, event: str) -> None:
        self.do(self.world.cancel(event, self.versions[event]))
        self.newest[event] = None

    @rule(limit=st.integers(1, 3))
    def claim(self, limit: int) -> None:
        now = self.world.clock.now
        alive = {work.lane.id for work in self._alive(now)}
        works = self.do(self.world.claim(limit))
        assert alive.isdisjoint(work.lane.id for work in works), "two workers hold one lane"
        self.claimed += works

    @rule(fault=st.sampled_from(FAULTS))
    def deliver(self, fault: int | str | None) -> None:
        """A worker that is not disturbed claims, sends and settles; the fault strikes its first request."""
        for work in self.do(self.world.claim(3)):
            if work.attempt.kind != "lookup":
                self.world.register.faults.append(fault)
                fault = None
            self.do(self.world.work(work))

    @rule(fault=st.sampled_from(LOOKUP_FAULTS))
    def look_up_fails(self, fault: int | str) -> None:
        """The next look-up will meet this."""
        self.world.register.lookup_faults.append(fault)

    @rule(seconds=st.sampled_from([0.5, 3.0, 10.0]))
    def ask_too_early(self, seconds: float) -> None:
        """A request is on its way for longer than its sender waits; somebody asks before it arrives."""
        self.deliver("late")
        self.deliver(None)
        self.time_passes(seconds)
        self.deliver(None)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data(), fault=st.sampled_from(FAULTS))
    def send(self, data: st.DataObject, fault: int | str | None) -> None:
        """A worker sends, if its lease still allows it; otherwise it gives the lane back."""
        work = self.claimed.pop(data.draw(st.integers(0, len(self.claimed) - 1)))
        lease_until = work.lane.lease_until or 0.0
        if self.world.clock.now > lease_until - LEASE / 2:
            self._forgive(self.world.ledger.withdraw(work))
            return
        if work.attempt.kind != "lookup":
            self.world.register.faults.append(fault)
        self.answered.append((work, self.world.register.answer(request_of(work.attempt.request))))

    @precondition(lambda self: self.answered)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        """A worker settles; if it was too late, its answer is evidence."""
        self._settle(*self.answered.pop(data.draw(st.integers(0, len(self.answered) - 1))))

    @rule(fault=st.sampled_from(FAULTS))
    def settle_too_late(self, fault: int | str | None) -> None:
        """A worker is paused between its answer and its settlement, and its lane goes to another one."""
        late = []
        for work in self.do(self.world.claim(1)):
            self.world.register.faults.append(None if work.attempt.kind == "lookup" else fault)
            late.append((work, self.world.register.answer(request_of(work.attempt.request))))
        self.time_passes(LEASE + 1)
        self.claim(3)
        for work, answer in late:
            self._settle(work, answer)

    def _settle(self, work: Work, answer: Answer) -> None:
        holds = self._holds(work)
        settled = self._forgive(self.world.settle(work, answer))
        assert settled == holds, "settled by somebody who does not hold the lane"
        if not settled and work.attempt.kind != "lookup":
            self.do(self.world.evidence(work, answer))

    @rule(seconds=st.sampled_from([0.5, 3.0, 10.0, LEASE + 1]))
    def time_passes(self, seconds: float) -> None:
        """What was on its way arrives before time moves far: that is what the grace is for."""
        self.world.register.arrive_late()
        self.world.advance(seconds)

    @rule()
    def crash(self) -> None:
        """The service is killed; requests that it had sent have had their effect or not."""
        self.claimed.clear()
        self.answered.clear()
        self.do(self.world.reopen())

    @rule()
    def crash_after_sending(self) -> None:
        """The service is killed when its requests have arrived and their answers have not."""
        for work in self.do(self.world.claim(3)):
            self.world.register.answer(request_of(work.attempt.request))
        self.crash()

    @rule(event=st.sampled_from(EVENTS))
    def retry(self, event: str) -> None:
        for lane in self.do(self.world.ledger.lanes(LaneFilter(lane=event)))["lanes"]:
            if lane["state"] in ("parked", "unknown"):
                self.do(self.world.ledger.retry(lane["id"]))

    @invariant()
    def nothing_is_created_twice_or_out_of_order(self) -> None:
        if hasattr(self, "world"):
            check_register(self.world.register)

    @rule()
    def look(self) -> None:
        """Whatever is under way, the ledger agrees with itself."""
        self.do(check_ledger(self.world))

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.do(self._come_to_an_end())
        finally:
            self.runner.close()
            self.folder.cleanup()

    def _alive(self, now: float) -> list[Work]:
        """Works whose holder may still act, unless somebody has moved their lane on."""
        works = self.claimed + [work for work, _ in self.answered]
        return [work for work in works if (work.lane.lease_until or 0.0) >= now and self._holds(work)]

    def _holds(self, work: Work) -> bool:
        lane = self.do(self.world.ledger.lane(work.lane.id))
        return bool(lane["state"] == "leased" and lane["token"] == work.attempt.token)

    def _forgive(self, settlement: Any) -> bool:
        try:
            self.do(settlement)
        except LeaseLost:
            return False
        return True

    async def _come_to_an_end(self) -> None:
        """The faults are over: with an operator's help everything must arrive."""
        world = self.world
        world.register.faults.clear()
        world.register.lookup_faults.clear()
        world.register.arrive_late()
        await world.reopen()
        for _ in range(20):
            world.advance(60)
            await world.settle_all()
            stuck = [
                lane
                for lane in (await world.ledger.lanes(LaneFilter()))["lanes"]
                if lane["state"] in ("parked", "unknown", "held")
            ]
            if not stuck:
                break
            for lane in stuck:
                await _help(world, lane, self.newest[lane["slot"]])
        check_register(world.register)
        await check_ledger(world)
        await check_outcome(world, self.newest)
        assert await world.notices() == []
        await world.close()


async def remapped(world: World, event_id: str, n: int, newest: dict[str, Any]) -> bool:
    """Make the newest message of an event anew, as its version `n`. Whether that was possible."""
    lane = await world.lane(event_id)
    known = (await world.ledger.known([event_id]))[event_id]
    made = message(event_id, n, patient=newest["patient"])
    event = world.event_of(made, known=known, event_id=event_id, decides=("gvr",))
    asked = Remapping(
        lane_id=lane["id"],
        message_id=lane["messages"][-1]["id"],
        event=event,
        receipt_id=known.receipt_id,
    )
    try:
        await world.ledger.write(partial(remap, asked=asked, actor="anna", reason="table mended"))
    except NotPossible:
        return False
    return True


async def _help(world: World, lane: dict[str, Any], newest: dict[str, Any] | None) -> None:
    """What an operator does: remap what is held, retry what is parked, look into the register for what is
    unknown."""
    if lane["state"] == "held":
        assert newest is not None
        assert await remapped(world, lane["slot"], newest["n"], newest)
        return
    if lane["state"] == "parked":
        await world.ledger.retry(lane["id"])
        return
    attempt = world.ledger._jobs.run_blocking(lambda tx: tx.lanes.standing(lane["id"], with_last=True).last)
    body = world.ledger._jobs.run_blocking(
        lambda tx: orjson.loads(tx.lanes.body(attempt.about, attempt.rendering))
    )
    held = world.register.holds.get(lane["slot"])
    done = held is None if attempt.operation == "cancel" else held == body
    await world.ledger.settle_unknown(lane["id"], "accepted" if done else "not-accepted", "looked")


class LanesOnPostgres(Lanes):
    """The same on PostgreSQL, where a killed service's leases run out by themselves."""

    store = "postgres"


_SETTINGS = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestLanes = Lanes.TestCase
TestLanes.settings = _SETTINGS
TestLanesOnPostgres = LanesOnPostgres.TestCase
TestLanesOnPostgres.settings = settings(_SETTINGS, max_examples=15)
