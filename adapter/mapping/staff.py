"""Who took part: the staff of the contact, main responsible first, then as listed."""

from typing import Any

import msgspec

from adapter.domain.event import Kod, Personal
from adapter.domain.hsa import parse_hsa_id
from adapter.fhir.bundle import Node
from adapter.mapping.codings import Coding, codings_in, codings_of, leaves, leaves_that_decide
from adapter.mapping.draft import Draft, identifier_paths, reference_paths

_PARTICIPATION = ("v3-participationtype", "")
_MAIN = "PPRF"
_NOT_STAFF = frozenset(("RelatedPerson", "Patient", "Device"))
_NOWHERE = 999
_Paths = tuple[str, ...]


class Participant(msgspec.Struct):
    """One of the staff while it is being put together.

    `main_in` is the number of the first Encounter in which the person is the main responsible.
    """

    path: str
    key: str
    link: _Paths
    hsa_id: str | None = None
    hsa_paths: _Paths = ()
    professions: list[Coding] = msgspec.field(default_factory=list)
    main_in: int = _NOWHERE
    roles: list[Coding] = msgspec.field(default_factory=list)


class Staff(msgspec.Struct, frozen=True):
    """The staff as event members, and the paths by which they were found to be distinct."""

    members: tuple[Personal, ...] = ()
    paths: _Paths = ()


def map_staff(draft: Draft, encounters: tuple[Node, ...]) -> Staff:
    """The staff of all encounters of the contact; a person who is named twice counts once."""
    people: dict[str, Participant] = {}
    for number, encounter in enumerate(encounters):
        for index, item in enumerate(encounter.resource.get("participant", ())):
            person = _participant(draft, encounter, item, f"{encounter.path}.participant[{index}]")
            if person is None:
                continue
            person.main_in = number if _is_main(person) else _NOWHERE
            known = people.setdefault(person.key, person)
            if known is not person:
                _merge(known, person)
    ordered = _order(draft, list(people.values()))
    members = []
    paths: _Paths = ()
    for index, person in enumerate(ordered):
        members.append(_personal(draft, person, index, ordered))
        paths += person.link + person.hsa_paths
    return Staff(tuple(members), paths)


def _participant(draft: Draft, encounter: Node, item: dict[str, Any], path: str) -> Participant | None:
    reference = item.get("individual")
    if not reference:
        return None
    link = reference_paths(reference, path + ".individual")
    node = draft.resolve(reference, encounter)
    kind = node.type if node is not None else _stated_type(reference)
    if kind in _NOT_STAFF:
        draft.findings.add("STAFF-NOT-STAFF", path + ".individual")
        return None
    key = node.path if node is not None else draft.bundle.key(reference, encounter) or path
    roles = codings_in(item.get("type", ()), path + ".type", draft.context.aliases)
    person = Participant(path, key, link, roles=roles)
    if node is None:
        _take_identifier(draft, person, reference.get("identifier", {}), path + ".individual.identifier")
    elif node.type == "PractitionerRole":
        _read_role(draft, person, node)
    else:
        _read_practitioner(draft, person, node)
    if person.hsa_id is not None:
        person.key = person.hsa_id
    elif node is None and "identifier" not in reference:
        draft.findings.add("STAFF-NOT-FOUND", path + ".individual")
    else:
        draft.findings.add("STAFF-NO-HSA", node.path if node is not None else path + ".individual")
    return person


def _stated_type(reference: dict[str, Any]) -> str:
    """The type of an unresolved target: as stated, else from the reference's own text."""
    stated: str = reference.get("type") or ""
    return stated or str(reference.get("reference", "")).rpartition("/")[0].rpartition("/")[2]


def _read_role(draft: Draft, person: Participant, role: Node) -> None:
    person.professions += codings_in(
        role.resource.get("code", ()), role.path + ".code", draft.context.aliases
    )
    reference = role.resource.get("practitioner")
    practitioner = draft.resolve(reference, role) if reference else None
    if reference and practitioner is None and "identifier" in reference:
        _take_identifier(draft, person, reference["identifier"], role.path + ".practitioner.identifier")
    if practitioner is not None:
        person.key = practitioner.path
        person.link += reference_paths(reference or {}, role.path + ".practitioner")
        _read_practitioner(draft, person, practitioner)
    _take_identifiers(draft, person, role)


def _read_practitioner(draft: Draft, person: Participant, practitioner: Node) -> None:
    _take_identifiers(draft, person, practitioner)
    for index, qualification in enumerate(practitioner.resource.get("qualification", ())):
        path = f"{practitioner.path}.qualification[{index}].code"
        person.professions += codings_of(qualification.get("code"), path, draft.context.aliases)


