"""The cut-over: contacts that another system has reported become accepted, without anything being sent; and
what was only stored until then, and is on no list, is let go.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

import msgspec

from adapter.ledger import lane as machine
from adapter.ledger.applying import apply
from adapter.ledger.lane import Standing
from adapter.ledger.ledger import Ledger
from adapter.ledger.model import Fact, LaneState, Listing, MessageState
from adapter.ledger.reported import count_as_accepted, stand_in
from adapter.ledger.sql import cutovers, shadows
from adapter.ledger.sql.session import SqlSession

CHUNK = 200
"""Contacts or messages that one transaction takes: others who write wait no longer than for these."""


class Effect(StrEnum):
    """What loading a contact of the list does."""

    ACCEPTED = "accepted"
    """It was stored here and never sent: now it counts as accepted."""
    LISTED = "listed"
    """Nothing that could be sent has come of it yet: the first that does will count as accepted."""
    ALREADY = "already"
    """It counts as accepted already."""
    UNDER_WAY = "under-way"
    """The register has been asked for it: look at the lane; nothing was done."""
    CANCELLED = "cancelled"
    """The sender has cancelled it here, but the register holds it: let the sender cancel it once more."""


class Loaded(msgspec.Struct, frozen=True):
    """What became of each contact, by identifier; `differs` are accepted ones of which the register holds
    something else than the newest message here."""

    effects: dict[str, Effect]
    differs: tuple[str, ...] = ()


class Released(msgspec.Struct, frozen=True):
    """How many shadow messages are on their way, asked for nothing, and could not be released; the last one
    that was looked at."""

    released: int = 0
    needless: int = 0
    busy: int = 0
    last: int = 0


class _Rehearsed(Exception):
    """No error: it rolls a rehearsal back."""

    def __init__(self, result: Any) -> None:
        self.result = result


class Cutover:
    """What operators do with the list of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def load(self, listings: Sequence[Listing], actor: str, *, rehearse: bool = False) -> Loaded:
        """Take contacts of one sender and register into the list; `rehearse`: say only what it would do."""
        effects: dict[str, Effect] = {}
        differs: list[str] = []
        for start in range(0, len(listings), CHUNK):
            some = listings[start : start + CHUNK]
            loaded: Loaded = await self._run(partial(load, listings=some, actor=actor), rehearse)
            effects |= loaded.effects
            differs += loaded.differs
        self._ledger.wake(frozenset())
        return Loaded(effects, tuple(differs))

    async def release(self, register: str, since: float, actor: str, *, rehearse: bool = False) -> Released:
        """Let the newest shadow message of each lane be sent, of those that were made since then."""
        total = Released()
        while True:
            job = partial(release, register=register, since=since, after=total.last, actor=actor)
            some: Released | None = await self._run(job, rehearse)
            if some is None:
                break
            total = Released(
                total.released + some.released,
                total.needless + some.needless,
                total.busy + some.busy,
                some.last,
            )
        self._ledger.wake(frozenset())
        return total

    async def counts(self) -> list[dict[str, Any]]:
        """How many contacts are listed for each sender and register, and how many have found a message."""
        return await self._ledger.read(cutovers.counts)

    async def page(
        self,
        sender: str | None,
        register: str | None,
        *,
        used: bool | None,
        after: cutovers.Place,
        limit: int,
    ) -> list[dict[str, Any]]:
        """Listed contacts, in order, after a place (three empty texts: from the first)."""
        return await self._ledger.read(
            lambda db: cutovers.page(db, sender, register, used=used, after=after, limit=limit)
        )

    async def _run(self, job: Callable[[SqlSession], Any], rehearse: bool) -> Any:
        """Run a job; a rehearsal is undone."""
        if not rehearse:
            return await self._ledger.write(job)

        def rehearsed(tx: SqlSession) -> None:
            raise _Rehearsed(job(tx))

        try:
            await self._ledger.write(rehearsed)
        except _Rehearsed as end:
            return end.result


