"""What to ask of the register next, from what it has accepted and what is in doubt."""

import msgspec

from adapter.domain.message import Operation, Outcome, OutcomeClass
from adapter.ledger.lane.standing import Standing
from adapter.ledger.model import Abilities, Attempt, AttemptKind, Message, MessageState

UNREADABLE_LOOKUPS = 3
"""After so many look-ups without an answer another means of settling the doubt is used, if there is one."""

SENT_WITHIN = 5.0
"""Seconds after its commit in which an attempt is sent, if at all (the sender looks at its lease)."""

CUT_OFF = Outcome(kind=OutcomeClass.UNKNOWN, cause="cut-off")
"""Outcome of an attempt that was open when the service ended."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to make. `message` is the one it serves, `about` the one whose body the request carries,
    `rendering` which of that one's renderings.

    `repeat` is the attempt whose request and key are to be sent again, unchanged.
    """

    kind: AttemptKind
    operation: Operation
    message: Message
    about: int
    rendering: int
    identity: str
    repeat: Attempt | None = None


class Rest(msgspec.Struct, frozen=True):
    """Nothing to do until `due_at` (None: until somebody does something)."""

    due_at: float | None


def plan(standing: Standing, abilities: Abilities, now: float) -> Plan | Rest:
    """What to do with a lane that is due."""
    front = standing.open[0] if standing.open else None
    if front is not None and front.state is MessageState.WAITING:
        return _delivery(standing, front, abilities)
    if front is not None and front.state is MessageState.UNKNOWN and standing.last is not None:
        return _resolution(standing, front, standing.last, abilities, now)
    return Rest(None)


def has_means(abilities: Abilities) -> bool:
    """Whether a doubt can be settled without an operator."""
    return abilities.can_look_up or abilities.honours_keys or abilities.probe_by_write


def quiet_at(attempt: Attempt, abilities: Abilities) -> float:
    """When a request of the attempt can take effect no longer: from then on absence can be believed.

    The grace runs from the attempt's end. One that was cut off ended unseen, and nobody is left who could
    still send it: it counts as ended when its sender would have given up, had it not been killed.
    """
    if attempt.ended_at is None:
        return attempt.started_at + SENT_WITHIN + abilities.timeout + abilities.grace
    if attempt.outcome == CUT_OFF:
        sent_at = min(attempt.started_at + SENT_WITHIN, attempt.ended_at)
        return sent_at + abilities.timeout + abilities.grace
    return attempt.ended_at + abilities.grace


def _delivery(standing: Standing, front: Message, abilities: Abilities) -> Plan:
    """Create, update or cancel. A report with another patient or unit cancels what was accepted first."""
    lane, accepted = standing.lane, standing.lane.accepted
    if accepted is not None and (front.intent == "cancel" or accepted.identity != front.identity):
        return Plan(
            kind="deliver",
            operation=Operation.CANCEL,
            message=front,
            about=accepted.message_id,
            rendering=accepted.rendering,
            identity=accepted.identity,
        )
    revived = abilities.revives_by_update and lane.cancelled == front.identity
    operation = Operation.CREATE if accepted is None and not revived else Operation.UPDATE
    return Plan(
        kind="deliver",
        operation=operation,
        message=front,
        about=front.id,
        rendering=front.rendering,
        identity=front.identity,
    )


def _resolution(
    standing: Standing, front: Message, last: Attempt, abilities: Abilities, now: float
) -> Plan | Rest:
    """How to settle a doubt: ask; else send the same again under its key; else probe by a write."""
    can_write = abilities.honours_keys or abilities.probe_by_write
    if abilities.can_look_up and (standing.lane.asks < UNREADABLE_LOOKUPS or not can_write):
        return Plan(
            kind="lookup",
            operation=last.operation,
            message=front,
            about=last.about,
            rendering=last.rendering,
            identity=last.identity,
        )
    if abilities.honours_keys and last.key is not None:
        return Plan(
            kind="resend",
            operation=last.operation,
            message=front,
            about=last.about,
            rendering=last.rendering,
            identity=last.identity,
            repeat=last,
        )
    if abilities.probe_by_write:
        quiet = quiet_at(last, abilities)
        return Rest(quiet) if now < quiet else _probe(standing, front, last)
    return Rest(None)


def _probe(standing: Standing, front: Message, last: Attempt) -> Plan:
    """Carry the newest version in an update, or cancel where it must go: a 404 tells nothing is there."""
    newest = [
        message
        for message in standing.open
        if message.event_id == front.event_id and message.state is not MessageState.HELD
    ][-1]
    accepted = standing.lane.accepted
    identity = accepted.identity if accepted else last.identity
    if newest.intent == "report" and newest.identity == identity:
        operation, about, rendering = Operation.UPDATE, newest.id, newest.rendering
    elif accepted is not None:
        operation, about, rendering = Operation.CANCEL, accepted.message_id, accepted.rendering
    else:
        operation, about, rendering = Operation.CANCEL, last.about, last.rendering
    return Plan(
        kind="probe",
        operation=operation,
        message=newest,
        about=about,
        rendering=rendering,
        identity=identity,
    )
