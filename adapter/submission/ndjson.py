"""Grouping a bulk export (one resource per line) into one bundle per contact. Pure.

A contact is an Encounter, what points at it (Condition, Procedure, ... with ``encounter`` or ``context``),
and everything that these refer to, over any number of steps; with a Practitioner come its PractitionerRoles.
Other encounters are followed through ``partOf`` only, so that members of one contact come together and
contacts of one patient do not. A reference may be literal (``Patient/1``) or conditional
(``Practitioner?identifier=SYSTEM|VALUE``), as bulk exports write shared resources.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
import orjson

from adapter.domain.canonical import base

Resource = dict[str, Any]
Key = tuple[str, str]

_OWNERS = {"Encounter": ("partOf",), "PractitionerRole": ("practitioner",)}
_OTHER_OWNERS = ("encounter", "context")


class Links(msgspec.Struct, frozen=True):
    """What grouping needs to know of a resource, so that an export need not be kept in memory.

    `targets` are its literal references as type and id, or conditional ones as they are written; `owners` are
    those of them with which it comes along; `names` are the conditional references that find it.
    """

    targets: tuple[Key | str, ...] = ()
    owners: tuple[Key | str, ...] = ()
    names: tuple[str, ...] = ()


class Stamp(msgspec.Struct, frozen=True):
    """What tells one state of a resource from another: a hash of its content, when it was last updated."""

    digest: bytes
    updated: datetime | None


def stamp_of(resource: Resource, line: bytes) -> Stamp:
    """The stamp of a resource; of one that is nested too deeply to be written, that of its `line`."""
    try:
        content = orjson.dumps(resource, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        content = line
    meta = resource.get("meta")
    text = meta.get("lastUpdated") if isinstance(meta, dict) else None
    try:
        updated = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        updated = None
    known = updated if updated is not None and updated.tzinfo is not None else None
    return Stamp(blake2b(content, digest_size=16).digest(), known)


def supersedes(new: Stamp, old: Stamp) -> bool | None:
    """Whether a resource that comes again takes the place of the one before: not when it says the same, and
    when it was updated later. None: nobody can tell which of the two holds."""
    if new.digest == old.digest:
        return False
    if new.updated is None or old.updated is None or new.updated == old.updated:
        return None
    return new.updated > old.updated


def contacts(links: Mapping[Key, Links]) -> Iterator[list[Key]]:
    """The keys of each contact's resources, in the order of the encounters."""
    export = _Export(links)
    taken: set[Key] = set()
    for key in links:
        if key[0] == "Encounter" and key not in taken:
            members = export.contact(key)
            taken.update(member for member in members if member[0] == "Encounter")
            yield members


def collection(members: Iterable[tuple[Key, Any]]) -> Resource:
    """A bundle of these resources, in which their literal references resolve."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": f"{base()}/bulk/{kind}/{number}", "resource": resource}
            for (kind, number), resource in members
        ],
    }


def key_of(resource: Resource) -> Key | None:
    """Type and id, None for a resource without."""
    kind, number = resource.get("resourceType"), resource.get("id")
    return (kind, number) if isinstance(kind, str) and isinstance(number, str) else None


def links_of(resource: Resource) -> Links:
    """What a resource refers to and by which names others refer to it."""
    fields = _OWNERS.get(str(resource.get("resourceType")), _OTHER_OWNERS)
    pointing = [target for field in fields if (target := _target(resource.get(field))) is not None]
    return Links(
        targets=tuple(dict.fromkeys(_references(resource))),
        owners=tuple(pointing),
        names=tuple(_names(resource)),
    )


class _Export:
    """Links turned round, to be followed in both directions."""

    def __init__(self, links: Mapping[Key, Links]) -> None:
        self._links = links
        self._named: dict[str, Key | None] = {}
        for key, link in links.items():
            for name in link.names:
                # a name that finds two resources finds none: FHIR wants exactly one match
                self._named[name] = None if name in self._named else key
        self._owned: dict[Key, list[Key]] = defaultdict(list)
        for key, link in links.items():
            for owner in self._known(link.owners):
                self._owned[owner].append(key)

    def contact(self, key: Key) -> list[Key]:
        """The members of the contact to which the encounter `key` belongs."""
        start = self._root(key)
        members: dict[Key, None] = {start: None}
        queue = [start]
        while queue:
            key = queue.pop(0)
            nearby = [target for target in self._known(self._links[key].targets) if target[0] != "Encounter"]
            nearby += self._owned.get(key, ())
            for target in nearby:
                if target not in members:
                    members[target] = None
                    queue.append(target)
        return list(members)

    def _root(self, key: Key) -> Key:
        """The outermost encounter that `key` is part of."""
        seen = {key}
        while (parents := self._known(self._links[key].owners)) and parents[0] not in seen:
            key = parents[0]
            seen.add(key)
        return key

    def _known(self, targets: Iterable[Key | str]) -> list[Key]:
        keys = [self._named.get(target) if isinstance(target, str) else target for target in targets]
        return [key for key in keys if key is not None and key in self._links]


def _names(resource: Resource) -> Iterator[str]:
    identifiers = resource.get("identifier")
    for identifier in identifiers if isinstance(identifiers, list) else [identifiers]:
        if isinstance(identifier, dict) and isinstance(identifier.get("value"), str):
            token = f"{identifier.get('system', '')}|{identifier['value']}"
            yield f"{resource.get('resourceType')}?identifier={token}"


def _references(value: Any) -> Iterator[Key | str]:
    """Every literal or conditional reference anywhere in a resource."""
    if isinstance(value, dict):
        target = _target(value)
        if target is not None:
            yield target
        for member in value.values():
            yield from _references(member)
    elif isinstance(value, list):
        for member in value:
            yield from _references(member)


def _target(reference: Any) -> Key | str | None:
    literal = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(literal, str):
        return None
    if "?identifier=" in literal:
        return literal
    parts = literal.split("/_history/")[0].split("/")
    return (parts[-2], parts[-1]) if len(parts) >= 2 else None
