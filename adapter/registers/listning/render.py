"""Event -> listing record: patient, physician and the day from which. The lane is the patient."""

from collections.abc import Sequence
from hashlib import blake2b

from adapter.domain.event import Vardhandelse
from adapter.domain.message import RegisterMessage
from adapter.domain.trace import Provenance
from adapter.registers.builder import BodyBuilder

REGISTER = "listning"
FAST_LAKARKONTAKT = "fast-lakarkontakt"


def render(event: Vardhandelse, provenance: Provenance, edition: str) -> Sequence[RegisterMessage]:
    """The message of a fast läkarkontakt; none for other kinds of event, or without the patient's number."""
    if event.kind != "fast_lakarkontakt" or event.status == "pending" or event.patient.id is None:
        return ()
    cancelled = event.status == "cancelled"
    builder = BodyBuilder(REGISTER, FAST_LAKARKONTAKT, provenance)
    builder.write("patientId", event.patient.id, "patient.id", ("event_id", "kind", "status"))
    if event.personal and not cancelled:
        builder.write("lakareHsaId", event.personal[0].hsa_id, "personal[0].hsa_id")
    builder.write("fran", event.tid.startdatum, "tid.startdatum")
    message = RegisterMessage(
        register=REGISTER,
        service=FAST_LAKARKONTAKT,
        slot=slot(event.patient.id),
        event_id=event.event_id,
        intent="cancel" if cancelled else "report",
        body=builder.body,
        identity=slot(event.patient.id),
        unit=event.enhet.vardenhet or "",
        edition=edition,
        care_date=event.tid.startdatum or "",
        trace=builder.trace,
    )
    return (message,)


def slot(patient: str) -> str:
    """The patient's lane: a fingerprint, so that the number stands in no list of lanes.

    Whoever has the ledger could find the number behind it by trying all; it keeps numbers out of logs, file
    names and screens, no more.
    """
    return blake2b(patient.encode(), digest_size=16, person=b"vardbro-listning").hexdigest()
