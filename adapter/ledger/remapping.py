"""Remap: a message that is stuck is made anew from the received bytes, and keeps its number and its place."""

import msgspec
from msgspec.structs import replace

from adapter.errors import NotPossible, StaleEvent
from adapter.ledger import lane as machine
from adapter.ledger.applying import apply
from adapter.ledger.intake import arrive, is_to_be_withdrawn, tell_what_is_not_reported, withdrawal
from adapter.ledger.lane import Standing
from adapter.ledger.model import Lane, LaneState, Message, MessageState, NewEvent, NewMessage
from adapter.ledger.reported import after_remap, require_mended
from adapter.ledger.sql.renderings import Renderings
from adapter.ledger.sql.session import SqlSession


class Remapping(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of a lane's message. `event` is its event as today's translation gives it;
    `event.expected_revision` and `receipt_id` are those of the version that was translated."""

    lane_id: int
    message_id: int
    event: NewEvent
    receipt_id: int


def remap(tx: SqlSession, asked: Remapping, actor: str, reason: str) -> LaneState:
    """Make the message anew, in place, and bring the event's row to what the translation says now.

    Messages that today's translation puts into other lanes arrive there. Raises StaleEvent when a newer
    version came since, NotPossible when the message is not open or its outcome is not known.
    """
    event = asked.event
    tx.events.lock([event.event_id])
    known = tx.events.known(event.event_id)
    if known is None or known.revision != event.expected_revision:
        raise StaleEvent("The event changed since it was translated.")
    standing = tx.lanes.standing(asked.lane_id, with_last=True)
    if standing is None:
        raise NotPossible("There is no such lane.")
    before = next((message for message in standing.open if message.id == asked.message_id), None)
    if before is None:
        raise NotPossible("The message is not open in this lane.")
    made = rendering(standing.lane, before, event)
    if made is None:
        raise NotPossible("Today's translation decides nothing for this register.")
    require_mended(before, made)
    step = machine.remap(standing, before.id, made, actor, reason, tx.now)
    renderings = Renderings(tx.db)
    renderings.put_away(before, tx.now)
    after = apply(tx, standing, step)
    renderings.write(next(one for one in step.messages if one.id == before.id), made)
    after_remap(tx, after)
    _send_elsewhere(tx, standing, before, made, asked)
    renderings.renew_event(event, standing.lane.register)
    tell_what_is_not_reported(tx, event, standing.lane.register)
    rested = tx.lanes.standing(standing.lane.id)
    return step.lane.state if rested is None else rested.lane.state


def rendering(lane: Lane, message: Message, event: NewEvent) -> NewMessage | None:
    """What the lane's message is to say: its own of the event's messages; held, when they cannot be made; or
    a cancel, when the register is not to be told in this lane any more. None while nothing is decided for the
    register: the event is pending, or the register is not enabled.
    """
    own = _own(lane, event)
    if own is not None:
        return own
    elsewhere = [new for new in event.messages if new.register == lane.register]
    held = next((new for new in elsewhere if new.held is not None), None)
    if held is not None:
        return replace(held, service=lane.service, slot=lane.slot)
    return withdrawal(lane, message) if elsewhere or lane.register in event.decides else None


def _own(lane: Lane, event: NewEvent) -> NewMessage | None:
    place = (lane.register, lane.service, lane.slot)
    return next((new for new in event.messages if (new.register, new.service, new.slot) == place), None)


def _send_elsewhere(
    tx: SqlSession, standing: Standing, before: Message, made: NewMessage, asked: Remapping
) -> None:
    """Bring the register's other lanes of the event what the remapped message has left open.

    A held message stood for all that the register was to be told: others arrive, and what is not told any
    more is withdrawn. A message whose place is elsewhere now arrives there. Else no other lane is concerned.
    """
    lane, event = standing.lane, asked.event
    stood_for_all = before.state is MessageState.HELD
    if made.held is not None or (not stood_for_all and _own(lane, event) is not None):
        return
    told = {lane.id}
    for new in event.messages:
        if new.register == lane.register and new is not made:
            other = tx.lanes.of_slot(new.register, new.service, new.slot, tx.now)
            told.add(other.lane.id)
            if not _says(tx.lanes.newest_message(other.lane.id), new):
                arrive(tx, other, new, asked.receipt_id)
    if not stood_for_all or lane.register not in event.decides:
        return
    for other in tx.lanes.of_event(event.event_id, [lane.register]):
        newest = tx.lanes.newest_message(other.lane.id)
        if other.lane.id not in told and is_to_be_withdrawn(newest, event):
            arrive(tx, other, withdrawal(other.lane, newest), asked.receipt_id)


def _says(newest: Message | None, new: NewMessage) -> bool:
    """Whether a lane has been told this already."""
    return newest is not None and (newest.event_id, newest.content) == (new.event_id, new.content)
