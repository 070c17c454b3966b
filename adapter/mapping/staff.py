"""Who took part: the staff of the contact, main responsible first, then as listed."""

from typing import Any

import msgspec

from adapter.domain.event import Kod, Personal
from adapter.domain.hsa import parse_hsa_id
from adapter.fhir.bundle import Node
from adapter.mapping.codings import Coding, codings_in, codings_of, leaves
from adapter.mapping.draft import Draft, identifier_paths, reference_paths
from adapter.mapping.participation import is_main, main_paths, part_paths, takes_part
from adapter.mapping.roles import role_of

_NOT_STAFF = frozenset(("RelatedPerson", "Patient", "Device"))
_NOWHERE = 999
_Paths = tuple[str, ...]


class Profession(msgspec.Struct, frozen=True):
    """A profession coding with the references that led from the participant to it."""

    coding: Coding
    link: _Paths = ()
    by: _Paths = ()


class Participant(msgspec.Struct):
    """One of the staff while it is being put together.

    `link` are the leaves that name the person in the Encounter and say that the person takes part, `via`
    those that lead on from a role to the person. `main_in` is the number of the first Encounter in which the
    person is the main responsible.
    """

    path: str
    key: str
    link: _Paths
    via: _Paths = ()
    hsa_id: str | None = None
    hsa_paths: _Paths = ()
    professions: list[Profession] = msgspec.field(default_factory=list)
    main_in: int = _NOWHERE
    roles: list[Coding] = msgspec.field(default_factory=list)
    misshapen: bool = False


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
            person.main_in = number if is_main(person.roles) else _NOWHERE
            known = people.setdefault(person.key, person)
            if known is not person:
                _merge(known, person)
    ordered = _order(draft, list(people.values()))
    if not ordered:
        draft.absent("personal", encounters[0].path + ".participant")
        return Staff()
    order: _Paths = ()
    for person in ordered:
        order += main_paths(person.roles)
    members = []
    paths: _Paths = ()
    for index, person in enumerate(ordered):
        members.append(_personal(draft, person, index, order if len(ordered) > 1 else ()))
        paths += person.link + person.via + person.hsa_paths
    return Staff(tuple(members), paths)


def _participant(draft: Draft, encounter: Node, item: dict[str, Any], path: str) -> Participant | None:
    reference = item.get("individual")
    if not reference:
        return None
    roles = codings_in(item.get("type", ()), path + ".type", draft.context.aliases)
    if not takes_part(roles):
        draft.findings.add("STAFF-NOT-TAKING-PART", path, *leaves(roles))
        return None
    link = reference_paths(reference, path + ".individual") + part_paths(roles)
    node = draft.resolve(reference, encounter, path + ".individual")
    kind = node.type if node is not None else _stated_type(reference)
    if kind in _NOT_STAFF:
        draft.findings.add("STAFF-NOT-STAFF", path + ".individual")
        return None
    key = node.path if node is not None else draft.bundle.key(reference, encounter) or path
    person = Participant(path, key, link, roles=roles)
    if node is None:
        _take_identifier(draft, person, reference.get("identifier", {}), path + ".individual.identifier")
    elif node.type == "PractitionerRole":
        _read_role(draft, person, node)
    else:
        _read_practitioner(draft, person, node)
        _read_role_of(draft, person, encounter, node)
    if person.hsa_id is not None:
        person.key = person.hsa_id
    elif node is None and "identifier" not in reference:
        draft.findings.add("STAFF-NOT-FOUND", path + ".individual")
    elif not person.misshapen:
        draft.findings.add("STAFF-NO-HSA", node.path if node is not None else path + ".individual")
    return person


def _stated_type(reference: dict[str, Any]) -> str:
    """The type of an unresolved target: as stated, else from the reference's own text."""
    stated: str = reference.get("type") or ""
    return stated or str(reference.get("reference", "")).rpartition("/")[0].rpartition("/")[2]


def _read_role(draft: Draft, person: Participant, role: Node) -> None:
    _take_codes(draft, person, role)
    reference = role.resource.get("practitioner")
    practitioner = draft.resolve(reference, role, role.path + ".practitioner") if reference else None
    if reference and practitioner is None and "identifier" in reference:
        _take_identifier(draft, person, reference["identifier"], role.path + ".practitioner.identifier")
    if practitioner is not None:
        person.key = practitioner.path
        person.via = reference_paths(reference or {}, role.path + ".practitioner")
        _read_practitioner(draft, person, practitioner)
    _take_identifiers(draft, person, role)


