"""The start in production: what another system has reported, and what was only stored until now."""

from adapter.errors import NotPossible
from adapter.ledger.lane.standing import NO_EFFECT, Standing, Step, Turn
from adapter.ledger.model import Accepted, LaneState, Message, MessageState


def cut_over(
    standing: Standing,
    message: Message,
    actor: str,
    now: float,
    *,
    vouched: bool = True,
    known_as: str | None = None,
) -> Step:
    """Count `message` as accepted though it was never sent: another system has told the register of it.

    `message` is one of the standing's (open, or stored in shadow mode), which replaces older ones that were
    never told, or a new one that stands for what the other system has sent; then its number is the lane's
    next. `vouched`: the register holds this content; otherwise it holds something of the contact, and
    whatever comes next goes as an update. `known_as`: see Lane. Raises NotPossible for a lane in which the
    register has been asked for something, or has accepted something.
    """
    _require_untold(standing)
    turn = Turn(standing, now)
    if message not in turn.messages:
        turn.messages.append(message)
        turn.change(seq=message.seq)
    else:
        _replace_older(turn, message)
    content = message.content if vouched else ""
    turn.change(
        accepted=Accepted(
            message_id=message.id,
            event_id=message.event_id,
            content=content,
            identity=message.identity,
            rendering=message.rendering,
        ),
        cancelled=None,
        known_as=known_as,
    )
    turn.fact("cut-over", message, actor=actor, state=message.state.value, vouched=vouched)
    turn.move(message, MessageState.ACCEPTED, cause=None, flag=message.flag or "cut-over")
    return turn.come_to_rest(now)


def release(standing: Standing, message: Message, actor: str, now: float) -> Step:
    """Let a message that was stored in shadow mode be sent: the register was never told of it.

    `message` is one of the standing's, and the lane's newest. Raises NotPossible when it is not in shadow, or
    a worker holds the lane.
    """
    if message.state is not MessageState.SHADOW or message.seq != standing.lane.seq:
        raise NotPossible("Only a lane's newest message can be released, as long as it is in shadow.")
    if standing.lane.state is LaneState.LEASED:
        raise NotPossible("A worker holds the lane; try again when its attempt has ended.")
    turn = Turn(standing, now)
    turn.fact("released", message, actor=actor)
    turn.move(message, MessageState.WAITING)
    return turn.come_to_rest(now if standing.lane.due_at is None else standing.lane.due_at)


def is_untold(standing: Standing) -> bool:
    """Whether nothing of the lane can have reached the register."""
    return (
        standing.lane.state is not LaneState.LEASED
        and standing.lane.accepted is None
        and all(message.state not in _DOUBTFUL and not message.attempted for message in standing.open)
    )


_DOUBTFUL = frozenset({MessageState.SENDING, MessageState.UNKNOWN})


def _replace_older(turn: Turn, message: Message) -> None:
    for older in list(turn.messages):
        same = older.event_id == message.event_id and older.seq < message.seq
        if same and older.state in NO_EFFECT:
            turn.move(older, MessageState.SUPERSEDED)
            turn.fact("superseded", older, by=message.id)


def _require_untold(standing: Standing) -> None:
    if standing.lane.accepted is not None:
        raise NotPossible("The register has accepted something in this lane.")
    if not is_untold(standing):
        raise NotPossible("The register has been asked for something in this lane; settle that first.")
