"""Who holds a lane: claiming it for one attempt, taking it over from a lost worker, giving it back."""

from adapter.domain.message import Outcome, OutcomeClass
from adapter.ledger.lane.planning import CUT_OFF, Plan, has_means
from adapter.ledger.lane.standing import Standing, Step, Turn
from adapter.ledger.model import Abilities, Attempt, LaneState, Message, MessageState

TAKEN_OVER = Outcome(kind=OutcomeClass.UNKNOWN, cause="taken-over")
"""Outcome of an attempt that was open when its worker's lease ran out; the worker may still be alive."""

WITHDRAWN = Outcome(kind=OutcomeClass.NOT_SENT, cause="withdrawn")
"""Outcome of an attempt that was given back before its first byte was sent."""


def claim(standing: Standing, plan: Plan, attempt: Attempt, owner: str, until: float, now: float) -> Step:
    """Lease the lane to `owner` and open `attempt`, which carries the lane's new token.

    A probe that carries a newer version takes the doubt over from the one whose outcome is unknown.
    """
    turn = Turn(standing, now)
    turn.change(
        state=LaneState.LEASED,
        token=attempt.token,
        owner=owner,
        lease_until=until,
        due_at=None,
        since=now,
    )
    if plan.kind == "probe" and (front := turn.front) is not None and front is not plan.message:
        turn.move(front, MessageState.SUPERSEDED)
        turn.fact("superseded", front, by=plan.message.id, probe=True)
    message = plan.message
    turn.move(
        message,
        message.state if plan.kind == "lookup" else MessageState.SENDING,
        attempts=message.attempts + 1,
        ambiguous=message.ambiguous or plan.kind == "probe",
    )
    turn.change(unit=message.unit)
    turn.write(attempt)
    turn.fact(
        "attempted",
        plan.message,
        attempt=attempt.id,
        purpose=plan.kind,
        operation=plan.operation.value,
        number=attempt.number,
        token=attempt.token,
    )
    return turn.step()


def take_over(standing: Standing, attempt: Attempt | None, abilities: Abilities | None, now: float) -> Step:
    """End a lease whose worker is gone. `attempt` is the one it left open: its outcome is unknown.

    `abilities` None: the whole service is gone; the next claim will see what can be done.
    """
    turn = Turn(standing, now)
    turn.change(token=standing.lane.token + 1)
    turn.fact("taken-over", turn.front, attempt=attempt.id if attempt else None, owner=standing.lane.owner)
    if attempt is not None:
        outcome = CUT_OFF if abilities is None else TAKEN_OVER
        turn.end(attempt, outcome)
        if attempt.kind != "lookup" and (front := turn.front) is not None:
            doubt(turn, front, outcome.cause)
    return turn.come_to_rest(now if abilities is None or has_means(abilities) else None)


def withdraw(standing: Standing, attempt: Attempt, now: float) -> Step:
    """Give a lane back before anything was sent. Nothing is spent."""
    turn = Turn(standing, now)
    turn.end(attempt, WITHDRAWN)
    front = turn.front
    turn.fact("withdrawn", front, attempt=attempt.id)
    if attempt.kind == "deliver" and front is not None:
        front = turn.move(front, MessageState.WAITING)
    elif front is not None:
        turn.move(front, MessageState.UNKNOWN)
    return turn.come_to_rest(unspent_due(front, now))


def doubt(turn: Turn, message: Message, cause: str) -> Message:
    """The outcome of the message's attempt is not known: it is spent, and nothing may pass it."""
    turn.change(tries=turn.lane.tries + 1, asks=0)
    return turn.move(message, MessageState.UNKNOWN, cause=cause, attempted=True, ambiguous=True)


def unspent_due(message: Message | None, now: float) -> float:
    """When a message whose attempt counts for nothing is due: at once, and before those that came later."""
    return now if message is None else min(now, message.created_at)
