"""Remap: a message is made anew from the received bytes, in its own place."""

from adapter.errors import NotPossible
from adapter.ledger.lane.arrival import first_state
from adapter.ledger.lane.standing import NO_EFFECT, Standing, Step, Turn
from adapter.ledger.model import LaneState, Message, MessageState, NewMessage


def remap(standing: Standing, message_id: int, made: NewMessage, actor: str, reason: str, now: float) -> Step:
    """Let `made` take the place of what message `message_id` was; its number and its place in the lane stay.

    Only a message whose every request certainly had no effect can be remapped: another one's old content may
    stand at the register. `made` is a report; or held again; or a cancel, where the register is not to be
    told of the event any more: it is closed at once unless the register holds something. Tries start anew,
    the message's doubts stay. A lane that backs off keeps its due time, one that waits for somebody is due.

    Raises NotPossible when the message is not open, or its outcome is not known yet.
    """
    turn = Turn(standing, now)
    message = next((message for message in turn.messages if message.id == message_id), None)
    if message is None:
        raise NotPossible("The message is not open in this lane.")
    if message.state not in NO_EFFECT:
        raise NotPossible("A message that may have reached the register cannot be remapped: settle it first.")
    if message is turn.front:
        turn.change(tries=0, asks=0)
    turn.fact(
        "remapped",
        message,
        actor=actor,
        reason=reason,
        state=message.state.value,
        cause=message.cause,
        edition_before=message.edition,
        edition=made.edition,
        intent=made.intent,
        held=made.held,
        rendering=message.rendering + 1,
    )
    is_stuck = message is turn.front and message.state is not MessageState.WAITING
    remade(turn, message, made)
    if turn.lane.state is LaneState.LEASED:
        return turn.step()
    due_at = turn.lane.due_at
    return turn.come_to_rest(now if due_at is None or is_stuck else due_at)


def remade(turn: Turn, message: Message, made: NewMessage) -> Message:
    """The message with what `made` says, in the state that it begins with."""
    return turn.move(
        message,
        first_state(made),
        intent=made.intent,
        content=made.content,
        identity=made.identity,
        unit=made.unit,
        edition=made.edition,
        care_date=made.care_date,
        cause=made.held,
        rendering=message.rendering + 1,
    )
