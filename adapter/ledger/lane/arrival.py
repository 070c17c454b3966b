"""A new message comes into a lane."""

from adapter.ledger.lane.standing import Standing, Step, Turn
from adapter.ledger.model import LaneState, Message, MessageState, NewMessage


def first_state(new: NewMessage) -> MessageState:
    """Where a message begins."""
    if new.held is not None:
        return MessageState.HELD
    return MessageState.SHADOW if new.shadow else MessageState.WAITING


def arrive(standing: Standing, message: Message, now: float) -> Step:
    """Put `message` (waiting, held or shadow) last in the lane and let it replace what it may replace.

    A lane that somebody holds goes on undisturbed: the message is seen when the attempt ends. A lane that
    backs off keeps its due time, so that corrections cannot hammer a register that asked for patience. An
    unknown outcome stays unknown, but is looked into again: a probe can carry the newcomer.
    """
    turn = Turn(standing, now)
    turn.messages.append(message)
    turn.change(seq=message.seq)
    turn.fact("arrived", message, intent=message.intent, state=message.state.value)
    if message.state is MessageState.SHADOW:
        return turn.step()
    if turn.lane.state is LaneState.LEASED:
        turn.replace_outdated()
        return turn.step()
    lane = standing.lane
    return turn.come_to_rest(now if lane.due_at is None else lane.due_at)
