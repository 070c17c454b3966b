"""Event -> listing record: patient, physician and the day from which. The lane is the patient."""

from collections.abc import Sequence
from hashlib import blake2b

from adapter.domain.event import Vardhandelse
from adapter.domain.message import RegisterMessage
from adapter.domain.naming_key import NamingKey
from adapter.domain.trace import Provenance
from adapter.registers.builder import BodyBuilder

REGISTER = "listning"
FAST_LAKARKONTAKT = "fast-lakarkontakt"


def render(
    event: Vardhandelse, provenance: Provenance, edition: str, naming: NamingKey
) -> Sequence[RegisterMessage]:
    """The message of a fast läkarkontakt; none for other kinds of event, or without the patient's number."""
    if event.kind != "fast_lakarkontakt" or event.status == "pending" or event.patient.id is None:
        return ()
    cancelled = event.status == "cancelled"
    lane = slot(naming, event.patient.id)
    builder = BodyBuilder(REGISTER, FAST_LAKARKONTAKT, provenance)
    builder.write("patientId", event.patient.id, "patient.id", ("event_id", "kind", "status"))
    if event.personal and not cancelled:
        builder.write("lakareHsaId", event.personal[0].hsa_id, "personal[0].hsa_id")
    builder.write("fran", event.tid.startdatum, "tid.startdatum")
    message = RegisterMessage(
        register=REGISTER,
        service=FAST_LAKARKONTAKT,
        slot=lane,
        event_id=event.event_id,
        intent="cancel" if cancelled else "report",
        body=builder.body,
        identity=lane,
        unit=event.enhet.vardenhet or "",
        edition=edition,
        care_date=event.tid.startdatum or "",
        trace=builder.trace,
    )
    return (message,)


def slot(naming: NamingKey, patient: str) -> str:
    """The patient's lane: a keyed name, so that the number stands in no list of lanes, log or file name.

    A ledger that began before there was a key keeps the lanes that it has: whoever sees their names could
    find the number behind one by trying all.
    """
    if naming.secret:
        return naming.name("listning", patient)
    return blake2b(patient.encode(), digest_size=16, person=b"vardbro-listning").hexdigest()
