"""Event -> GVR message: the body with its trace, and what steers its lane."""

from collections.abc import Sequence
from hashlib import blake2b

from adapter.domain.event import Enhet, Vardhandelse
from adapter.domain.message import RegisterMessage
from adapter.domain.trace import Provenance
from adapter.registers.builder import BodyBuilder
from adapter.registers.gvr import event_body, vardkontakt
from adapter.registers.gvr.parts import write_identification
from adapter.registers.gvr.services import SERVICES, as_xml
from adapter.registers.protocol import RegisterSettings

REGISTER = "gvr"


def render(
    event: Vardhandelse, provenance: Provenance, edition: str, settings: RegisterSettings, service: str
) -> Sequence[RegisterMessage]:
    """The message to `service`; none for kinds of event that it does not take, and none while the event is
    pending."""
    if event.status == "pending" or event.kind not in SERVICES[service].kinds:
        return ()
    cancelled = event.status == "cancelled"
    builder = BodyBuilder(REGISTER, service, provenance)
    if cancelled:
        _write_cancellation(builder, event, service)
    elif as_xml(settings):
        event_body.write(builder, event, settings)
    else:
        SERVICES[service].write(builder, event, settings)
    message = RegisterMessage(
        register=REGISTER,
        service=service,
        slot=event.event_id,
        event_id=event.event_id,
        intent="cancel" if cancelled else "report",
        body=builder.body,
        identity=identity(event),
        unit=unit(event.enhet),
        edition=edition,
        care_date=event.tid.startdatum or "",
        trace=builder.trace,
    )
    return (message,)


def _write_cancellation(builder: BodyBuilder, event: Vardhandelse, service: str) -> None:
    """Write what a cancellation needs to name the event; the members that are not known are left out.

    The request itself is made from the body that the register has accepted.
    """
    if service == vardkontakt.NAME:
        vardkontakt.write_cancellation(builder, event)
    else:
        write_identification(builder, event)


def identity(event: Vardhandelse) -> str:
    """A fingerprint of patient and unit, to compare with other versions of the same event.

    The event's id takes part, so that two events of one patient cannot be told to be so by it.
    """
    return fingerprint(event.event_id, event.patient.id or "", kombika_text(event.enhet))


def fingerprint(event_id: str, patient: str, kombika: str) -> str:
    """The fingerprint of a patient and a unit within an event."""
    known = (event_id, patient, kombika)
    return blake2b("\0".join(known).encode(), digest_size=16, person=b"vardbro-identity").hexdigest()


def unit(enhet: Enhet) -> str:
    """What groups messages by care unit: the kombika, else the HSA-id, else nothing."""
    return kombika_text(enhet) or enhet.vardenhet or ""


def kombika_text(enhet: Enhet) -> str:
    """The kombika as one text, empty when there is none."""
    kombika = enhet.kombika
    return f"{kombika.inr}{kombika.klin}{kombika.avd}" if kombika else ""
