"""Encounter.class: a v3-ActCode, as the concerns read it."""

from adapter.fhir.bundle import Node
from adapter.mapping.aliases import AliasTable

_ACT_CODE = "v3-actcode"

INPATIENT = frozenset(("IMP", "ACUTE", "NONAC"))
"""IMP and its children: a stay at a ward."""
EMERGENCY = "EMER"


def class_code(encounter: Node, aliases: AliasTable) -> str:
    """The v3-ActCode of Encounter.class; empty for a class of another system."""
    given = encounter.resource.get("class", {})
    system = given.get("system")
    if system is not None and aliases.name(system) != _ACT_CODE:
        return ""
    return str(given.get("code", ""))


def class_paths(encounter: Node) -> tuple[str, ...]:
    """Code and system of Encounter.class, as far as they are there."""
    given = encounter.resource.get("class", {})
    return tuple(f"{encounter.path}.class.{name}" for name in ("code", "system") if name in given)
