"""The role in which a Practitioner took part, where the Encounter names the Practitioner only."""

from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft, reference_paths

_Paths = tuple[str, ...]


def role_of(draft: Draft, encounter: Node, practitioner: Node) -> tuple[Node, _Paths] | None:
    """The person's only active PractitionerRole, else the only one at the contact's unit.

    With it the leaves that chose it. None when there is no role, or no telling which.
    """
    found: list[tuple[Node, _Paths]] = []
    for role in draft.bundle.of_type("PractitionerRole"):
        reference = role.resource.get("practitioner")
        if reference and draft.bundle.resolve(reference, role) is practitioner:
            active = (role.path + ".active",) if "active" in role.resource else ()
            found.append((role, reference_paths(reference, role.path + ".practitioner") + active))
    standing = [one for one in found if one[0].resource.get("active") is not False]
    if len(standing) > 1:
        standing = _at_unit(draft, encounter, standing)
    if len(standing) != 1:
        return None
    draft.entries.add(standing[0][0].entry)
    return standing[0]


def _at_unit(draft: Draft, encounter: Node, roles: list[tuple[Node, _Paths]]) -> list[tuple[Node, _Paths]]:
    unit = encounter.resource.get("serviceProvider")
    key = draft.bundle.key(unit, encounter) if unit else None
    if key is None:
        return []
    link = reference_paths(unit, encounter.path + ".serviceProvider")
    return [
        (role, paths + reference_paths(organization, role.path + ".organization") + link)
        for role, paths in roles
        if (organization := role.resource.get("organization")) is not None
        and draft.bundle.key(organization, role) == key
    ]
