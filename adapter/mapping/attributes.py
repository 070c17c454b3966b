"""The contact's attributes: acute, planned, besökstyp and taxa."""

from typing import Any

from adapter.fhir.bundle import Node
from adapter.mapping.classes import EMERGENCY, class_code, paths_that_decide
from adapter.mapping.codings import Coding, codings_of, leaves_that_decide
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.extensions import Extension

_Paths = tuple[str, ...]

_PRIORITY = ("v3-actpriority", "")
_EMERGENCY_PRIORITY = "EM"
_WALK_IN = "WALKIN"


def acute(draft: Draft, encounters: tuple[Node, ...]) -> bool:
    """Class EMER, or priority emergency (v3 ActPriority EM)."""
    aliases = draft.context.aliases
    main = encounters[0]  # the Encounters of a team share their class
    paths = paths_that_decide(main, EMERGENCY, aliases)
    found = class_code(main, aliases) in EMERGENCY
    for encounter in encounters if not found else ():
        priority = codings_of(encounter.resource.get("priority"), encounter.path + ".priority", aliases)
        paths += leaves_that_decide(priority, _EMERGENCY_PRIORITY, _PRIORITY)
        found = found or any(
            coding.code == _EMERGENCY_PRIORITY and coding.system in _PRIORITY for coding in priority
        )
    draft.trace("kontakt.akut", paths, ("KT-AKUT",))
    return found


def planned(draft: Draft, encounter: Node) -> bool | None:
    """Booked contacts are planned, walk-ins are not (SKR-FAQ, *Hur definieras obokade besök?*)."""
    appointments = encounter.resource.get("appointment")
    if not appointments:
        return None
    paths: _Paths = ()
    walk_in = False
    for index, reference in enumerate(appointments):
        paths += reference_paths(reference, f"{encounter.path}.appointment[{index}]")
        node = draft.resolve(reference, encounter)
        if node is None:
            continue
        kind = codings_of(
            node.resource.get("appointmentType"), node.path + ".appointmentType", draft.context.aliases
        )
        paths += tuple(coding.paths[0] for coding in kind)
        walk_in = walk_in or any(coding.code == _WALK_IN for coding in kind)
    draft.trace("kontakt.planerad", paths, ("KT-PLANERAD",))
    return not walk_in


def visit_type(draft: Draft, encounter: Node, codings: list[Coding]) -> tuple[str, ...]:
    """GVR's besökstyper as sent, else the sender's default."""
    found: dict[str, _Paths] = {}
    for coding in codings:
        found[coding.code] = found.get(coding.code, ()) + coding.paths
    for index, paths in enumerate(found.values()):
        draft.trace(f"kontakt.besokstyp[{index}]", paths)
    if found:
        return tuple(found)
    default = draft.context.sender.default_besokstyp
    if default is None:
        draft.absent("kontakt.besokstyp", encounter.path + ".type")
        return ()
    draft.trace("kontakt.besokstyp[0]", (), ("KT-BESOKSTYP-STANDARD",))
    return (default,)


def tax(draft: Draft, encounter: Node, extensions: dict[str, Extension]) -> str | None:
    """The taxa as sent, else the sender's default."""
    sent = coded(draft, extensions.get("taxa"), "gvr-taxa", "kontakt.taxa", register="gvr")
    default = draft.context.sender.default_taxa
    if sent is None and default is not None:
        draft.trace("kontakt.taxa", (), ("KT-TAXA-STANDARD",))
        return default
    if sent is None:
        draft.absent("kontakt.taxa", encounter.path + ".extension")
    return sent


def coded(
    draft: Draft, found: Extension | None, system: str, member: str, register: str | None = None
) -> str | None:
    """The code of an extension's Coding; one of another system, or of several values, is left out.

    `register` is the only one that has any use for it, None: all may have.
    """
    if found is None:
        return None
    if not found.agrees:
        draft.findings.add("KT-TILLAGG-OLIKA", *found.places, register=register)
        return None
    value: dict[str, Any] | None = found.content.get("valueCoding")
    if value is None:
        draft.findings.add("KT-TILLAGG-VARDE", found.path)
        return None
    paths = found.leaves(".valueCoding.code", ".valueCoding.system", ".url")
    code: str | None = value.get("code")
    if code is None or draft.context.aliases.name(value.get("system", "")) != system:
        draft.findings.add("KT-TILLAGG-SYSTEM", *paths)
        return None
    draft.trace(member, paths)
    return code
