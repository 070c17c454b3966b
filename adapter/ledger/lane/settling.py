"""What an outcome does to a lane (docs/explanation/outcomes has the table)."""

from adapter.domain.message import Operation, Outcome, OutcomeClass
from adapter.ledger.lane.effects import gone, takes_effect
from adapter.ledger.lane.leasing import doubt, unspent_due
from adapter.ledger.lane.planning import has_means
from adapter.ledger.lane.standing import Standing, Step, Turn
from adapter.ledger.model import Abilities, Attempt, Message, MessageState


def settle(
    standing: Standing,
    attempt: Attempt,
    outcome: Outcome,
    retry_at: float | None,
    abilities: Abilities,
    now: float,
) -> Step:
    """End `attempt` with `outcome`. `retry_at` None: the schedule is exhausted."""
    turn = Turn(standing, now)
    turn.end(attempt, outcome)
    message = turn.front
    if message is None:
        raise AssertionError("a lane with an open attempt has an open message")
    why: OutcomeClass | None = outcome.kind
    match outcome.kind:
        case OutcomeClass.ACCEPTED:
            takes_effect(turn, message, attempt)
            due_at: float | None = now
        case OutcomeClass.NOT_SENT | OutcomeClass.TRANSIENT:
            due_at = _try_again(turn, message, attempt, outcome, retry_at)
        case OutcomeClass.THROTTLED | OutcomeClass.AUTH:
            due_at = _nothing_spent(turn, message, attempt, outcome)
        case OutcomeClass.REJECTED | OutcomeClass.FORBIDDEN_UNIT:
            due_at = _refused(turn, message, attempt, outcome)
        case OutcomeClass.ELSEWHERE if attempt.kind == "probe":
            due_at = _nothing_there(turn, message, attempt)
        case OutcomeClass.ELSEWHERE | OutcomeClass.UNKNOWN:
            doubt(turn, message, outcome.cause)
            due_at = retry_at if has_means(abilities) else None
    front = next(moved for moved in turn.messages if moved.id == message.id)
    turn.fact(
        "settled", message, attempt=attempt.id, outcome=outcome.kind.value, cause=outcome.cause,
        state=front.state.value,
    )  # fmt: skip
    return turn.come_to_rest(due_at, why, skip=abilities.policy == "skip-and-flag")


def rest(standing: Standing, due_at: float | None, abilities: Abilities, now: float) -> Step:
    """Put a lane aside until `due_at`: there was nothing to do for it."""
    return Turn(standing, now).come_to_rest(due_at, skip=abilities.policy == "skip-and-flag")


def park(standing: Standing, cause: str, now: float) -> Step:
    """Park the front message for a fault of our own (its request cannot be made)."""
    turn = Turn(standing, now)
    if (front := turn.front) is not None and front.state is MessageState.WAITING:
        turn.move(front, MessageState.PARKED, cause=cause)
        turn.fact("parked", front, cause=cause)
    return turn.come_to_rest(None)


def revive(standing: Standing, now: float) -> Step:
    """Let a lane flow again that a 403 stopped, now that the 403 is known to concern us and not its unit.

    A parked message is sent again; an outcome in doubt is looked into again.
    """
    turn = Turn(standing, now)
    front = turn.front
    turn.fact("revived", front, cause=standing.lane.cause)
    if front is not None and front.state is MessageState.PARKED:
        turn.move(front, MessageState.WAITING)
    return turn.come_to_rest(unspent_due(front, now))


def _try_again(
    turn: Turn, message: Message, attempt: Attempt, outcome: Outcome, retry_at: float | None
) -> float | None:
    """Certainly no effect. Try again by schedule; when it is exhausted park, or doubt what ever was."""
    turn.change(tries=turn.lane.tries + 1)
    if outcome.kind is OutcomeClass.TRANSIENT:
        message = turn.move(message, message.state, attempted=True)
    if attempt.kind != "deliver":
        turn.move(message, MessageState.UNKNOWN, cause=outcome.cause)
    else:
        give_up_or_wait(turn, message, outcome.cause, retry_at)
        if retry_at is None and turn.newest_of(message).id != message.id:
            return turn.now
    return retry_at


def give_up_or_wait(turn: Turn, message: Message, cause: str, retry_at: float | None) -> None:
    """Wait for the next try; without one park, or stay in doubt where an outcome was ever not known."""
    if retry_at is not None:
        turn.move(message, MessageState.WAITING, cause=cause)
    elif message.ambiguous and turn.newest_of(message) is message:
        turn.move(message, MessageState.UNKNOWN, cause=cause)
    else:
        turn.move(message, MessageState.PARKED, cause=cause)


def _nothing_spent(turn: Turn, message: Message, attempt: Attempt, outcome: Outcome) -> float:
    """The register was not ready to judge anything: as if the attempt had not been made."""
    state = MessageState.WAITING if attempt.kind == "deliver" else MessageState.UNKNOWN
    turn.move(message, state, cause=outcome.cause)
    return unspent_due(message, turn.now)


def _refused(turn: Turn, message: Message, attempt: Attempt, outcome: Outcome) -> float | None:
    """Park. But the refusal of a probe tells nothing of the attempt in doubt, nor does a 403 of a resend.

    Then the lane waits for an operator, or for a newer version that another probe can carry.
    """
    turn.change(tries=turn.lane.tries + 1)
    definite = attempt.kind == "deliver" or (
        attempt.kind == "resend" and outcome.kind is OutcomeClass.REJECTED
    )
    state = MessageState.PARKED if definite else MessageState.UNKNOWN
    turn.move(message, state, cause=outcome.cause, attempted=True)
    return turn.now if definite or turn.behind(message) else None


def _nothing_there(turn: Turn, message: Message, attempt: Attempt) -> float:
    """A probe met nothing: what was in doubt has had no effect, or a cancel has had its."""
    turn.change(tries=turn.lane.tries + 1)
    if attempt.operation is Operation.CANCEL and turn.lane.accepted is not None:
        takes_effect(turn, message, attempt)
    else:
        gone(turn, message)
    return turn.now
