"""What a transition reads and what it returns, and the bookkeeping that all transitions share."""

from typing import Any

import msgspec
from msgspec.structs import replace

from adapter.domain.message import Outcome, OutcomeClass
from adapter.ledger.model import OPEN_STATES, Attempt, Fact, Lane, LaneState, Message, MessageState


class Standing(msgspec.Struct, frozen=True):
    """A lane, its open messages by sequence number, and its newest attempt that could have an effect.

    `last` is never a look-up. It is None as long as nothing was tried, and may be left out where the lane is
    not unknown and nothing is open.
    """

    lane: Lane
    open: tuple[Message, ...] = ()
    last: Attempt | None = None


class Step(msgspec.Struct, frozen=True):
    """A standing after a transition: records that are the same objects as before need not be written."""

    lane: Lane
    messages: tuple[Message, ...]
    facts: tuple[Fact, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    """Attempts that were opened or changed."""

    @property
    def open(self) -> tuple[Message, ...]:
        """The messages that are still open."""
        return tuple(message for message in self.messages if message.state in OPEN_STATES)


_LANE_STATES = {
    MessageState.WAITING: LaneState.WAITING,
    MessageState.UNKNOWN: LaneState.UNKNOWN,
    MessageState.PARKED: LaneState.PARKED,
    MessageState.HELD: LaneState.HELD,
}
"""Where a lane that nobody holds stands, by its front message."""

NO_EFFECT = frozenset({MessageState.WAITING, MessageState.PARKED, MessageState.HELD})
"""States of a message whose requests, if any, certainly had no effect."""


class Turn:
    """One transition in the making. Each transition makes one, changes it, and ends with a step."""

    def __init__(self, standing: Standing, now: float) -> None:
        self.lane = standing.lane
        self.messages = list(standing.open)
        self.now = now
        self._facts: list[Fact] = []
        self._attempts: list[Attempt] = []
        self._front_before = standing.open[0].id if standing.open else None

    @property
    def front(self) -> Message | None:
        """The oldest open message: the only one that may be sent."""
        return next((message for message in self.messages if message.state in OPEN_STATES), None)

    def behind(self, message: Message) -> list[Message]:
        """The open messages after `message`."""
        return [other for other in self.messages if other.seq > message.seq and other.state in OPEN_STATES]

    def newest_of(self, message: Message) -> Message:
        """The newest open message of the same event, perhaps `message` itself."""
        same = [other for other in self.behind(message) if other.event_id == message.event_id]
        return same[-1] if same else message

    def change(self, **changes: Any) -> None:
        """Change members of the lane."""
        self.lane = replace(self.lane, **changes)

    def move(self, message: Message, state: MessageState, **changes: Any) -> Message:
        """Put a message into another state."""
        moved = replace(message, state=state, **changes)
        self.messages[self.messages.index(message)] = moved
        return moved

    def fact(self, kind: str, message: Message | None = None, **detail: Any) -> None:
        """Note what happened, for the audit trail."""
        self._facts.append(Fact(kind, None if message is None else message.id, detail))

    def write(self, attempt: Attempt) -> None:
        """Open an attempt, or add to one."""
        self._attempts.append(attempt)

    def end(self, attempt: Attempt, outcome: Outcome | None, **changes: Any) -> None:
        """End an attempt with what is known of it."""
        self.write(replace(attempt, ended_at=self.now, outcome=outcome, **changes))

    def come_to_rest(
        self, due_at: float | None, why: OutcomeClass | None = None, *, skip: bool = False
    ) -> Step:
        """Release the lane and put it where its front message belongs.

        `due_at` is when the lane is to be looked at again; one that only an operator can move is not due,
        unless others wait behind (the register's policy may let them pass). `why` is the class of the outcome
        that leaves it to an operator. `skip` lets those behind a parked message pass at once.
        """
        self.replace_outdated()
        self._finish_needless()
        if skip and self._pass_by():
            due_at = self.now
        front = self.front
        state = LaneState.IDLE if front is None else _LANE_STATES[front.state]
        if front is None or front.id != self._front_before:
            self.change(tries=0, asks=0)
        is_due = state in (LaneState.WAITING, LaneState.UNKNOWN) or (front and self.behind(front))
        is_stuck = state is LaneState.PARKED or (state is LaneState.UNKNOWN and due_at is None)
        self.change(
            state=state,
            due_at=due_at if is_due else None,
            owner=None,
            lease_until=None,
            cause=front.cause if front else None,
            why=(why or self.lane.why) if is_stuck else None,
            unit=front.unit if front else self.lane.unit,
            since=self.now if state is not self.lane.state else self.lane.since,
        )
        return self.step()

    def step(self) -> Step:
        """The result of the transition."""
        return Step(self.lane, tuple(self.messages), tuple(self._facts), tuple(self._attempts))

    def replace_outdated(self) -> None:
        """Let newer messages of the same event replace those that certainly had no effect."""
        if len(self.messages) < 2:
            return
        for message in list(self.messages):
            newest = self.newest_of(message)
            if message.state in NO_EFFECT and newest is not message:
                needless = newest.intent == "cancel" and not self._is_held_by_register(message)
                self.move(message, MessageState.CLOSED if needless else MessageState.SUPERSEDED)
                self.fact("closed" if needless else "superseded", message, by=newest.id)

    def _finish_needless(self) -> None:
        """End waiting front messages that ask for nothing: a cancel of nothing, a report of the same."""
        while (front := self.front) is not None and front.state is MessageState.WAITING:
            if front.intent == "cancel":
                if self._is_held_by_register(front):
                    return
                self.move(front, MessageState.CLOSED)
                self.fact("closed", front)
            elif self._is_held_by_register(front) and front.content == self._held_content():
                self.move(front, MessageState.UNCHANGED)
                self.fact("unchanged", front)
            else:
                return

    def _pass_by(self) -> bool:
        """Let the next message go past a parked front; flag both. An outcome in doubt lets nothing past."""
        front = self.front
        if front is None or front.state is not MessageState.PARKED:
            return False
        behind = self.behind(front)
        if not behind:
            return False
        self.move(front, MessageState.SKIPPED, flag="order-broken")
        self.move(behind[0], behind[0].state, flag="order-broken")
        self.fact("skipped", front, by=behind[0].id)
        self._finish_needless()
        return True

    def _is_held_by_register(self, message: Message) -> bool:
        """Whether the register holds something of the message's event, or may (an attempt is in doubt)."""
        front = self.front
        if front is not None and front.state not in NO_EFFECT and front.event_id == message.event_id:
            return True
        accepted = self.lane.accepted
        return accepted is not None and accepted.event_id == message.event_id

    def _held_content(self) -> str | None:
        return self.lane.accepted.content if self.lane.accepted else None
