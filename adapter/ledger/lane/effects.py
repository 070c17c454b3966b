"""What is known of the register's side after an attempt: done, nothing there, or something else there."""

from msgspec.structs import replace

from adapter.domain.message import Operation
from adapter.ledger.lane.standing import Turn
from adapter.ledger.model import Accepted, Attempt, Message, MessageState


def takes_effect(turn: Turn, message: Message, attempt: Attempt) -> None:
    """The register has done what the attempt asked."""
    if attempt.operation is not Operation.CANCEL:
        turn.change(accepted=taken_over(message, attempt), cancelled=None)
        if attempt.rendering == message.rendering:
            turn.move(message, MessageState.ACCEPTED, attempted=True, cause=None)
        return  # a message that was remapped meanwhile is still to be told, as an update
    turn.change(accepted=None, cancelled=attempt.identity)
    if message.intent == "cancel":
        turn.move(message, MessageState.ACCEPTED, attempted=True, cause=None)
        return
    # Half of a correction that changes patient or unit: the report itself is still to be made.
    turn.change(tries=0, asks=0)
    turn.move(message, MessageState.WAITING, attempted=False, ambiguous=False, cause=None)


def gone(turn: Turn, message: Message) -> None:
    """The register holds nothing for the lane: the message is still to be sent, as a create."""
    turn.change(accepted=None, cancelled=None)
    turn.move(message, MessageState.WAITING)


def stands(turn: Turn, message: Message, attempt: Attempt) -> None:
    """The attempt has had no effect, and the register holds something whose content we cannot vouch for."""
    accepted = turn.lane.accepted
    if accepted is None:
        accepted = Accepted(
            message_id=attempt.about,
            event_id=message.event_id,
            content="",
            identity=attempt.identity,
            rendering=attempt.rendering,
        )
    turn.change(accepted=replace(accepted, content=""))
    turn.move(message, MessageState.WAITING)


def taken_over(message: Message, attempt: Attempt) -> Accepted:
    """What the register holds once an attempt has brought it the message, as it was at that time."""
    is_same = attempt.rendering == message.rendering
    return Accepted(
        message_id=message.id,
        event_id=message.event_id,
        content=message.content if is_same else "",
        identity=attempt.identity,
        rendering=attempt.rendering,
    )
