"""Which entries of a bundle hang together by references."""

from collections.abc import Iterator
from typing import Any

from adapter.fhir.bundle import Bundle

CARRIERS = frozenset({"Encounter", "Procedure"})
"""Types that something broken belongs to when it refers to them. A Patient or an Organization is not the
less whole for a broken Condition that names it."""


def entries_spoiled_by(bundle: Bundle, bad: frozenset[int]) -> frozenset[int]:
    """The sound entries that refer to a bad one, and contacts or actions that a bad one belongs to."""
    spoiled: set[int] = set()
    for entry in bundle.entries:
        base = bundle.node(entry.index)
        if base is None:
            continue
        for reference in _references(base.resource):
            target = bundle.resolve(reference, base)
            if target is None or target.entry == entry.index:
                continue
            if target.entry in bad:
                spoiled.add(entry.index)
            elif entry.index in bad and target.type in CARRIERS:
                spoiled.add(target.entry)
    return frozenset(spoiled - bad)


def entries_belonging_to(bundle: Bundle, contacts: frozenset[int]) -> frozenset[int]:
    """The entries that these Encounters (by entry) refer to, with all that those refer to in turn, and those
    that name one of them as their encounter."""
    found: set[int] = set()
    waiting = [*contacts, *_within(bundle, contacts)]
    while waiting:
        index = waiting.pop()
        base = bundle.node(index)
        if base is None or index in found:
            continue
        found.add(index)
        for reference in _references(base.resource):
            target = bundle.resolve(reference, base)
            if target is not None and target.type != "Encounter":
                waiting.append(target.entry)
    return frozenset(found)


def _within(bundle: Bundle, contacts: frozenset[int]) -> Iterator[int]:
    """The entries that name one of these Encounters as their encounter."""
    for entry in bundle.entries:
        base = bundle.node(entry.index)
        reference = None if base is None else base.resource.get("encounter")
        if base is None or not isinstance(reference, dict):
            continue
        target = bundle.resolve(reference, base)
        if target is not None and target.entry in contacts:
            yield entry.index


def _references(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in `value` that has a reference or could be a logical one."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if "reference" in item or isinstance(item.get("identifier"), dict):
                yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
