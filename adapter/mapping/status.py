"""Encounter.status as the status of the event (20-fhir, last paragraph)."""

from adapter.domain.event import Status
from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft

INPATIENT_CLASSES = frozenset(("IMP", "ACUTE", "NONAC"))
"""v3-ActCode IMP and its children: a stay at a ward."""

WITHDRAWN = frozenset(("cancelled", "entered-in-error"))


def encounter_status(encounter: Node) -> Status:
    """finished reports, cancelled and entered-in-error cancel, all else is not reported yet.

    The admission of inpatient care is reported while the stay is in progress.
    """
    status = encounter.resource.get("status")
    if status == "finished":
        return "final"
    if status in WITHDRAWN:
        return "cancelled"
    if status == "in-progress" and encounter.resource.get("class", {}).get("code") in INPATIENT_CLASSES:
        return "final"
    return "pending"


def contact_status(draft: Draft, encounters: tuple[Node, ...]) -> Status:
    """The status of a contact of one or (team) several Encounters: pending as long as one of them is."""
    found = [encounter_status(encounter) for encounter in encounters]
    paths = tuple(
        f"{encounter.path}.{name}"
        for encounter in encounters
        for name in ("status", "class.code")
        if name == "status" or encounter_status(encounter) == "final"
    )
    draft.trace("status", paths, ("CONTACT-STATUS",))
    if "pending" in found:
        return "pending"
    return found[0]
