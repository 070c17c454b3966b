"""What the judgement on the care guarantee needs beside the event: codes, referrer, earlier contact."""

from typing import Any

from adapter.domain.event import Vardhandelse
from adapter.domain.localtime import LocalTime, to_local
from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.extensions import own_extensions
from adapter.mapping.professional import PROFESSIONALS, read_professional
from adapter.mapping.referral import earlier_contacts
from adapter.mapping.vardgaranti import Known

GROUP = "vardgarantigrupp"
"""Short name of our code system of what a contact may be about, as the guarantee sees it."""
_SHORTEST = 3
_PRIMARY_CARE = "ksh97-p"
_JOINED = "P-"
"""What KSH97-P puts at the end of a code that joins several of ICD-10-SE."""
_Paths = tuple[str, ...]


def paths_of(draft: Draft, members: _Paths) -> _Paths:
    """Where these members of the event come from."""
    found: _Paths = ()
    for member in members:
        origin = draft.provenance.get(member)
        found += origin.paths if origin is not None else ()
    return found


def known(draft: Draft, event: Vardhandelse, encounter: Node) -> Known:
    """The facts of one contact; `encounter` is its main one."""
    group, group_paths, group_by = _group(draft, event)
    by_physician, elsewhere, referral_paths = _referral(draft, event, encounter)
    could_assess, first_contact, earlier_paths = _earlier(draft, encounter)
    return Known(
        group=group,
        group_paths=group_paths,
        group_by=group_by,
        by_physician=by_physician,
        elsewhere=elsewhere,
        referral_paths=referral_paths,
        could_assess=could_assess,
        first_contact=first_contact,
        earlier_paths=earlier_paths,
    )


def _group(draft: Draft, event: Vardhandelse) -> tuple[str | None, _Paths, _Paths]:
    """The group of the main diagnosis; without any diagnosis that of the first action that has one."""
    if event.diagnoser:
        main = event.diagnoser[0]
        group, by = _group_of(draft, main.system, main.kod)
        return group, paths_of(draft, ("diagnoser[0].kod",)), by
    for index, action in enumerate(event.atgarder):
        group, by = _group_of(draft, "kva", action.kod)
        if group is not None:
            return group, paths_of(draft, (f"atgarder[{index}].kod",)), by
    return None, (), ()


def _group_of(draft: Draft, system: str, code: str) -> tuple[str | None, _Paths]:
    """The group of a code, or of the nearest code above it: one for Z25 holds for Z251 too.

    A code of KSH97-P that has none by a map of its own is looked up as the ICD-10-SE code that it is made of:
    Z25- and D22-P join a category, J069P is J069.
    """
    group, by = _nearest(draft, system, code)
    if group is None and system == _PRIMARY_CARE:
        group, by = _nearest(draft, "icd-10-se", code.rstrip(_JOINED))
        by = ("VG-KSH97-P", *by)
    return (group, by) if group is not None else (None, ())


def _nearest(draft: Draft, system: str, code: str) -> tuple[str | None, _Paths]:
    for length in range(len(code), _SHORTEST - 1, -1):
        choice = draft.context.concept_maps.choose(system, code[:length], GROUP)
        if choice.code is not None:
            return choice.code, choice.map_ids
    return None, ()


def _referral(draft: Draft, event: Vardhandelse, encounter: Node) -> tuple[bool, bool, _Paths]:
    """Whether a physician referred the patient, whether from another unit, and the leaves that say so."""
    for index, reference in enumerate(encounter.resource.get("basedOn", ())):
        request = draft.bundle.resolve(reference, encounter)
        asked_by = request.resource.get("requester") if request is not None else None
        if request is None or request.type != "ServiceRequest" or not asked_by:
            continue
        link = reference_paths(reference, f"{encounter.path}.basedOn[{index}]")
        path = request.path + ".requester"
        apart = Draft(
            draft.bundle, draft.context
        )  # the referrer is no staff: what is amiss there is not told
        person = read_professional(apart, request, asked_by, path, reference_paths(asked_by, path))
        if person is None or person.kind not in PROFESSIONALS:
            continue
        maps = draft.context.concept_maps
        codings = [one.coding for one in person.professions]
        if not any(maps.is_physician(one.system, one.code) for one in codings):
            continue
        paths = (*(leaf for one in codings for leaf in one.paths), *person.link, *link)
        draft.entries |= apart.entries
        own_unit, unit_paths = _of_own_unit(draft, event, person.node)
        return True, own_unit is False, (*paths, *unit_paths)
    return False, False, ()


def _of_own_unit(draft: Draft, event: Vardhandelse, role: Node | None) -> tuple[bool | None, _Paths]:
    """Whether a role belongs to the contact's unit, by HSA-id; None where that is not known."""
    organization: dict[str, Any] | None = role.resource.get("organization") if role is not None else None
    unit = event.enhet.vardenhet
    if role is None or not organization or unit is None:
        return None, ()
    path = role.path + ".organization"
    node = draft.bundle.resolve(organization, role)
    own = [organization["identifier"]] if "identifier" in organization else []
    identifiers = node.resource.get("identifier", ()) if node is not None else own
    at = node.path + ".identifier[{}].value" if node is not None else path + ".identifier.value"
    for index, identifier in enumerate(identifiers):
        if draft.context.aliases.name(identifier.get("system", "")) == "hsa-id" and identifier.get("value"):
            return identifier["value"].upper() == unit, (
                at.format(index),
                *reference_paths(organization, path),
            )
    return None, ()


def _earlier(draft: Draft, encounter: Node) -> tuple[bool | None, str | None, _Paths]:
    """Kompetens and day of the contact that this one follows on, as far as the bundle has it."""
    for earlier in earlier_contacts(draft.bundle, encounter):
        if earlier.node is None:
            continue
        found = own_extensions(earlier.node).get("kompetens")
        value, paths = found.value("Boolean") if found is not None and found.agrees else (None, ())
        if not isinstance(value, bool):
            continue
        day = day_of(earlier.node.resource.get("period", {}).get("start"))
        when = (earlier.node.path + ".period.start",) if day is not None else ()
        return value, day, (*paths, *when, *earlier.paths)
    return None, None, ()


def day_of(value: str | None) -> str | None:
    """The local day of a FHIR dateTime; None for what tells none."""
    local = to_local(value) if value else None
    return local.datum if isinstance(local, LocalTime) else None
