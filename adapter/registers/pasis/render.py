"""Event -> PASiS message: the body with its trace, and what steers its lane."""

from collections.abc import Sequence
from hashlib import blake2b

from adapter.domain.event import Vardhandelse
from adapter.domain.message import RegisterMessage
from adapter.domain.trace import Provenance
from adapter.registers.builder import BodyBuilder
from adapter.registers.pasis.body import write_identification, write_vardkontakt

REGISTER = "pasis"
VARDKONTAKT = "vardkontakt"


def render(event: Vardhandelse, provenance: Provenance, edition: str) -> Sequence[RegisterMessage]:
    """The message of a vårdkontakt; none for other kinds of event, and none while the contact is pending."""
    if event.kind != "vardkontakt" or event.status == "pending":
        return ()
    cancelled = event.status == "cancelled"
    builder = BodyBuilder(REGISTER, VARDKONTAKT, provenance)
    if cancelled:
        write_identification(builder, event)
    else:
        write_vardkontakt(builder, event, edition)
    unit = event.enhet.vardenhet or ""
    message = RegisterMessage(
        register=REGISTER,
        service=VARDKONTAKT,
        slot=event.event_id,
        event_id=event.event_id,
        intent="cancel" if cancelled else "report",
        body=builder.body,
        identity=fingerprint(event.event_id, event.patient.id or "", unit),
        unit=unit,
        edition=edition,
        care_date=event.tid.startdatum or "",
        trace=builder.trace,
    )
    return (message,)


def fingerprint(event_id: str, patient: str, unit: str) -> str:
    """The fingerprint of a patient and a unit within an event, whose change means cancel and create."""
    known = "\0".join((event_id, patient, unit))
    return blake2b(known.encode(), digest_size=16, person=b"vardbro-identity").hexdigest()
