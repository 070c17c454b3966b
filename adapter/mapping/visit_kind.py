"""Whether a contact is a first or a return visit, and whether the patient referred themselves to it."""

from typing import Any

from adapter.domain.identity import KINDS
from adapter.fhir.bundle import Node
from adapter.mapping.codings import Coding, codings_in, codings_of
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.professional import stated_type

SYSTEM = "besoksslag"
"""Short name of our code system of first and return visits."""
_FIRST = "nybesok"
_CODES = {_FIRST: True, "aterbesok": False}
_PATIENTS = frozenset(("Patient", "RelatedPerson"))
"""Who refers themselves: the patient, or who speaks for the patient."""
_OTHERS = frozenset(("Practitioner", "PractitionerRole", "Organization"))
_Paths = tuple[str, ...]


def says_visit_kind(draft: Draft, coding: Coding) -> bool:
    """Whether a coding, as sent or through a map, is one of first and return visits."""
    return _slag(draft, coding)[0] is not None


def first_visit(
    draft: Draft, encounter: Node, booking: Node | None, link: _Paths, new_problem: bool | None
) -> bool | None:
    """Whether it is a first visit: what the sender says of the problem, else what the codes say.

    Codes stand in Encounter.type, Encounter.reasonCode and Appointment.appointmentType of the `booking` that
    `link` leads to. Codes that contradict each other say nothing.
    """
    found = _evidence(draft, encounter, booking, link)
    said = {slag for slag, _, _ in found}
    paths = tuple(path for _, own, _ in found for path in own)
    by = tuple(dict.fromkeys(one for _, _, maps in found for one in maps))
    if new_problem is not None:
        stated = draft.provenance["tillgang.nytt_halsoproblem"].paths
        if said - {new_problem}:
            draft.findings.add("TG-NYBESOK-MOTSAGT", *stated[:1], *paths)
        draft.trace("tillgang.nybesok", stated, ("TG-NYBESOK",))
        return new_problem
    if len(said) > 1:
        draft.findings.add("TG-NYBESOK-MOTSAGT", *paths)
    if len(said) != 1:
        return None
    draft.trace("tillgang.nybesok", paths, ("TG-NYBESOK-KOD", *by))
    return said.pop()


def self_referral(draft: Draft, request: Node | None, link: _Paths) -> bool | None:
    """Whether the patient asked for the contact, by who requested the ServiceRequest that `link` leads to."""
    asked_by: dict[str, Any] | None = request.resource.get("requester") if request is not None else None
    if request is None or not asked_by:
        return None
    path = request.path + ".requester"
    node = draft.bundle.resolve(asked_by, request)
    kind = node.type if node is not None else stated_type(asked_by)
    if not kind and draft.context.aliases.name(asked_by.get("identifier", {}).get("system", "")) in KINDS:
        kind = "Patient"  # only patients have such numbers
    if kind not in _PATIENTS | _OTHERS:
        return None
    leaves = reference_paths(asked_by, path)
    if node is None and "type" in asked_by:
        leaves = (path + ".type", *leaves)
    draft.trace("tillgang.egenanmalan", (*leaves, *link), ("TG-EGENANMALAN",))
    return kind in _PATIENTS


def _evidence(
    draft: Draft, encounter: Node, booking: Node | None, link: _Paths
) -> list[tuple[bool, _Paths, _Paths]]:
    aliases = draft.context.aliases
    path = encounter.path
    types = codings_in(encounter.resource.get("type", ()), path + ".type", aliases)
    others = codings_in(encounter.resource.get("reasonCode", ()), path + ".reasonCode", aliases)
    if booking is not None:
        kind = codings_of(booking.resource.get("appointmentType"), booking.path + ".appointmentType", aliases)
        others += [Coding(coding.system, coding.code, (*coding.paths, *link)) for coding in kind]
    found: list[tuple[bool, _Paths, _Paths]] = []
    for coding in (*types, *others):
        slag, maps = _slag(draft, coding)
        if slag is not None:
            found.append((slag, coding.paths, maps))
        elif coding.system == SYSTEM and coding in others:  # of the types, map_contact tells this
            draft.findings.add("TG-NYBESOK-OKAND", *coding.paths[:2])
    return found


def _slag(draft: Draft, coding: Coding) -> tuple[bool | None, _Paths]:
    if coding.system == SYSTEM:
        return _CODES.get(coding.code), ()
    choice = draft.context.concept_maps.choose(coding.system, coding.code, SYSTEM)
    return _CODES.get(choice.code or ""), choice.map_ids
