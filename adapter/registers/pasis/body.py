"""The body of a PASiS contact: which member of the event each member of the message is.

All names are assumed (docs/reference/assumptions). Optional members are left out when the event does not
have them. A team's contact is one message, on the main responsible, with everybody's diagnoses and KVÅ
(PMO, *Teambesök*): the event holds them together already.
"""

from adapter.domain.event import Atgard, Diagnos, Vardhandelse
from adapter.registers.builder import BodyBuilder
from adapter.registers.pasis.types import ATTRIBUTES, type_name

DECIDE = ("status", "kind", "kontakt.typ", "kontakt.kanal", "kontakt.ersatter_besok")
"""Members that no field holds, but that decide that there is a message at all: its id names their origins."""


def write_vardkontakt(builder: BodyBuilder, event: Vardhandelse, edition: str) -> None:
    """Write the whole body; `edition` is the pack whose names the contact types have."""
    write_identification(builder, event)
    builder.write("tid", event.tid.starttid, "tid.starttid")
    _type(builder, event, edition)
    _responsible(builder, event)
    _diagnoser(builder, event.diagnoser)
    _kva(builder, event.atgarder)
    if event.kontakt.boendeform is not None:
        builder.append("attribut", ATTRIBUTES.get(event.kontakt.boendeform), "kontakt.boendeform")


def write_identification(builder: BodyBuilder, event: Vardhandelse) -> None:
    """Write what names the contact: all that a cancellation has. What is not known is left out."""
    builder.write("kontaktId", event.event_id, "event_id", DECIDE)
    builder.write("patientId", event.patient.id, "patient.id")
    builder.write("enhet", event.enhet.vardenhet, "enhet.vardenhet")
    builder.write("datum", event.tid.startdatum, "tid.startdatum")


def _type(builder: BodyBuilder, event: Vardhandelse, edition: str) -> None:
    typ, date = event.kontakt.typ, event.tid.startdatum
    if typ is None:
        return
    builder.write("vardkontakt", type_name(typ, edition, date), "kontakt.typ", ("tid.startdatum",))
    builder.write("vardkontaktKod", typ, "kontakt.typ")


def _responsible(builder: BodyBuilder, event: Vardhandelse) -> None:
    """The main responsible, who is the first of the staff."""
    if event.personal:
        main = event.personal[0]
        decided = ("personal[0].huvudansvarig",)
        builder.write("huvudansvarig", main.hsa_id, "personal[0].hsa_id", decided)
        builder.write("yrkeskategori", main.yrkeskategori, "personal[0].yrkeskategori", decided)


def _diagnoser(builder: BodyBuilder, diagnoser: tuple[Diagnos, ...]) -> None:
    for index, diagnos in enumerate(diagnoser):
        item = builder.item("diagnoser")
        item.write("kod", diagnos.kod, f"diagnoser[{index}].kod")
        item.write("ordning", diagnos.ordning, f"diagnoser[{index}].ordning")


def _kva(builder: BodyBuilder, atgarder: tuple[Atgard, ...]) -> None:
    for index, atgard in enumerate(atgarder):
        item = builder.item("kva")
        member = f"atgarder[{index}]"
        item.write("kod", atgard.kod, f"{member}.kod")
        item.write("datum", atgard.datum, f"{member}.datum")
        item.write("ordning", atgard.ordning, f"{member}.ordning")
        item.write("diagnos", atgard.diagnos, f"{member}.diagnos")