def _read_role_of(draft: Draft, person: Participant, encounter: Node, practitioner: Node) -> None:
    """The profession of a Practitioner whom the Encounter names directly: that of the only role."""
    if practitioner.type == "Practitioner" and (found := role_of(draft, encounter, practitioner)):
        _take_codes(draft, person, found[0], found[1], ("STAFF-BY-ROLE",))


def _take_codes(draft: Draft, person: Participant, role: Node, link: _Paths = (), by: _Paths = ()) -> None:
    for coding in codings_in(role.resource.get("code", ()), role.path + ".code", draft.context.aliases):
        person.professions.append(Profession(coding, link, by))


def _read_practitioner(draft: Draft, person: Participant, practitioner: Node) -> None:
    _take_identifiers(draft, person, practitioner)
    for index, qualification in enumerate(practitioner.resource.get("qualification", ())):
        path = f"{practitioner.path}.qualification[{index}].code"
        for coding in codings_of(qualification.get("code"), path, draft.context.aliases):
            person.professions.append(Profession(coding, person.via))


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
        person.misshapen = True
        draft.findings.add("STAFF-HSA-FORM", at + ".value")
    elif person.hsa_id is None:
        person.hsa_id = hsa_id
        person.hsa_paths = identifier_paths(identifier, at) + considered
    elif person.hsa_id == hsa_id:
        person.hsa_paths += identifier_paths(identifier, at)
    else:
        draft.findings.add("STAFF-SEVERAL-HSA", at + ".value", person.hsa_paths[0])
    return True


def _merge(known: Participant, again: Participant) -> None:
    known.main_in = min(known.main_in, again.main_in)
    known.roles += again.roles
    known.link += again.link
    known.via += again.via
    known.hsa_paths = tuple(dict.fromkeys(known.hsa_paths + again.hsa_paths))
    seen = {profession.coding.paths for profession in known.professions}
    known.professions += [one for one in again.professions if one.coding.paths not in seen]


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


def _personal(draft: Draft, person: Participant, index: int, order: _Paths) -> Personal:
    """The event's member number `index`; `order` are the leaves that put the staff in order."""
    at = f"personal[{index}]"
    link = _once(person.link + order) if order else person.link
    maps = draft.context.concept_maps
    if person.hsa_id is not None:
        draft.trace(at + ".hsa_id", person.hsa_paths + person.via + link)
    stated: _Paths = ()
    leading: _Paths = ()
    for number, one in enumerate(person.professions):
        coding = one.coding
        draft.trace(f"{at}.yrken[{number}].kod", coding.paths[:1] + one.link + link, one.by)
        draft.trace(
            f"{at}.yrken[{number}].system", coding.paths[1:] + one.link + link, ("CODE-ALIAS", *one.by)
        )
        stated += coding.paths
        leading += one.link
    draft.trace(at + ".lakare", stated + leading + link, ("STAFF-PHYSICIAN",))
    rule = "STAFF-FIRST" if index == 0 and person.main_in == _NOWHERE else "STAFF-MAIN"
    draft.trace(at + ".huvudansvarig", _once((order or main_paths(person.roles)) + person.link), (rule,))
    return Personal(
        hsa_id=person.hsa_id,
        yrken=tuple([Kod(system=one.coding.system, kod=one.coding.code) for one in person.professions]),
        yrkeskategori=_category(draft, person, at, stated, link),
        lakare=any(maps.is_physician(one.coding.system, one.coding.code) for one in person.professions),
        huvudansvarig=index == 0,
    )


def _once(paths: _Paths) -> _Paths:
    return tuple(dict.fromkeys(paths))


def _category(draft: Draft, person: Participant, at: str, stated: _Paths, link: _Paths) -> str | None:
    """GVR's yrkeskategori: as sent, else of the first coding that a map translates."""
    if not person.professions:
        return None
    chosen, code, by, tried = _gvr_profession(draft, person.professions)
    if chosen is None:
        draft.findings.add("CODE-YRKE-NO-MAP", *stated)
        return None
    draft.trace(at + ".yrkeskategori", chosen.coding.paths + tried + chosen.link + link, by + chosen.by)
    return code


def _gvr_profession(
    draft: Draft, professions: list[Profession]
) -> tuple[Profession | None, str | None, _Paths, _Paths]:
    """Who gives the yrkeskategori, the yrkeskategori, the maps that led to it, and what had none before."""
    for one in professions:
        if one.coding.system == "gvr-vdg":
            return one, one.coding.code, (), ()
    tried: _Paths = ()
    for one in professions:
        choice = draft.context.concept_maps.choose(one.coding.system, one.coding.code, "gvr-vdg")
        if choice.code is not None:
            return one, choice.code, choice.map_ids, tried
        tried += one.coding.paths
    return None, None, (), tried
