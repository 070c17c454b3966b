"""The answer of a worker that lost its lease: it settles nothing by itself, but it is evidence."""

from msgspec.structs import replace

from adapter.domain.message import Operation, Outcome, OutcomeClass
from adapter.ledger.lane.effects import taken_over, takes_effect
from adapter.ledger.lane.leasing import unspent_due
from adapter.ledger.lane.standing import NO_EFFECT, Standing, Step, Turn
from adapter.ledger.model import OPEN_STATES, Abilities, Attempt, Message, MessageState

_NO_EFFECT_OUTCOMES = frozenset(
    {OutcomeClass.NOT_SENT, OutcomeClass.TRANSIENT, OutcomeClass.THROTTLED, OutcomeClass.AUTH}
)
CALLED_OFF = Outcome(kind=OutcomeClass.UNKNOWN, cause="called-off")
"""Outcome of a look-up that was overtaken by better evidence."""

_REFUSALS = frozenset({OutcomeClass.REJECTED, OutcomeClass.FORBIDDEN_UNIT})


def evidence(
    standing: Standing,
    attempt: Attempt,
    message: Message,
    outcome: Outcome,
    abilities: Abilities,
    now: float,
    *,
    under_way: Attempt | None = None,
) -> Step:
    """Append `outcome` to `attempt`, and let it settle the doubt if nothing was sent in the lane since.

    `message` is the attempt's, whatever became of it. One that a look-up declared absent and a newer version
    replaced may turn out to be there after all: then the newer one goes as an update.

    A look-up that another worker has `under_way` is called off (its token is no longer the lane's): the
    evidence is better. When something has been sent since, the evidence is kept and nothing moves.
    """
    turn = Turn(standing, now)
    turn.write(replace(attempt, evidence=outcome))
    is_newest = standing.last is not None and standing.last.id == attempt.id
    in_flight = any(m.state is MessageState.SENDING for m in turn.messages)
    applies = is_newest and not in_flight and _apply(turn, message, attempt, outcome)
    turn.fact(
        "evidence", message, attempt=attempt.id, outcome=outcome.kind.value, cause=outcome.cause,
        applied=applies,
    )  # fmt: skip
    if not applies:
        return turn.step()
    if under_way is not None:
        turn.end(under_way, CALLED_OFF)
        turn.change(token=standing.lane.token + 1)
    due_at = unspent_due(message, now)
    return turn.come_to_rest(due_at, outcome.kind, skip=abilities.policy == "skip-and-flag")


def _apply(turn: Turn, message: Message, attempt: Attempt, outcome: Outcome) -> bool:
    """Settle what the evidence settles. An acceptance counts even after a look-up that said otherwise."""
    doubtful = message.state is MessageState.UNKNOWN
    if message.state not in OPEN_STATES:
        return outcome.kind is OutcomeClass.ACCEPTED and _is_there_after_all(turn, message, attempt)
    if outcome.kind is OutcomeClass.ACCEPTED and (doubtful or message.state in NO_EFFECT):
        takes_effect(turn, message, attempt)
    elif not doubtful or attempt.kind != "deliver":
        return False
    elif outcome.kind in _NO_EFFECT_OUTCOMES:
        turn.move(message, MessageState.WAITING, cause=outcome.cause)
    elif outcome.kind in _REFUSALS:
        turn.move(message, MessageState.PARKED, cause=outcome.cause)
    else:
        return False
    return True


def _is_there_after_all(turn: Turn, message: Message, attempt: Attempt) -> bool:
    if attempt.operation is Operation.CANCEL or turn.lane.accepted is not None:
        return False
    turn.change(accepted=taken_over(message, attempt))
    return True
