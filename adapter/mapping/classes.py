"""Encounter.class: a v3-ActCode, as the concerns read it."""

from adapter.fhir.bundle import Node
from adapter.mapping.aliases import AliasTable

_ACT_CODE = "v3-actcode"

INPATIENT = frozenset(("IMP", "ACUTE", "NONAC"))
"""IMP and its children: a stay at a ward."""
EMERGENCY = frozenset(("EMER",))
VISITS = frozenset(("AMB", "EMER", "FLD", "HH"))
"""In person, outside a ward: at the clinic, an emergency, in the field, at home."""


def class_code(encounter: Node, aliases: AliasTable) -> str:
    """The v3-ActCode of Encounter.class; empty for a class of another system."""
    given = encounter.resource.get("class", {})
    return str(given.get("code", "")) if _is_act_code(given.get("system"), aliases) else ""


def class_paths(encounter: Node) -> tuple[str, ...]:
    """Code and system of Encounter.class, as far as they are there."""
    given = encounter.resource.get("class", {})
    path = encounter.path + ".class"
    if "code" in given:
        return (path + ".code", path + ".system") if "system" in given else (path + ".code",)
    return (path + ".system",) if "system" in given else ()


def paths_that_decide(encounter: Node, codes: frozenset[str], aliases: AliasTable) -> tuple[str, ...]:
    """The leaves on which it depends whether the class is one of `codes`: those that differ, else both."""
    given = encounter.resource.get("class", {})
    path = encounter.path + ".class"
    decides = (path + ".code",) if _is_act_code(given.get("system"), aliases) else ()
    return (*decides, path + ".system") if given.get("code") in codes and "system" in given else decides


def _is_act_code(system: str | None, aliases: AliasTable) -> bool:
    return system is None or aliases.name(system) == _ACT_CODE
