"""Service *inskrivning*: the admission of inpatient care, reported while the stay goes on.

The path is from a tester's notes; the names are assumed.
"""

from adapter.domain.event import Vardhandelse
from adapter.registers.builder import BodyBuilder
from adapter.registers.gvr.parts import write_identification, write_kombika
from adapter.registers.protocol import RegisterSettings

NAME = "inskrivning"
PATH = "/vardhandelse/inskrivning"
CONTENT = ("tid", "akut", "visteFore", "remittent")


def write(builder: BodyBuilder, event: Vardhandelse, settings: RegisterSettings) -> None:  # noqa: ARG001
    """Write the whole body. It has neither besökstyp nor taxa: those are open care's (assumed)."""
    write_identification(builder, event)
    builder.write("tid", event.tid.starttid, "tid.starttid")
    builder.write("akut", "J" if event.kontakt.akut else "N", "kontakt.akut")
    builder.write("visteFore", event.slutenvard.viste_fore, "slutenvard.viste_fore")
    write_kombika(builder, "remittent", event.kontakt.remittent, "kontakt.remittent")
