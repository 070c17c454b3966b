"""The contact's attributes: acute, planned, besökstyp, taxa, form of housing and remittent."""

from typing import Any

from adapter.domain.event import Kombika
from adapter.fhir.bundle import Node
from adapter.mapping.classes import EMERGENCY, class_code, paths_that_decide
from adapter.mapping.codings import Coding, codings_of, leaves_that_decide
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.extensions import Extension
from adapter.mapping.unit import identify

_Paths = tuple[str, ...]

_PRIORITY = ("v3-actpriority", "")
_EMERGENCY_PRIORITY = "EM"
_WALK_IN = "WALKIN"
_REFERRER = ("kontakt.remittent.inr", "kontakt.remittent.klin", "kontakt.remittent.avd")


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


def visit_type(draft: Draft, codings: list[Coding]) -> tuple[str, ...]:
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
        return ()
    draft.trace("kontakt.besokstyp[0]", (), ("KT-BESOKSTYP-STANDARD",))
    return (default,)


def tax(draft: Draft, extensions: dict[str, Extension]) -> str | None:
    """The taxa as sent, else the sender's default."""
    sent = coded(draft, extensions.get("taxa"), "gvr-taxa", "kontakt.taxa")
    default = draft.context.sender.default_taxa
    if sent is None and default is not None:
        draft.trace("kontakt.taxa", (), ("KT-TAXA-STANDARD",))
        return default
    return sent


def housing(draft: Draft, extensions: dict[str, Extension]) -> str | None:
    """Särskilt or ordinärt boende, as sent."""
    return coded(draft, extensions.get("boendeform"), "boendeform", "kontakt.boendeform")


def coded(draft: Draft, found: Extension | None, system: str, member: str) -> str | None:
    """The code of an extension's Coding; one of another system is left out."""
    if found is None:
        return None
    value: dict[str, Any] = found.content.get("valueCoding", {})
    path = found.path + ".valueCoding"
    paths = (path + ".code", path + ".system", found.path + ".url")
    code: str | None = value.get("code")
    if code is None or draft.context.aliases.name(value.get("system", "")) != system:
        draft.findings.add("KT-TILLAGG-SYSTEM", *paths)
        return None
    draft.trace(member, paths)
    return code


def referrer(draft: Draft, encounter: Node) -> Kombika | None:
    """The kombika of the unit that asked for the contact: ServiceRequest.requester, or its organisation."""
    for index, reference in enumerate(encounter.resource.get("basedOn", ())):
        request = draft.resolve(reference, encounter)
        asked_by = request.resource.get("requester") if request is not None else None
        if request is None or request.type != "ServiceRequest" or not asked_by:
            continue
        link = reference_paths(reference, f"{encounter.path}.basedOn[{index}]")
        base, path = request, request.path + ".requester"
        role = draft.resolve(asked_by, request)
        if role is not None and role.type == "PractitionerRole":
            link += reference_paths(asked_by, path)
            asked_by, base, path = role.resource.get("organization", {}), role, role.path + ".organization"
        found = identify(draft, asked_by, base, path) if asked_by else None
        if found is not None and found.kombika is not None:
            draft.trace_alike(_REFERRER, found.kombika_paths + link, ("KT-REMITTENT",))
            return found.kombika
    return None
