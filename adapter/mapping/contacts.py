"""From Encounters to contacts: a team's several Encounters are one, a group's one is one for each patient."""

from typing import Any

import msgspec

from adapter.domain.localtime import LocalTime, to_local
from adapter.fhir.bundle import Bundle, Node
from adapter.mapping.aliases import AliasTable
from adapter.mapping.draft import reference_paths
from adapter.mapping.status import WITHDRAWN
from adapter.mapping.subject import Subject, Subjects, person

_Paths = tuple[str, ...]


class Contact(msgspec.Struct, frozen=True):
    """The Encounters of one contact, the one that names it first.

    `team` are the paths that made them one; `withdrawn` Encounters of a team take no part in it.
    """

    encounters: tuple[Node, ...]
    team: _Paths = ()
    withdrawn: tuple[Node, ...] = ()
    named_by: Node | None = None

    @property
    def naming(self) -> Node:
        """The Encounter whose identifier the event's id is made from."""
        return self.named_by or self.encounters[0]


class Patients(msgspec.Struct, frozen=True):
    """Whom a contact was with. `group` are the paths that made it a group's, `alone` a group of one."""

    subjects: tuple[Subjects, ...]
    group: _Paths = ()
    alone: bool = False
    node: Node | None = None


def contacts(bundle: Bundle) -> list[Contact]:
    """The contacts of a bundle, in the order of their first Encounters. What a DELETE shows is none: it is
    how the contact was."""
    encounters = tuple(
        node for node in bundle.of_type("Encounter") if bundle.entries[node.entry].method != "DELETE"
    )
    if len(encounters) < 2:
        return [Contact((encounter,)) for encounter in encounters]
    above = {node.path: _parent(bundle, node) for node in encounters}
    teams = _teams(bundle, encounters, above)
    return [_contact(members, above) for members in teams]


def patients(bundle: Bundle, aliases: AliasTable, encounter: Node) -> Patients:
    """The patient of an Encounter, or the active members of its Group, each person once."""
    reference = encounter.resource.get("subject")
    if not reference:
        return Patients((Subjects(None),))
    path = encounter.path + ".subject"
    node = bundle.resolve(reference, encounter)
    if node is None or node.type != "Group":
        return Patients((Subjects(Subject(reference, encounter, path)),))
    paths: tuple[str, ...] = reference_paths(reference, path)
    members = []
    for index, member in enumerate(node.resource.get("member", ())):
        at = f"{node.path}.member[{index}]"
        if "inactive" in member:
            paths += (at + ".inactive",)
        if member.get("inactive") is not True and "entity" in member:
            via = (*paths[:1], *((at + ".inactive",) if "inactive" in member else ()))
            members.append(Subject(member["entity"], node, at + ".entity", via))
            paths += reference_paths(member["entity"], at + ".entity")
    if "quantity" in node.resource:
        paths += (node.path + ".quantity",)
    people: dict[str, list[Subject]] = {}
    for one in members:
        people.setdefault(person(bundle, aliases, one), []).append(one)
    alone = len(people) < 2 and node.resource.get("quantity", 0) < 2
    subjects = tuple(
        Subjects(own[0], tuple(other for other in members if other not in own), True, tuple(own[1:]))
        for own in people.values()
    )
    return Patients(subjects or (Subjects(None),), () if alone else paths, alone, node)


def _parent(bundle: Bundle, encounter: Node) -> Node | None:
    reference = encounter.resource.get("partOf")
    node = bundle.resolve(reference, encounter) if reference else None
    return node if node is not None and node.type == "Encounter" else None


def _teams(bundle: Bundle, encounters: tuple[Node, ...], above: dict[str, Node | None]) -> list[list[Node]]:
    """Encounters put together: linked by partOf or appointment, and of the same patient, unit and time."""
    teams: list[list[Node]] = []
    linked: list[list[Node]] = []
    booked = {node.path: _appointments(bundle, node) for node in encounters}
    parents = {parent.path for parent in above.values() if parent is not None}
    for encounter in encounters:
        home = None
        if not booked[encounter.path] and above[encounter.path] is None and encounter.path not in parents:
            teams.append([encounter])
            continue
        for team in linked:
            if not any(_linked(encounter, other, above, booked) for other in team):
                continue
            if _same_contact(bundle, encounter, team[0]):
                if home is None:
                    home = team
                    team.append(encounter)
                else:
                    home += team
                    team.clear()
        if home is None:
            home = [encounter]
            teams.append(home)
            linked.append(home)
    return [team for team in teams if team]


def _linked(one: Node, other: Node, above: dict[str, Node | None], booked: dict[str, frozenset[str]]) -> bool:
    parent, others_parent = above[one.path], above[other.path]
    if parent is not None and (parent.path == other.path or parent is others_parent):
        return True
    if others_parent is not None and others_parent.path == one.path:
        return True
    return bool(booked[one.path] & booked[other.path])


def _appointments(bundle: Bundle, encounter: Node) -> frozenset[str]:
    keys = (bundle.key(reference, encounter) for reference in encounter.resource.get("appointment", ()))
    return frozenset(key for key in keys if key is not None)


def _same_contact(bundle: Bundle, one: Node, other: Node) -> bool:
    """Same class, patient, unit and start, by the local clock."""
    start = _start(one)
    return (
        start is not None
        and start == _start(other)
        and one.resource.get("class", {}).get("code") == other.resource.get("class", {}).get("code")
        and _key(bundle, one, "subject") == _key(bundle, other, "subject")
        and _key(bundle, one, "serviceProvider") == _key(bundle, other, "serviceProvider")
    )


def _start(encounter: Node) -> LocalTime | None:
    value = encounter.resource.get("period", {}).get("start")
    local = to_local(value) if value else None
    return local if isinstance(local, LocalTime) else None


def _key(bundle: Bundle, encounter: Node, element: str) -> str | None:
    reference: dict[str, Any] | None = encounter.resource.get(element)
    return bundle.key(reference, encounter) if reference else None


def _contact(members: list[Node], above: dict[str, Node | None]) -> Contact:
    if len(members) == 1:
        return Contact((members[0],))
    within = {node.path for node in members}
    ordered = sorted(members, key=lambda node: _naming_order(node, above, within))
    standing = tuple(node for node in ordered if node.resource.get("status") not in WITHDRAWN)
    team = tuple(path for node in ordered for path in _link_paths(node))
    if not standing:
        return Contact(tuple(ordered), team)
    withdrawn = tuple(node for node in ordered if node.resource.get("status") in WITHDRAWN)
    return Contact(standing, team, withdrawn, named_by=ordered[0])


def _naming_order(node: Node, above: dict[str, Node | None], within: set[str]) -> tuple[bool, list[str], int]:
    """The Encounter that the others are part of names the contact; else the first by identifier.

    Not the first of the bundle: a bundle that is built anew may list them in another order.
    """
    parent = above[node.path]
    identifiers = sorted(
        f"{identifier.get('system', '')}|{identifier.get('value', '')}"
        for identifier in node.resource.get("identifier", ())
    )
    return (parent is not None and parent.path in within, identifiers, node.entry)


def _link_paths(node: Node) -> _Paths:
    """What makes Encounters of a team one contact: their links, time, class, patient and unit."""
    paths: _Paths = (node.path + ".period.start", node.path + ".class.code")
    for element in ("partOf", "subject", "serviceProvider"):
        if element in node.resource:
            paths += reference_paths(node.resource[element], f"{node.path}.{element}")
    for index, reference in enumerate(node.resource.get("appointment", ())):
        paths += reference_paths(reference, f"{node.path}.appointment[{index}]")
    return paths
