"""Event -> SIGN-e records: one for each of the staff (VI 2000), each in a lane of its own."""

from collections.abc import Sequence
from hashlib import blake2b

from adapter.domain.event import Vardhandelse
from adapter.domain.message import RegisterMessage
from adapter.domain.trace import Provenance
from adapter.registers.builder import BodyBuilder
from adapter.registers.signe.body import write_naming, write_visit
from adapter.registers.signe.pseudonym import people, pseudonym, slot

REGISTER = "signe"
VARDKONTAKT = "vardkontakt"

MEDICAL_SERVICE = frozenset({"biomedicinsk-analytiker", "rontgensjukskoterska", "sjukhusfysiker"})
"""Groups of professions whose work is medical service, which is not followed up (the list is assumed)."""


def render(
    event: Vardhandelse, provenance: Provenance, edition: str, key: bytes
) -> Sequence[RegisterMessage]:
    """A record per staff member of a vårdkontakt; none for other kinds, and none while it is pending."""
    if event.kind != "vardkontakt" or event.status == "pending":
        return ()
    return tuple(
        _visit(event, provenance, edition, index, person, key)
        for index, person in enumerate(people(event))
        if event.personal[index].yrkesgrupp not in MEDICAL_SERVICE
    )


def _visit(
    event: Vardhandelse, provenance: Provenance, edition: str, index: int, person: str, key: bytes
) -> RegisterMessage:
    cancelled = event.status == "cancelled"
    builder = BodyBuilder(REGISTER, VARDKONTAKT, provenance)
    write = write_naming if cancelled else write_visit
    write(builder, event, index, pseudonym(key, event.event_id, person))
    return RegisterMessage(
        register=REGISTER,
        service=VARDKONTAKT,
        slot=slot(event.event_id, person),
        event_id=event.event_id,
        intent="cancel" if cancelled else "report",
        body=builder.body,
        identity=_identity(event),
        unit=event.enhet.vardenhet or "",
        edition=edition,
        care_date=event.tid.startdatum or "",
        trace=builder.trace,
    )


def _identity(event: Vardhandelse) -> str:
    """A fingerprint of patient and unit, to compare with other versions of the same event."""
    known = (event.event_id, event.patient.id or "", event.enhet.vardenhet or "")
    return blake2b("\0".join(known).encode(), digest_size=16, person=b"vardbro-signe-id").hexdigest()
