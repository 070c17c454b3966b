"""What an operator may do to a lane. Each needs a name and, but for a retry, a reason; both are audited."""

from typing import Literal

from adapter.domain.message import Found, Operation
from adapter.errors import NotPossible
from adapter.ledger.lane.resolving import resolve
from adapter.ledger.lane.standing import Standing, Step, Turn
from adapter.ledger.model import LaneState, Message, MessageState

Verdict = Literal["accepted", "not-accepted"]
"""What an operator found out about an unknown outcome: the register has done it, or has not."""


def retry(standing: Standing, actor: str, now: float) -> Step:
    """Send a parked message again, or look into an unknown outcome again, at once.

    Raises NotPossible for a lane that is in a worker's hands, empty, or whose message could not be made.
    """
    turn, front = _taken(standing, now)
    if front.state is MessageState.HELD:
        raise NotPossible("The message could not be made: correct the source or the rules, then remap.")
    turn.change(tries=0, asks=0)
    turn.fact("retried", front, actor=actor)
    if front.state is MessageState.PARKED:
        turn.move(front, MessageState.WAITING)
    return turn.come_to_rest(now)


def settle_by_hand(standing: Standing, verdict: Verdict, actor: str, reason: str, now: float) -> Step:
    """Settle an unknown outcome with what the operator knows of the register.

    *accepted*: the register has done what was asked. *not-accepted*: it has not, and it is sent again.
    Raises NotPossible when the lane's outcome is not unknown.
    """
    turn, front = _taken(standing, now)
    if front.state is not MessageState.UNKNOWN or standing.last is None:
        raise NotPossible("Only an unknown outcome can be settled by hand.")
    if verdict == "accepted":
        found = Found.EQUAL
    elif standing.last.operation is Operation.CANCEL:
        found = Found.DIFFERENT
    else:
        found = Found.ABSENT
    turn.change(tries=0, asks=0)
    turn.fact("settled-by-hand", front, actor=actor, reason=reason, verdict=verdict, attempt=standing.last.id)
    resolve(turn, front, standing.last, found)
    return turn.come_to_rest(now)


def discard(standing: Standing, message_id: int | None, actor: str, reason: str, now: float) -> Step:
    """Give up a message (None: the front one) for a reason. What stands behind it flows.

    Raises NotPossible when the message is not open or is in a worker's hands.
    """
    turn, front = _taken(standing, now)
    chosen = front
    if message_id is not None:
        found = next((message for message in turn.messages if message.id == message_id), None)
        if found is None:
            raise NotPossible("The message is not open in this lane.")
        chosen = found
    turn.fact("discarded", chosen, actor=actor, reason=reason, state=chosen.state.value)
    turn.move(chosen, MessageState.DISCARDED)
    return turn.come_to_rest(now)


def _taken(standing: Standing, now: float) -> tuple[Turn, Message]:
    turn = Turn(standing, now)
    front = turn.front
    if standing.lane.state is LaneState.LEASED:
        raise NotPossible("A worker holds the lane; try again when its attempt has ended.")
    if front is None:
        raise NotPossible("Nothing is open in the lane.")
    return turn, front
