"""Contacts that led to a visit: what was sent about a call depends on a visit that another bundle may bring.

A phone or video contact that does not replace a visit, and led to a physical visit with other staff of the
own unit on the same day, is triage (PMO, *Telefonsamtal*, *Video som inte ersätter besök*). Which visits
follow on a contact is kept in the ledger; here it is said whether they make it triage. Pure.
"""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from adapter.fhir.read import Reading
from adapter.ledger.model import Visit
from adapter.mapping.context import MappingContext
from adapter.recording import Followed, unit_of
from adapter.translation import Contact, Translation, Translator


def translate(
    translator: Translator, reading: Reading, context: MappingContext, followed: Followed
) -> Translation:
    """The translation of a bundle on whose contacts these visits follow."""
    translation = translator.translate(reading, context)
    referred = referring(translation.contacts, followed)
    if not referred:
        return translation
    return translator.translate(reading, replace(context, referred=referred))


def referring(contacts: Iterable[Contact], followed: Followed) -> Mapping[str, tuple[str, ...]]:
    """The contacts that led to a visit, by identifier, with the events of their visits."""
    found: dict[str, tuple[str, ...]] = {}
    for contact in contacts:
        visits = followed.get(contact.mapped.identifier, ())
        led_to = tuple(visit.event_id for visit in visits if leads_to(contact, visit))
        if led_to:
            found[contact.mapped.identifier] = led_to
    return found


def names(visits: Iterable[Visit]) -> tuple[str, ...]:
    """The events of visits."""
    return tuple(visit.event_id for visit in visits)


def leads_to(contact: Contact, visit: Visit) -> bool:
    """Whether a visit that follows on a contact was in person, of the same patient, on the same day, at the
    same unit, with other staff. Where one of these is not known nobody can tell, and nothing changes."""
    event = contact.mapped.event
    staff = {person.hsa_id for person in event.personal if person.hsa_id}
    return (
        visit.physical
        and visit.event_id != event.event_id
        and visit.date == event.tid.startdatum
        and visit.patient != ""
        and visit.patient == event.patient.id
        and visit.unit != ""
        and visit.unit == unit_of(event)
        and bool(staff and visit.staff)
        and staff.isdisjoint(visit.staff)
    )
