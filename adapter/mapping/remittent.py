"""Who asked for the contact: the kombika of the unit that referred the patient."""

from typing import Any, NamedTuple

from adapter.domain.event import Kombika
from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.unit import identify

_Paths = tuple[str, ...]
_SELF = frozenset(("Patient", "RelatedPerson", "Device"))
"""Requesters of a self-referral, or of none: no unit is behind them, and there is nothing to remark."""


class _Remittent(NamedTuple):
    kombika: Kombika
    paths: _Paths
    by: _Paths


class _Requester(NamedTuple):
    """The Reference to a unit that asked for the contact, where it stands, and how it was reached."""

    reference: dict[str, Any]
    base: Node
    path: str
    link: _Paths


def referrer(draft: Draft, encounter: Node) -> Kombika | None:
    """The kombika of the unit that asked for the contact: ServiceRequest.requester, or its organisation.

    One that is not known, or known not to be valid on the date of care, is left out with a warning; of
    several the first counts.
    """
    if "basedOn" not in encounter.resource:
        return None
    found = [one for asked_by in _requesters(draft, encounter) if (one := _remittent(draft, asked_by))]
    if not found:
        return None
    first = found[0]
    others = [one for one in found if one.kombika != first.kombika]
    if others:
        draft.findings.add("KT-REMITTENT-FLERA", first.paths[0], *(one.paths[0] for one in others))
    members = tuple(f"kontakt.remittent.{part}" for part in ("inr", "klin", "avd"))
    draft.trace_alike(members, first.paths, first.by)
    return first.kombika


def _requesters(draft: Draft, encounter: Node) -> list[_Requester]:
    """Who asked for the contact, by each of its ServiceRequests; a role's organisation for the role."""
    found = []
    for index, reference in enumerate(encounter.resource["basedOn"]):
        request = draft.resolve(reference, encounter)
        asked_by = request.resource.get("requester") if request is not None else None
        if request is None or request.type != "ServiceRequest" or not asked_by:
            continue
        path = request.path + ".requester"
        link = reference_paths(reference, f"{encounter.path}.basedOn[{index}]")
        node = draft.resolve(asked_by, request, path)
        if node is not None and node.type == "PractitionerRole":
            link += reference_paths(asked_by, path)
            organization = node.resource.get("organization", {})
            found.append(_Requester(organization, node, node.path + ".organization", link))
        elif (node.type if node is not None else asked_by.get("type")) not in _SELF:
            found.append(_Requester(asked_by, request, path, link))
    return found


def _remittent(draft: Draft, asked_by: _Requester) -> _Remittent | None:
    """The kombika as sent, else as the table has it on the date of care."""
    reference, base, path, link = asked_by
    node = draft.resolve(reference, base) if reference else None
    is_person = node is not None and node.type != "Organization"
    # a person's HSA-id is no unit's, and a malformed kombika must not stop the contact
    found = None if is_person else identify(draft, reference, base, path, "KT-REMITTENT-OGILTIG")
    day, table = draft.date, draft.context.kombika
    if found is not None and found.kombika is not None:
        if day is not None and table.expired(found.kombika, day):
            draft.findings.add("KT-REMITTENT-OGILTIG", *found.kombika_paths[:1], *draft.date_paths)
            return None
        if day is not None and not table.hsa_ids(found.kombika, day):
            draft.findings.add("KT-REMITTENT-OKONTROLLERAD", *found.kombika_paths[:1])
        return _Remittent(found.kombika, found.kombika_paths + link, ("KT-REMITTENT",))
    known = table.kombikas(found.hsa_id, day) if found is not None and found.hsa_id and day else ()
    if found is not None and len(known) == 1:
        paths = found.hsa_paths + draft.date_paths + link
        return _Remittent(known[0], paths, ("KT-REMITTENT", "UNIT-KOMBIKA-TABLE"))
    if found is not None and known:
        draft.findings.add("UNIT-KOMBIKA-SEVERAL", *found.hsa_paths[:1])
    else:
        draft.findings.add("KT-REMITTENT-OKAND", *(found.hsa_paths[:1] if found is not None else (path,)))
    return None
