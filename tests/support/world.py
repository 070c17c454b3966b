"""A ledger, a register and a clock that tests move by hand: every step of a lane, one at a time."""

import hashlib
from pathlib import Path
from typing import Any, Literal

import orjson
from msgspec.structs import replace

from adapter.delivery.framing import Framer, json_body, request_of
from adapter.delivery.schedule import Patience, Schedule
from adapter.domain.message import Intent, Outcome
from adapter.ledger.model import (
    Abilities,
    Committed,
    Edit,
    KnownEvent,
    LaneState,
    NewEvent,
    NewMessage,
    NewReceipt,
)
from adapter.ledger.protocol import Claim, LaneFilter, Work
from adapter.registers.protocol import Answer
from tests.support.register import FakeReceiver, FakeRegister
from tests.support.stores import SqliteStore, Store

LEASE = 30.0
Status = Literal["final", "corrected", "cancelled", "pending"]


class Clock:
    """Seconds that pass when told to."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def receipt(key: str | None, body_hash: str | None = None, sender: str = "s") -> NewReceipt:
    """A submission that was taken."""
    return NewReceipt(
        sender=sender,
        key=key,
        body_hash=body_hash or str(key),
        size=1,
        received_at=0.0,
        status=200,
        payload=None,
    )


def message(
    event_id: str,
    n: int = 1,
    *,
    intent: Intent = "report",
    patient: str = "p",
    unit: str = "u1",
    register: str = "gvr",
    slot: str | None = None,
    held: str | None = None,
    shadow: bool = False,
    edition: str = "2025",
) -> NewMessage:
    """A message whose body says which event, version, patient and unit it is of."""
    body = b"" if held else orjson.dumps({"id": event_id, "n": n, "patient": patient, "unit": unit})
    return NewMessage(
        register=register,
        service="vardkontakt",
        slot=slot or event_id,
        event_id=event_id,
        intent=intent,
        body=body,
        trace=b"[]",
        content="" if held else hashlib.sha256(intent.encode() + body).hexdigest(),
        identity="" if held else f"{patient}/{unit}",
        unit=unit,
        edition=edition,
        care_date="2025-03-03",
        held=held,
        shadow=shadow,
    )


class World:
    """Everything around a lane. `lease` etc. are those of a worker that this object plays."""

    def __init__(
        self,
        folder: Path,
        abilities: Abilities | None = None,
        register: FakeRegister | None = None,
        schedule: tuple[float, ...] = (0.0, 5.0, 300.0, 1800.0),
        store: Store | None = None,
    ) -> None:
        self.clock = Clock()
        self.store = store or SqliteStore(folder)
        self.path = folder / "ledger.db"
        self.ledger = self.store.open(self.clock)
        self.abilities = abilities or Abilities()
        self.register = register or FakeRegister(honours_keys=self.abilities.honours_keys)
        self.receiver = FakeReceiver(looks_up=self.abilities.can_look_up)
        self.framer = Framer(self.receiver)
        self.patience = Patience(Schedule(schedule, jitter=0.0))
        self._submissions = 0

    async def close(self) -> None:
        await self.ledger.close()
        self.store.discard()

    async def reopen(self) -> None:
        """Kill the service and start it again: nobody is left who holds a lane.

        Where other services may be alive, that is seen when the leases run out.
        """
        await self.ledger.close()
        self.ledger = self.store.open(self.clock)
        if self.store.shared:
            self.clock.now += LEASE + 1
            await self.claim(limit=0)

    # The sender

    async def submit(
        self,
        *messages: NewMessage,
        event_id: str | None = None,
        version: str | None = None,
        status: Status | None = None,
        decides: tuple[str, ...] = (),
        edit: Edit | None = None,
        key: str | None = None,
    ) -> Committed:
        """Commit one event version with its messages."""
        event_id = event_id or messages[0].event_id
        known = (await self.ledger.known([event_id])).get(event_id)
        event = self.event_of(
            *messages,
            known=known,
            event_id=event_id,
            version=version,
            status=status,
            decides=decides,
            edit=edit,
        )
        self._submissions += 1
        return await self.ledger.commit(receipt(key or f"k{self._submissions}"), [event], lambda _: b"answer")

    @staticmethod
    def event_of(
        *messages: NewMessage,
        known: KnownEvent | None,
        event_id: str | None = None,
        version: str | None = None,
        status: Status | None = None,
        decides: tuple[str, ...] = (),
        edit: Edit | None = None,
    ) -> NewEvent:
        """A version of an event, made with what is known of it."""
        event_id = event_id or messages[0].event_id
        cancelled = bool(messages) and all(m.intent == "cancel" for m in messages)
        return NewEvent(
            event_id=event_id,
            sender="s",
            identifier=f"enc-{event_id}",
            version=version,
            expected_revision=known.revision if known else 0,
            status=status or ("cancelled" if cancelled else "final"),
            content=repr([(m.register, m.content, m.held) for m in messages]),
            messages=messages,
            decides=decides,
            edit=edit,
        )

    async def report(self, event_id: str = "e1", n: int = 1, **members: Any) -> Committed:
        """Report version `n` of an event."""
        return await self.submit(message(event_id, n, **members))

    async def cancel(self, event_id: str = "e1", n: int = 1, **members: Any) -> Committed:
        """Cancel an event."""
        return await self.submit(message(event_id, n, intent="cancel", **members))

    # The worker

    async def claim(self, limit: int = 10, owner: str = "worker", fresh: int = 0) -> list[Work]:
        """Claim lanes; their attempts are committed when this returns."""
        return await self.ledger.claim(
            Claim(
                register="gvr",
                owner=owner,
                limit=limit,
                lease=LEASE,
                frame=self.framer,
                abilities=self.abilities,
                fresh=fresh,
            )
        )

    async def settle(self, work: Work, answer: Answer) -> LaneState:
        """Settle an attempt with the register's answer."""
        operation, body = work.attempt.operation, json_body(work.body)
        if work.attempt.kind == "lookup":
            found = self.receiver.read_lookup(operation, body, answer)
            if isinstance(found, Outcome):
                ask_in = self.patience.ask_in(work, found.kind)
                return await self.ledger.refuse_lookup(work, found, ask_in)
            return await self.ledger.settle_lookup(
                work, found, self.patience.ask_in(work), self.patience.again_in(work)
            )
        outcome = self.receiver.read(operation, body, answer)
        return await self.ledger.settle(work, outcome, self.patience.retry_in(work, outcome.kind))

    async def work(self, work: Work) -> LaneState:
        """Send one attempt and settle it."""
        return await self.settle(work, self.register.answer(request_of(work.attempt.request)))

    async def evidence(self, work: Work, answer: Answer) -> LaneState:
        """Append an answer that came too late."""
        outcome = self.receiver.read(work.attempt.operation, json_body(work.body), answer)
        return await self.ledger.evidence(work, outcome)

    async def turn(self, limit: int = 10) -> list[Work]:
        """Claim once and work off what was claimed."""
        works = await self.claim(limit)
        for work in works:
            await self.work(work)
        return works

    async def run(self, turns: int = 50) -> list[Work]:
        """Work until nothing is due at this moment."""
        done: list[Work] = []
        for _ in range(turns):
            works = await self.turn()
            if not works:
                return done
            done += works
        raise AssertionError("the lanes do not come to rest")

    async def settle_all(self, hours: float = 100.0) -> None:
        """Let time pass until everything that resolves by itself has done so."""
        end = self.clock.now + hours * 3600
        while self.clock.now < end:
            await self.run()
            due_in = await self.ledger.due_in("gvr")
            if due_in is None:
                return
            self.clock.now += due_in + 0.001
        raise AssertionError("the lanes do not come to rest")

    def advance(self, seconds: float) -> None:
        self.clock.now += seconds

    # What can be seen

    async def lane(self, slot: str = "e1") -> Any:
        """A lane as operators see it, with its messages' states in `states`."""
        found = (await self.ledger.lanes(LaneFilter(lane=slot)))["lanes"]
        lane = await self.ledger.lane(found[0]["id"])
        assert lane is not None
        lane["states"] = [one["state"] for one in lane["messages"]]
        return lane

    async def notices(self) -> list[tuple[str, str]]:
        """The standing notices: (kind, cause)."""
        return sorted((notice["kind"], notice["cause"]) for notice in await self.ledger.notices())

    def operations(self) -> list[tuple[str, int]]:
        """The effects at the register: (method, version)."""
        return [(method, body["n"]) for method, body in self.register.effects]


def with_abilities(**abilities: Any) -> Abilities:
    """Abilities with a short grace."""
    return replace(Abilities(grace=2.0), **abilities)