def _take_identifiers(draft: Draft, person: Participant, node: Node) -> None:
    """The first HSA-id of a resource; what stands before it took part in the choice."""
    considered: _Paths = ()
    for index, identifier in enumerate(node.resource.get("identifier", ())):
        at = f"{node.path}.identifier[{index}]"
        if not _take_identifier(draft, person, identifier, at, considered) and "system" in identifier:
            considered += (at + ".system",)


def _take_identifier(
    draft: Draft, person: Participant, identifier: dict[str, Any], at: str, considered: _Paths = ()
) -> bool:
    """Read one Identifier at `at`; whether it is one of HSA."""
    value = identifier.get("value")
    if not value or draft.context.aliases.name(identifier.get("system", "")) != "hsa-id":
        return False
    hsa_id = parse_hsa_id(value)
    if hsa_id is None:
        draft.findings.add("UNIT-HSA-FORM", at + ".value")
    elif person.hsa_id is None:
        person.hsa_id = hsa_id
        person.hsa_paths = identifier_paths(identifier, at) + considered
    elif person.hsa_id == hsa_id:
        person.hsa_paths += identifier_paths(identifier, at)
    else:
        draft.findings.add("STAFF-SEVERAL-HSA", at + ".value", person.hsa_paths[0])
    return True


def _is_main(person: Participant) -> bool:
    return any(role.code == _MAIN and role.system in _PARTICIPATION for role in person.roles)


def _merge(known: Participant, again: Participant) -> None:
    known.main_in = min(known.main_in, again.main_in)
    known.roles += again.roles
    known.link += again.link
    known.hsa_paths = tuple(dict.fromkeys(known.hsa_paths + again.hsa_paths))
    seen = {coding.paths for coding in known.professions}
    known.professions += [coding for coding in again.professions if coding.paths not in seen]


def _order(draft: Draft, people: list[Participant]) -> list[Participant]:
    """The main responsible first (PPRF, else the first listed), then as listed.

    In a team of several Encounters each may name one: the first Encounter's counts.
    """
    if not people:
        return people
    first = min([person.main_in for person in people])
    mains = [person for person in people if person.main_in == first < _NOWHERE]
    if len(mains) > 1:
        draft.findings.add("STAFF-SEVERAL-MAIN", *(path for person in mains for path in leaves(person.roles)))
    if not mains:
        return people
    return [mains[0], *(person for person in people if person is not mains[0])]


def _personal(draft: Draft, person: Participant, index: int, everybody: list[Participant]) -> Personal:
    at = f"personal[{index}]"
    link = person.link
    maps = draft.context.concept_maps
    if person.hsa_id is not None:
        draft.trace(at + ".hsa_id", person.hsa_paths + link)
    for number, coding in enumerate(person.professions):
        draft.trace(f"{at}.yrken[{number}].kod", coding.paths[:1] + link)
        draft.trace(f"{at}.yrken[{number}].system", coding.paths[1:] + link, ("CODE-ALIAS",))
    stated = leaves(person.professions)
    draft.trace(at + ".lakare", stated + link, ("STAFF-PHYSICIAN",))
    roles: _Paths = ()
    for one in everybody if index == 0 else (person,):
        roles += leaves_that_decide(one.roles, _MAIN, _PARTICIPATION)
    rule = "STAFF-FIRST" if index == 0 and person.main_in == _NOWHERE else "STAFF-MAIN"
    draft.trace(at + ".huvudansvarig", roles + link, (rule,))
    return Personal(
        hsa_id=person.hsa_id,
        yrken=tuple([Kod(system=coding.system, kod=coding.code) for coding in person.professions]),
        yrkeskategori=_category(draft, person, at, stated),
        lakare=any(maps.is_physician(coding.system, coding.code) for coding in person.professions),
        huvudansvarig=index == 0,
    )


def _category(draft: Draft, person: Participant, at: str, stated: _Paths) -> str | None:
    """GVR's yrkeskategori: as sent, else of the first coding that a map translates."""
    if not person.professions:
        return None
    chosen, code, maps = _gvr_profession(draft, person.professions)
    if chosen is None:
        draft.findings.add("CODE-YRKE-NO-MAP", *stated)
        return None
    others = tuple([path for path in stated if path not in chosen.paths])
    draft.trace(at + ".yrkeskategori", chosen.paths + others + person.link, maps)
    return code


def _gvr_profession(draft: Draft, professions: list[Coding]) -> tuple[Coding | None, str | None, _Paths]:
    """The coding that gives the yrkeskategori, the yrkeskategori, and the maps that led to it."""
    for coding in professions:
        if coding.system == "gvr-vdg":
            return coding, coding.code, ()
    for coding in professions:
        choice = draft.context.concept_maps.choose(coding.system, coding.code, "gvr-vdg")
        if choice.code is not None:
            return coding, choice.code, choice.map_ids
    return None, None, ()