def load(tx: SqlSession, listings: Sequence[Listing], actor: str) -> Loaded:
    """Take contacts of one sender and register into the list, and settle those that are stored already."""
    tx.events.lock(sorted(listing.event_id for listing in listings if listing.event_id))
    effects: dict[str, Effect] = {}
    differs: list[str] = []
    for listing in listings:
        effect, vouched = _load(tx, listing, actor)
        effects[listing.identifier] = effect
        if not vouched:
            differs.append(listing.identifier)
    counted = Counter(effect.value for effect in effects.values())
    if listings:
        fact = Fact("cut-over-loaded", detail={"actor": actor, "sender": listings[0].sender, **counted})
        tx.trail.add(fact, register=listings[0].register)
    return Loaded(effects, tuple(differs))


def release(tx: SqlSession, register: str, since: float, after: int, actor: str) -> Released | None:
    """Let the next shadow messages be sent that are the newest of their lanes; None: there are no more."""
    found = shadows.releasable(tx.db, register, since, after, CHUNK)
    if not found:
        return None
    states = Counter(_release(tx, lane_id, message_id, actor) for message_id, lane_id in found)
    released, busy = states[MessageState.WAITING], states[MessageState.SHADOW]
    result = Released(released, len(found) - released - busy, busy, found[-1][0])
    detail = {"actor": actor, "released": released, "needless": result.needless, "busy": busy}
    tx.trail.add(Fact("shadow-released", detail=detail), register=register)
    return result


def _load(tx: SqlSession, listing: Listing, actor: str) -> tuple[Effect, bool]:
    if tx.cutovers.is_used(listing):
        return Effect.ALREADY, True
    tx.cutovers.save(listing, tx.now, used=False)
    events = tx.events.of_identifier(listing.sender, listing.identifier)
    settled = [
        _settle(tx, standing, event.event_id, event.receipt_id, listing, actor)
        for event in events
        for standing in tx.lanes.of_event(event.event_id, (listing.register,))
    ]
    effects = {effect for effect, _ in settled}
    if Effect.UNDER_WAY in effects:
        effect = Effect.UNDER_WAY
    elif not settled:
        effect = _without_lane([event.status for event in events])
    else:
        effect = next(one for one in (Effect.ACCEPTED, Effect.LISTED, Effect.ALREADY) if one in effects)
    if effect is Effect.ALREADY:
        tx.cutovers.use(listing, tx.now)
    elif effect is Effect.UNDER_WAY:
        tx.cutovers.forget(listing)
    return effect, all(vouched for _, vouched in settled)


def _without_lane(statuses: list[str]) -> Effect:
    cancelled = bool(statuses) and all(status == "cancelled" for status in statuses)
    return Effect.CANCELLED if cancelled else Effect.LISTED


def _settle(
    tx: SqlSession, standing: Standing, event_id: str, receipt_id: int, listing: Listing, actor: str
) -> tuple[Effect, bool]:
    """Count what a lane has of the contact as accepted. Answers too whether the list vouches for it."""
    lane = standing.lane
    if lane.accepted is not None:
        return Effect.ALREADY, True
    if not machine.is_untold(standing):
        return Effect.UNDER_WAY, True
    candidate = tx.cutovers.candidate(lane.id, event_id)
    if candidate is not None:
        return Effect.ACCEPTED, count_as_accepted(tx, standing, candidate, listing, actor)
    reported = listing.reported
    if reported is not None and (reported.service, reported.slot) == (lane.service, lane.slot):
        stand_in(tx, standing, reported, receipt_id, listing, actor)
        return Effect.ACCEPTED, True
    return Effect.LISTED, True


def _release(tx: SqlSession, lane_id: int, message_id: int, actor: str) -> MessageState:
    """Release one message. Answers its state: still in shadow when a worker holds the lane."""
    standing, message = tx.lanes.standing(lane_id, with_last=True), tx.lanes.message(message_id)
    if standing is None or message is None or standing.lane.state is LaneState.LEASED:
        return MessageState.SHADOW
    before = Standing(standing.lane, (*standing.open, message), standing.last)
    step = machine.release(before, message, actor, tx.now)
    apply(tx, before, step)
    return next(one.state for one in step.messages if one.id == message_id)
