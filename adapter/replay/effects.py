"""What a replay would do to a lane, without patient data: operations, causes, names of fields."""

import re
from typing import Any

import orjson

from adapter.domain.difference import difference
from adapter.errors import NotPossible
from adapter.ledger import lane as machine
from adapter.ledger.envelope import open_envelope
from adapter.ledger.lane import Plan, Standing
from adapter.ledger.model import Abilities, Message, MessageState
from adapter.ledger.sql.renderings import Origin
from adapter.replay.remaking import Obstacle, Remade

Effect = dict[str, Any]

LEFT = "left"
"""Effect of an obstacle: the lane is left as it is."""

LOOK = "look"
"""Effect of a retry of an unknown outcome: it is looked into again."""

_INDEX = re.compile(r"\[[0-9]+\]")
_ENDS = {
    MessageState.CLOSED: "not-reported",
    MessageState.UNCHANGED: "unchanged",
    MessageState.SHADOW: "shadow",
    MessageState.HELD: "held",
}


def of_retry(origin: Origin, now: float) -> Effect | Obstacle:
    """What a retry would do: ``effect`` is create, update or cancel, or *look* for an unknown outcome."""
    front = origin.message
    if front.state is MessageState.UNKNOWN:
        return {**_before(front), "effect": LOOK}
    if front.state is not MessageState.PARKED:
        return Obstacle("changed-since")
    try:
        step = machine.retry(origin.standing, "", now)
    except NotPossible:
        return Obstacle("changed-since")
    return {**_before(front), "effect": _operation(Standing(step.lane, step.open), now)}


def of_remap(origin: Origin, remade: Remade, now: float) -> Effect | Obstacle:
    """What a remap would do.

    ``effect`` is create, update or cancel (what would be sent); *held* (with the cause in ``cause_after``);
    *not-reported*; *unchanged* (the register has accepted just this); *cut-over* (another system has reported
    it); *shadow*; or *moved* (to another lane).
    ``fields`` names what differs in the body, without values.
    """
    front, made = origin.message, remade.made
    if made.held is not None and (front.state, front.cause) == (MessageState.HELD, made.held):
        return Obstacle("still-held")
    if _is_the_same(front, remade):
        return Obstacle("same")
    try:
        step = machine.remap(origin.standing, front.id, made, "", "", now)
    except NotPossible:
        return Obstacle("in-doubt")
    state = next(message.state for message in step.messages if message.id == front.id)
    after = Standing(step.lane, step.open)
    effect = _ENDS.get(state) or _operation(after, now)
    if (
        origin.listed
        and state is MessageState.WAITING
        and made.intent == "report"
        and machine.is_untold(after)
    ):
        effect = "cut-over"
    if state is MessageState.CLOSED and _goes_elsewhere(remade):
        effect = "moved"
    return {
        **_before(front),
        "effect": effect,
        "cause_after": made.held or (_rule(remade) if effect == "not-reported" else None),
        "edition_after": made.edition,
        "fields": _fields(origin, remade),
    }


def left(origin: Origin) -> Effect:
    """The effect of an obstacle."""
    return {**_before(origin.message), "effect": LEFT}


def _before(front: Message) -> Effect:
    return {"state": front.state.value, "cause": front.cause, "edition": front.edition}


def _is_the_same(front: Message, remade: Remade) -> bool:
    made = remade.made
    if front.state is MessageState.HELD or made.held is not None or front.intent != made.intent:
        return False
    said = (front.content, front.identity) == (made.content, made.identity)
    return said or (made.intent == "cancel" and not _goes_elsewhere(remade))


def _goes_elsewhere(remade: Remade) -> bool:
    return any(
        new.register == remade.made.register and new is not remade.made for new in remade.event.messages
    )


def _rule(remade: Remade) -> str | None:
    """The rule by which the register is not told."""
    fates = (fate for fate in remade.event.fates if fate.register == remade.made.register)
    return next((f"rule:{fate.rule}" for fate in fates if fate.rule), None)


def _operation(standing: Standing, now: float) -> str:
    """What would be asked of the register; *later* where something else comes first."""
    found = machine.plan(standing, Abilities(), now)
    return found.operation.value if isinstance(found, Plan) else "later"


def _fields(origin: Origin, remade: Remade) -> list[str]:
    """Names of the body's members that differ, once each; none where there was no body before."""
    before = open_envelope(origin.body)
    if not before or not remade.made.body or remade.made.intent == "cancel":
        return []
    changes = difference(orjson.loads(before), orjson.loads(remade.made.body))
    return sorted({_INDEX.sub("[]", change.field) for change in changes})
