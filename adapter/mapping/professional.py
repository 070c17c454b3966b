"""A professional behind a reference: HSA-id and professions, of whatever resource the reference leads to."""

from typing import Any

import msgspec

from adapter.domain.hsa import parse_hsa_id
from adapter.fhir.bundle import Node
from adapter.mapping.codings import Coding, codings_in, codings_of
from adapter.mapping.draft import Draft, identifier_paths, reference_paths
from adapter.mapping.roles import role_of

NOWHERE = 999
"""`Participant.main_in` of whoever is the main responsible in no Encounter."""
PROFESSIONALS = frozenset(("Practitioner", "PractitionerRole"))
"""The types of resource that a professional is sent as."""
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
    person is the main responsible. `kind` is the type of the reference's target, as far as it is known,
    `node` the target where the bundle has it.
    """

    path: str
    key: str
    link: _Paths
    via: _Paths = ()
    hsa_id: str | None = None
    hsa_paths: _Paths = ()
    professions: list[Profession] = msgspec.field(default_factory=list)
    main_in: int = NOWHERE
    roles: list[Coding] = msgspec.field(default_factory=list)
    misshapen: bool = False
    kind: str = ""
    node: Node | None = None


def read_professional(
    draft: Draft,
    base: Node,
    reference: dict[str, Any],
    path: str,
    link: _Paths,
    apart_from: frozenset[str] = frozenset(),
) -> Participant | None:
    """Who the `reference` in `base` at `path` names; None for a target of one of the types `apart_from`.

    `link` are the leaves that led to the reference. The path of the participant is that of the reference.
    Remarks on the HSA-id's form are made here; that it is missing is for the caller to say.
    """
    node = draft.resolve(reference, base, path)
    kind = node.type if node is not None else stated_type(reference)
    if kind in apart_from:
        return None
    key = node.path if node is not None else draft.bundle.key(reference, base) or path
    person = Participant(path, key, link, kind=kind, node=node)
    if node is None:
        _take_identifier(draft, person, reference.get("identifier", {}), path + ".identifier")
    elif node.type == "PractitionerRole":
        _read_role(draft, person, node)
    else:
        _read_practitioner(draft, person, node)
        _read_role_of(draft, person, base, node)
    if person.hsa_id is not None:
        person.key = person.hsa_id
    return person


def stated_type(reference: dict[str, Any]) -> str:
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
