"""Who took part: the staff of the contact, main responsible first, then as listed."""

from typing import Any

import msgspec

from adapter.domain.event import Kod, Personal
from adapter.fhir.bundle import Node
from adapter.mapping.codings import codings_in, leaves
from adapter.mapping.concept_maps import PHYSICIAN
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.links import Links
from adapter.mapping.participation import (
    foreign,
    is_main,
    main_paths,
    misplaced,
    part_paths,
    takes_part,
)
from adapter.mapping.performers import add_professions
from adapter.mapping.professional import NOWHERE, Participant, Profession, read_professional
from adapter.mapping.professions import map_profession

_NOT_STAFF = frozenset(("RelatedPerson", "Patient", "Device"))
_Paths = tuple[str, ...]


class Staff(msgspec.Struct, frozen=True):
    """The staff as event members, and the paths by which they were found to be distinct."""

    members: tuple[Personal, ...] = ()
    paths: _Paths = ()


def map_staff(draft: Draft, links: Links, encounters: tuple[Node, ...]) -> Staff:
    """The staff of all encounters of the contact; a person who is named twice counts once."""
    people: dict[str, Participant] = {}
    for number, encounter in enumerate(encounters):
        for index, item in enumerate(encounter.resource.get("participant", ())):
            person = _participant(draft, encounter, item, f"{encounter.path}.participant[{index}]")
            if person is None:
                continue
            person.main_in = number if is_main(person.roles) else NOWHERE
            known = people.setdefault(person.key, person)
            if known is not person:
                _merge(known, person)
    add_professions(draft, links, encounters, people)
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
        if wrong := misplaced(roles):
            draft.findings.add("STAFF-TYPE-SYSTEM", *leaves(wrong))
        return None
    if unread := foreign(roles):
        draft.findings.add("STAFF-TYPE-FOREIGN", *leaves(unread))
    at = path + ".individual"
    link = reference_paths(reference, at) + part_paths(roles)
    person = read_professional(draft, encounter, reference, at, link, _NOT_STAFF)
    if person is None:
        draft.findings.add("STAFF-NOT-STAFF", at)
        return None
    person.roles = roles
    if person.hsa_id is None:
        if person.node is None and "identifier" not in reference:
            draft.findings.add("STAFF-NOT-FOUND", at)
        elif not person.misshapen:
            draft.findings.add("STAFF-NO-HSA", person.node.path if person.node is not None else at)
    return person


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
    mains = [person for person in people if person.main_in == first < NOWHERE]
    if len(mains) > 1:
        draft.findings.add("STAFF-SEVERAL-MAIN", *(path for person in mains for path in leaves(person.roles)))
    if not mains:
        return people
    return [mains[0], *(person for person in people if person is not mains[0])]


def _personal(draft: Draft, person: Participant, index: int, order: _Paths) -> Personal:
    """The event's member number `index`; `order` are the leaves that put the staff in order."""
    at = f"personal[{index}]"
    link = _once(person.link + order) if order else person.link
    rule = "STAFF-FIRST" if index == 0 and person.main_in == NOWHERE else "STAFF-MAIN"
    draft.trace(at + ".huvudansvarig", _once((order or main_paths(person.roles)) + person.link), (rule,))
    return personal_of(draft, person, index, link)


def personal_of(draft: Draft, person: Participant, index: int, link: _Paths) -> Personal:
    """One of the staff as the event's member number `index`; the first is the main responsible.

    `link` are the leaves that say that it is this person, and that the person stands in this place.
    """
    at = f"personal[{index}]"
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
    profession = map_profession(draft, person.professions, at, link)
    return Personal(
        hsa_id=person.hsa_id,
        yrken=tuple([Kod(system=one.coding.system, kod=one.coding.code) for one in person.professions]),
        yrkeskategori=_category(draft, person, at, stated, link),
        yrkesgrupp=profession.group,
        yrkeskod=profession.code,
        legitimerad=profession.licensed,
        lakare=profession.group == PHYSICIAN
        or any(maps.is_physician(one.coding.system, one.coding.code) for one in person.professions),
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
