"""Encounter.status as the status of the event (docs/how-to/connect-a-sender)."""

from adapter.domain.event import Status
from adapter.fhir.bundle import Node
from adapter.mapping.classes import INPATIENT, class_code, paths_that_decide
from adapter.mapping.draft import Draft

WITHDRAWN = frozenset(("cancelled", "entered-in-error"))


def encounter_status(draft: Draft, encounter: Node) -> Status:
    """finished reports, cancelled and entered-in-error cancel, all else is not reported yet.

    The admission of inpatient care is reported while the stay is in progress.
    """
    status = encounter.resource.get("status")
    if status == "finished":
        return "final"
    if status in WITHDRAWN:
        return "cancelled"
    if status == "in-progress" and class_code(encounter, draft.context.aliases) in INPATIENT:
        return "final"
    return "pending"


def contact_status(draft: Draft, encounters: tuple[Node, ...]) -> Status:
    """The status of a contact of one or (team) several Encounters: pending as long as one of them is."""
    found = [encounter_status(draft, encounter) for encounter in encounters]
    paths: tuple[str, ...] = ()
    for encounter in encounters:
        paths += (encounter.path + ".status",)
        if encounter.resource.get("status") == "in-progress":
            paths += paths_that_decide(encounter, INPATIENT, draft.context.aliases)
    draft.trace("status", paths, ("CONTACT-STATUS",))
    return "pending" if "pending" in found else found[0]
