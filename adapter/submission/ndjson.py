"""Grouping a bulk export (one resource per line) into one bundle per contact. Pure.

A contact is an Encounter, what points at it (Condition, Procedure, ... with ``encounter``), and everything
that these refer to, over any number of steps. Other encounters are followed through ``partOf`` only, so that
members of one contact come together and contacts of one patient do not.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from adapter.domain.canonical import BASE

Resource = dict[str, Any]
Key = tuple[str, str]

_ORIGIN = f"{BASE}/bulk"


def group_contacts(resources: Iterable[Resource]) -> list[Resource]:
    """One collection bundle per contact, in the order of the encounters; equal input gives equal bundles."""
    by_key = {key: resource for resource in resources if (key := _key(resource)) is not None}
    pointing: dict[Key, list[Key]] = defaultdict(list)
    for key, resource in by_key.items():
        for field in ("encounter", "partOf") if key[0] == "Encounter" else ("encounter",):
            target = _target(resource.get(field))
            if target is not None:
                pointing[target].append(key)
    bundles: list[Resource] = []
    taken: set[Key] = set()
    for key in by_key:
        if key[0] == "Encounter" and key not in taken:
            members = _closure(_root(key, by_key), by_key, pointing)
            taken.update(member for member in members if member[0] == "Encounter")
            bundles.append(_bundle(members, by_key))
    return bundles


def _root(key: Key, by_key: dict[Key, Resource]) -> Key:
    """The outermost encounter that `key` is part of."""
    seen = {key}
    while (parent := _target(by_key[key].get("partOf"))) in by_key and parent not in seen:
        key = parent
        seen.add(key)
    return key


def _closure(start: Key, by_key: dict[Key, Resource], pointing: dict[Key, list[Key]]) -> list[Key]:
    members: dict[Key, None] = {start: None}
    queue = [start]
    while queue:
        key = queue.pop(0)
        nearby = [target for target in _references(by_key[key]) if target[0] != "Encounter"]
        if key[0] == "Encounter":
            nearby += pointing[key]
        for target in nearby:
            if target in by_key and target not in members:
                members[target] = None
                queue.append(target)
    return list(members)


def _bundle(members: Iterable[Key], by_key: dict[Key, Resource]) -> Resource:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": f"{_ORIGIN}/{kind}/{number}", "resource": by_key[kind, number]}
            for kind, number in members
        ],
    }


def _key(resource: Resource) -> Key | None:
    kind, number = resource.get("resourceType"), resource.get("id")
    return (kind, number) if isinstance(kind, str) and isinstance(number, str) else None


def _references(value: Any) -> Iterator[Key]:
    """Every literal reference anywhere in a resource."""
    if isinstance(value, dict):
        target = _target(value)
        if target is not None:
            yield target
        for member in value.values():
            yield from _references(member)
    elif isinstance(value, list):
        for member in value:
            yield from _references(member)


def _target(reference: Any) -> Key | None:
    literal = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(literal, str):
        return None
    parts = literal.split("/_history/")[0].split("/")
    return (parts[-2], parts[-1]) if len(parts) >= 2 else None
