"""Visits that an order of a contact has to do with: one that it books, or one that it is ahead of."""

from typing import Any

from adapter.domain.localtime import is_before
from adapter.fhir.bundle import Node
from adapter.mapping.classes import VISITS, class_code, class_paths
from adapter.mapping.draft import reference_paths
from adapter.mapping.signs import Circle, leaf
from adapter.mapping.status import WITHDRAWN

_Paths = tuple[str, ...]
_NOT_COMING = frozenset(("cancelled", "noshow", "entered-in-error", "proposed"))


def visit_of(circle: Circle, order: Node) -> _Paths:
    """Where a visit of the bundle, at the contact's own unit, says that the order is its ground."""
    main = circle.encounters[0]
    for visit in _others(circle):
        if _unit(circle, visit) == _unit(circle, main):
            found = _grounds(circle, visit, order)
            if found:
                return found
    return ()


def booked_ahead(circle: Circle, order: Node) -> _Paths:
    """What shows a later visit of the patient, for which samples are taken: a booking, or the visit."""
    return _booking_ahead(circle, order) or _visit_ahead(circle, order)


def _booking_ahead(circle: Circle, order: Node) -> _Paths:
    bundle = circle.draft.bundle
    own = {
        bundle.key(reference, encounter)
        for encounter in circle.encounters
        for reference in encounter.resource.get("appointment", ())
    }
    for booking in bundle.of_type("Appointment"):
        if (
            booking.path not in own
            and booking.resource.get("status") not in _NOT_COMING
            and not _is_for(circle, booking, order)
            and _is_patients(circle, booking)
            and _lies_ahead(circle, order, booking.resource.get("start"))
        ):
            return (*leaf(booking, "status"), *leaf(booking, "start"))
    return ()


def _visit_ahead(circle: Circle, order: Node) -> _Paths:
    for visit in _others(circle):
        start = visit.resource.get("period", {}).get("start")
        if (
            start
            and class_code(visit, circle.draft.context.aliases) in VISITS
            and circle.subjects.owns(circle.draft, visit)
            and not _grounds(circle, visit, order)
            and _lies_ahead(circle, order, start)
        ):
            return (visit.path + ".period.start", *class_paths(visit), *leaf(visit, "status"))
    return ()


def _others(circle: Circle) -> list[Node]:
    """The other Encounters of the bundle, as far as they stand."""
    own = {encounter.path for encounter in circle.encounters}
    return [
        visit
        for visit in circle.draft.bundle.of_type("Encounter")
        if visit.path not in own and visit.resource.get("status") not in WITHDRAWN
    ]


def _lies_ahead(circle: Circle, order: Node, start: Any) -> bool:
    """Whether a visit comes after the contact, and not before the order is to be carried out."""
    contact = circle.encounters[0].resource.get("period", {}).get("start")
    when = order.resource.get("occurrenceDateTime")
    if not isinstance(start, str) or not start:
        return True
    if contact and is_before(start, contact):
        return False
    return not (isinstance(when, str) and is_before(start, when))


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
