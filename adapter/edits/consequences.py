"""What a version of an event brings to each of its lanes, told without a value. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from adapter.domain.difference import difference
from adapter.ledger.model import NewEvent, NewMessage
from adapter.ledger.sql.edits import InLane, Slot

Json = dict[str, Any]


def consequences(event: NewEvent, lanes: Sequence[InLane]) -> list[Json]:
    """For each lane ``register, service, lane, lane_state, what, held, changed``.

    `what` is report, cancel, held, shadow (stored, not sent) or unchanged (the register holds it already);
    `changed` names the fields of the register's message that differ from the lane's newest report. `lane` is
    None where one would be made.
    """
    known = {lane.slot: lane for lane in lanes}
    told = {slot_of(message) for message in event.messages}
    return [_message(message, known.get(slot_of(message))) for message in event.messages] + [
        _place(lane.slot, lane, "cancel")
        for lane in lanes
        if lane.slot[0] in event.decides and lane.slot not in told and lane.intent != "cancel"
    ]


def slot_of(message: NewMessage) -> Slot:
    """Where a message goes."""
    return message.register, message.service, message.slot


def _message(message: NewMessage, lane: InLane | None) -> Json:
    slot = slot_of(message)
    if message.held is not None:
        return _place(slot, lane, "held") | {"held": message.held}
    if lane is not None and lane.state == "idle" and lane.accepted == message.content:
        return _place(slot, lane, "unchanged")
    what = "shadow" if message.shadow else message.intent
    before = b"{}" if lane is None else lane.body
    return _place(slot, lane, what) | {"changed": _changed(before, message.body)}


def _place(slot: Slot, lane: InLane | None, what: str) -> Json:
    register, service, _ = slot
    return {
        "register": register,
        "service": service,
        "lane": None if lane is None else lane.lane_id,
        "lane_state": None if lane is None else lane.state,
        "what": what,
        "held": None,
        "changed": [],
    }


def _changed(before: bytes, after: bytes) -> list[str]:
    found: Mapping[str, None] = dict.fromkeys(
        change.field for change in difference(orjson.loads(before), orjson.loads(after))
    )
    return list(found)
