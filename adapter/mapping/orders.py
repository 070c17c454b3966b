"""Orders of a contact: a referral, imaging or a laboratory test is further investigation, and so a decision.

Not sampling ahead of a booked visit: the assessment is made at the visit (SKR-FAQ, *Vad gäller för beslut om
provtagning inför läkarbesök*). Nor the booking of a visit at the own unit, for the same reason.
"""

from collections.abc import Iterator
from typing import Any

from adapter.domain.localtime import is_before
from adapter.fhir.bundle import Node
from adapter.mapping.draft import reference_paths
from adapter.mapping.measures import SAMPLING, by_code_or_category, measures
from adapter.mapping.requests import intention
from adapter.mapping.signs import Belonging, Circle, Sign, concepts, leaf

_Paths = tuple[str, ...]
_STATUSES = frozenset(("active", "completed"))
_NOT_COMING = frozenset(("cancelled", "noshow", "entered-in-error", "proposed"))
_WITHDRAWN = frozenset(("cancelled", "entered-in-error"))


def ordered(circle: Circle) -> Iterator[Sign]:
    """What each ServiceRequest of the contact shows."""
    for own in circle.resources("ServiceRequest"):
        yield _judge(circle, own)


def _judge(circle: Circle, own: Belonging) -> Sign:
    node = own.node
    asked = intention(own, _STATUSES, rule="KVAL-UTREDNING")
    if not asked.decides:
        return asked
    paths = asked.paths + leaf(node, "authoredOn")
    if circle.is_earlier(node.resource.get("authoredOn")):
        return Sign("KVAL-EJ-TIDIGARE", node, paths, decides=False)
    origin = _reason_of_the_contact(circle, node)
    if origin:
        return Sign("KVAL-EJ-TIDIGARE", node, origin + paths, decides=False)
    said = by_code_or_category(circle.draft, node)
    if said is not None and not said.decides:
        return Sign(said.rule, node, said.paths + paths, said.by, decides=False)
    booked = _visit_of(circle, node)
    if booked:
        return Sign("KVAL-EJ-BESOK", node, booked + paths, decides=False)
    meant = measures(circle.draft, concepts(circle.draft, node, "category", "code"))
    sampling = [one for one in meant if one.code == SAMPLING]
    if sampling:
        ahead = _booked_ahead(circle, node)
        if ahead:
            return Sign("KVAL-EJ-PROVTAGNING", node, ahead + sampling[0].paths + paths, decides=False)
    if said is not None:
        return Sign(said.rule, node, said.paths + paths, said.by)
    return Sign("KVAL-UTREDNING", node, paths)


def _reason_of_the_contact(circle: Circle, order: Node) -> _Paths:
    """Where the contact itself names the order as its ground: it was not decided there."""
    for encounter in circle.encounters:
        for index, reference in enumerate(encounter.resource.get("basedOn", ())):
            if circle.draft.bundle.key(reference, encounter) == order.path:
                return reference_paths(reference, f"{encounter.path}.basedOn[{index}]")
    return ()


def _visit_of(circle: Circle, order: Node) -> _Paths:
    """Where a visit of the bundle, at the contact's own unit, says that the order is its ground."""
    bundle, main = circle.draft.bundle, circle.encounters[0]
    own = {encounter.path for encounter in circle.encounters}
    for visit in bundle.of_type("Encounter"):
        if visit.path in own or visit.resource.get("status") in _WITHDRAWN:
            continue
        if _unit(circle, visit) == _unit(circle, main):
            found = _grounds(circle, visit, order)
            if found:
                return found
    return ()


def _grounds(circle: Circle, visit: Node, order: Node) -> _Paths:
    """The leaves by which a visit names the order, itself or through its booking."""
    bundle = circle.draft.bundle
    for index, reference in enumerate(visit.resource.get("basedOn", ())):
        if bundle.key(reference, visit) == order.path:
            return reference_paths(reference, f"{visit.path}.basedOn[{index}]")
    for index, reference in enumerate(visit.resource.get("appointment", ())):
        booking = bundle.resolve(reference, visit)
        if booking is not None and booking.type == "Appointment" and _is_for(circle, booking, order):
            return reference_paths(reference, f"{visit.path}.appointment[{index}]")
    return ()


def _unit(circle: Circle, encounter: Node) -> str | None:
    reference: dict[str, Any] | None = encounter.resource.get("serviceProvider")
    return circle.draft.bundle.key(reference, encounter) if reference else None


def _booked_ahead(circle: Circle, order: Node) -> _Paths:
    """The booking of a later visit of the patient, for which the samples can be taken; its leaves."""
    bundle = circle.draft.bundle
    own = {
        bundle.key(reference, encounter)
        for encounter in circle.encounters
        for reference in encounter.resource.get("appointment", ())
    }
    for booking in bundle.of_type("Appointment"):
        start = booking.resource.get("start")
        if (
            booking.path not in own
            and booking.resource.get("status") not in _NOT_COMING
            and not _is_for(circle, booking, order)
            and _is_patients(circle, booking)
            and not circle.is_earlier(start)
            and not _after(order, start)
        ):
            return (*leaf(booking, "status"), *leaf(booking, "start"))
    return ()


def _is_for(circle: Circle, booking: Node, order: Node) -> bool:
    """Whether a booking is the one that an order led to: of a sampling, its own time at the laboratory."""
    bundle = circle.draft.bundle
    return any(
        bundle.key(reference, booking) == order.path for reference in booking.resource.get("basedOn", ())
    )


def _is_patients(circle: Circle, booking: Node) -> bool:
    """Whether the patient is among those who come; a booking that names no patient is taken to be theirs."""
    bundle = circle.draft.bundle
    people = [
        item["actor"]
        for item in booking.resource.get("participant", ())
        if isinstance(item.get("actor"), dict)
    ]
    patients = {bundle.key(person, booking) for person in people if _is_patient(circle, person, booking)}
    own = circle.subjects.own
    return not patients or (own is not None and bundle.key(own.reference, own.base) in patients)


def _is_patient(circle: Circle, person: dict[str, Any], booking: Node) -> bool:
    node = circle.draft.bundle.resolve(person, booking)
    return node.type == "Patient" if node is not None else "Patient" in str(person.get("reference", ""))


def _after(order: Node, start: Any) -> bool:
    """Whether the order is to be carried out after the visit."""
    when = order.resource.get("occurrenceDateTime")
    return isinstance(when, str) and isinstance(start, str) and is_before(start, when)
