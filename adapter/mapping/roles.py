"""The role in which a Practitioner took part, where the Encounter names the Practitioner only."""

from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft, reference_paths

_Paths = tuple[str, ...]


def role_of(draft: Draft, encounter: Node, practitioner: Node) -> tuple[Node, _Paths] | None:
    """The person's only active PractitionerRole, else the only one at the contact's unit.

    With it the leaves that chose it. None when there is no role, or (with a finding) no telling which.
    """
    standing: list[tuple[Node, _Paths]] = []
    ended: _Paths = ()
    for role in draft.bundle.of_type("PractitionerRole"):
        reference = role.resource.get("practitioner")
        if not reference or draft.bundle.key(reference, role) != practitioner.path:
            continue
        active = (role.path + ".active",) if "active" in role.resource else ()
        if role.resource.get("active") is False:
            ended += active
        else:
            standing.append((role, reference_paths(reference, role.path + ".practitioner") + active))
    chosen = _at_unit(draft, encounter, standing) if len(standing) > 1 else standing
    if len(chosen) != 1:
        if standing:
            draft.findings.add("STAFF-SEVERAL-ROLES", *(path for _, paths in standing for path in paths))
        return None
    role, paths = chosen[0]
    draft.entries.add(role.entry)
    return role, paths + ended


def _at_unit(draft: Draft, encounter: Node, roles: list[tuple[Node, _Paths]]) -> list[tuple[Node, _Paths]]:
    unit = encounter.resource.get("serviceProvider")
    key = draft.bundle.key(unit, encounter) if unit else None
    if unit is None or key is None:
        return []
    link = reference_paths(unit, encounter.path + ".serviceProvider")
    return [
        (role, paths + reference_paths(organization, role.path + ".organization") + link)
        for role, paths in roles
        if (organization := role.resource.get("organization")) is not None
        and draft.bundle.key(organization, role) == key
    ]
