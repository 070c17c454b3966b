"""The body of a GVR vårdkontakt: which member of the event each member of the message is.

Names beside `enhet` are assumed (docs/reference/assumptions). Optional
members are left out when the event does not have them.
"""

from adapter.domain.event import Atgard, Diagnos, Kombika, Personal, Vardhandelse
from adapter.registers.builder import BodyBuilder
from adapter.registers.protocol import RegisterSettings

DECIDE = ("status", "kind", "kontakt.typ", "kontakt.kanal", "kontakt.ersatter_besok")
"""Members that no field holds, but that decide that there is a message at all: its id names their origins."""


def write_vardkontakt(builder: BodyBuilder, event: Vardhandelse, settings: RegisterSettings) -> None:
    """Write the whole body of a vårdkontakt; besökstyp and taxa come from the settings where the event has
    none."""
    _identification(builder, event)
    builder.write("tid", event.tid.starttid, "tid.starttid")
    builder.write("slutdatum", event.tid.slutdatum, "tid.slutdatum")
    _visit(builder, event, settings)
    builder.write("akut", "J" if event.kontakt.akut else "N", "kontakt.akut")
    _vardgivare(builder, event.personal)
    _diagnoser(builder, event.diagnoser)
    _atgarder(builder, event.atgarder)
    _kombika(builder, "remittent", event.kontakt.remittent, "kontakt.remittent")


def write_cancellation(builder: BodyBuilder, event: Vardhandelse) -> None:
    """Write what a cancellation needs to name the event; the members that are not known are left out.

    The request itself is made from the body that the register has accepted.
    """
    _identification(builder, event)


def _identification(builder: BodyBuilder, event: Vardhandelse) -> None:
    builder.write("handelseId", event.event_id, "event_id", DECIDE)
    builder.write("patientId", event.patient.id, "patient.id")
    _kombika(builder, "enhet", event.enhet.kombika, "enhet.kombika")
    builder.write("datum", event.tid.startdatum, "tid.startdatum")


def _kombika(builder: BodyBuilder, name: str, kombika: Kombika | None, member: str) -> None:
    if kombika is None:
        return
    group = builder.group(name)
    group.write("inr", kombika.inr, f"{member}.inr")
    group.write("klin", kombika.klin, f"{member}.klin")
    group.write("avd", kombika.avd, f"{member}.avd")


def _visit(builder: BodyBuilder, event: Vardhandelse, settings: RegisterSettings) -> None:
    """Besökstyp and taxa. Of several besökstyper none is chosen: exactly one is a rule of the register's."""
    besokstyp = event.kontakt.besokstyp
    if not besokstyp:
        builder.write_configured("besokTyp", settings.default_besokstyp, "registers.gvr.default_besokstyp")
    elif len(besokstyp) == 1:
        builder.write("besokTyp", besokstyp[0], "kontakt.besokstyp[0]")
    if event.kontakt.taxa is None:
        builder.write_configured("taxa", settings.default_taxa, "registers.gvr.default_taxa")
    else:
        builder.write("taxa", event.kontakt.taxa, "kontakt.taxa")


def _vardgivare(builder: BodyBuilder, personal: tuple[Personal, ...]) -> None:
    """One yrkeskategori per person, in the order of the staff; equal ones stay, they are several people
    (assumed: the register's XML numbers them and does not demand that they differ)."""
    for index, person in enumerate(personal):
        builder.append("vardgivare", person.yrkeskategori, f"personal[{index}].yrkeskategori")


def _diagnoser(builder: BodyBuilder, diagnoser: tuple[Diagnos, ...]) -> None:
    for index, diagnos in enumerate(diagnoser):
        item = builder.item("diagnoser")
        member = f"diagnoser[{index}]"
        item.write("kod", diagnos.kod, f"{member}.kod")
        item.write("ordning", diagnos.ordning, f"{member}.ordning")


def _atgarder(builder: BodyBuilder, atgarder: tuple[Atgard, ...]) -> None:
    for index, atgard in enumerate(atgarder):
        item = builder.item("atgarder")
        member = f"atgarder[{index}]"
        item.write("kod", atgard.kod, f"{member}.kod")
        item.write("datum", atgard.datum, f"{member}.datum")
        item.write("ordning", atgard.ordning, f"{member}.ordning")
        item.write("diagnos", atgard.diagnos, f"{member}.diagnos")
