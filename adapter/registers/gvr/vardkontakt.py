"""Service *vårdkontakt öppenvård*: which member of the event each member of the message is."""

from adapter.domain.event import Vardhandelse
from adapter.registers.builder import BodyBuilder
from adapter.registers.gvr.parts import (
    DECIDE,
    write_atgarder,
    write_diagnoser,
    write_identification,
    write_kombika,
    write_vardgivare,
)
from adapter.registers.protocol import RegisterSettings

NAME = "vardkontakt"
PATH = "/vardhandelse/besok"
CONTENT = (
    "tid",
    "slutdatum",
    "besokTyp",
    "taxa",
    "akut",
    "vardgivare",
    "diagnoser",
    "atgarder",
    "remittent",
)

_DECIDE = (*DECIDE, "kontakt.typ", "kontakt.kanal", "kontakt.ersatter_besok")


def write(builder: BodyBuilder, event: Vardhandelse, settings: RegisterSettings) -> None:
    """Write the whole body; besökstyp and taxa come from the settings where the event has none."""
    write_identification(builder, event, _DECIDE)
    builder.write("tid", event.tid.starttid, "tid.starttid")
    builder.write("slutdatum", event.tid.slutdatum, "tid.slutdatum")
    _visit(builder, event, settings)
    builder.write("akut", "J" if event.kontakt.akut else "N", "kontakt.akut")
    write_vardgivare(builder, event.personal)
    write_diagnoser(builder, event.diagnoser)
    write_atgarder(builder, event.atgarder)
    write_kombika(builder, "remittent", event.kontakt.remittent, "kontakt.remittent")


def write_cancellation(builder: BodyBuilder, event: Vardhandelse) -> None:
    """Write what names the contact; see parts.write_identification."""
    write_identification(builder, event, _DECIDE)


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
