"""What other rules, maps and tables would make of a recorded contact, against what registers are told of it.

Pure. What comes out holds no patient data: event ids, units, names of members, rules, and pairs of codes as
the receivers give them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
import orjson

from adapter.domain.difference import difference
from adapter.ledger.model import NewEvent, NewMessage
from adapter.ledger.sql.recorded import Recorded, Told
from adapter.registers.protocol import Receiver

Kind = Literal[
    "changed", "newly-held", "newly-accepted", "newly-not-reported", "newly-reported", "held-otherwise",
    "unreadable",
]  # fmt: skip
KINDS: tuple[Kind, ...] = (
    "changed", "newly-held", "newly-accepted", "newly-not-reported", "newly-reported", "held-otherwise",
    "unreadable",
)  # fmt: skip

_INDEX = re.compile(r"\[[0-9]+\]")
_RULE = "rule:"

Slots = dict[str, tuple[dict[str, Any], dict[str, frozenset[str]]]]
"""For each slot the body, and the rules and maps behind each of its fields."""


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """A member that would differ; codes are given where the receiver says that they are codes."""

    field: str
    before: str | None = None
    after: str | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of a contact at one service of one register. `rules` are those that make it so."""

    event: str
    register: str
    service: str
    unit: str
    care_date: str
    kind: Kind
    rules: tuple[str, ...] = ()
    fields: tuple[FieldChange, ...] = ()


class _Side(msgspec.Struct):
    """What one service is told: by slot, or why nothing."""

    slots: Slots = msgspec.field(default_factory=dict)
    held: str | None = None


def changes(recorded: Recorded, event: NewEvent | None, receivers: Mapping[str, Receiver]) -> list[Change]:
    """What would change. `event` is the contact as the other rules make it, None if they cannot read it."""
    before = _recorded_sides(recorded.told)
    if event is None:
        return [_change(recorded, key, "unreadable") for key in before]
    after = _new_sides(event.messages)
    fates = {fate.register: fate.rule for fate in event.fates if fate.fate == "not-reported"}
    found: list[Change] = []
    for key in dict.fromkeys((*before, *after)):
        if key[0] in receivers:
            old, new = before.get(key, _Side()), after.get(key, _Side())
            found += _of_service(recorded, key, old, new, fates.get(key[0]), receivers[key[0]])
    return found


def _of_service(
    recorded: Recorded, key: tuple[str, str], old: _Side, new: _Side, rule: str | None, receiver: Receiver
) -> Iterable[Change]:
    gone, come = old.slots.keys() - new.slots.keys(), new.slots.keys() - old.slots.keys()
    both = [slot for slot in old.slots if slot in new.slots]
    altered = [one for slot in both if (one := _altered(receiver, key[1], old.slots[slot], new.slots[slot]))]
    if altered:
        fields = {change: None for fields, _ in altered for change in fields}
        rules = sorted({rule for _, rules in altered for rule in rules})
        yield _change(recorded, key, "changed", rules, tuple(fields))
    if come:
        why = [old.held] if old.held else [recorded.fates.get(key[0], ("", None))[1]]
        yield _change(recorded, key, "newly-accepted" if old.held else "newly-reported", why)
    if gone and not come:
        yield _change(
            recorded, key, *(("newly-held", [new.held]) if new.held else ("newly-not-reported", [rule]))
        )
    if old.slots or new.slots:
        return
    if old.held and not new.held:
        yield _change(recorded, key, "newly-not-reported", [rule])
    elif new.held and not old.held:
        yield _change(recorded, key, "newly-held", [new.held])
    elif old.held != new.held:
        yield _change(recorded, key, "held-otherwise", [new.held])


def _change(
    recorded: Recorded,
    key: tuple[str, str],
    kind: Kind,
    rules: Sequence[str | None] = (),
    fields: tuple[FieldChange, ...] = (),
) -> Change:
    return Change(
        event=recorded.source.event_id,
        register=key[0],
        service=key[1],
        unit=recorded.unit,
        care_date=recorded.care_date,
        kind=kind,
        rules=tuple(rule.removeprefix(_RULE) for rule in rules if rule),
        fields=fields,
    )


def _altered(
    receiver: Receiver,
    service: str,
    old: tuple[dict[str, Any], dict[str, frozenset[str]]],
    new: tuple[dict[str, Any], dict[str, frozenset[str]]],
) -> tuple[list[FieldChange], frozenset[str]] | None:
    """The members in which two bodies differ, and the rules and maps that make the difference."""
    (before, old_by), (after, new_by) = old, new
    names = list(dict.fromkeys(_INDEX.sub("[]", one.field) for one in difference(before, after)))
    if not names:
        return None
    coded = {one.field: (one.theirs, one.ours) for one in receiver.differences(service, after, before)}
    fields = []
    for name in names:
        was, becomes = coded.get(name) or coded.get(name.partition("[")[0].partition(".")[0]) or (None, None)
        fields.append(FieldChange(field=name, before=was, after=becomes))
    had, has = _behind(old_by, names), _behind(new_by, names)
    return fields, (had ^ has) or (had | has)


def _behind(by: dict[str, frozenset[str]], names: Sequence[str]) -> frozenset[str]:
    return frozenset(rule for name in names for rule in by.get(name, ()))


def _recorded_sides(told: Iterable[Told]) -> dict[tuple[str, str], _Side]:
    sides: dict[tuple[str, str], _Side] = {}
    for one in told:
        side = sides.setdefault((one.register, one.service), _Side())
        if one.held is not None:
            side.held = one.held
        elif one.intent == "report":
            side.slots[one.slot] = (orjson.loads(one.body), _by(one.trace))
    return sides


def _new_sides(messages: Iterable[NewMessage]) -> dict[tuple[str, str], _Side]:
    sides: dict[tuple[str, str], _Side] = {}
    for one in messages:
        side = sides.setdefault((one.register, one.service), _Side())
        if one.held is not None:
            side.held = one.held
        elif one.intent == "report":
            side.slots[one.slot] = (orjson.loads(one.body), _by(one.trace))
    return sides


def _by(trace: bytes) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in orjson.loads(trace or b"[]"):
        found.setdefault(_INDEX.sub("[]", line["field"]), set()).update(line["by"])
    return {field: frozenset(rules) for field, rules in found.items()}
