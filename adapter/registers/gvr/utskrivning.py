"""Service *utskrivning*: the discharge from inpatient care, with what was done during the stay.

`datum` is the date of admission, so that both calls name the stay alike. The path is from a tester's notes;
the names are assumed.
"""

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

NAME = "utskrivning"
PATH = "/vardhandelse/utskrivning"
CONTENT = (
    "utskrivningsdatum",
    "utskrivningstid",
    "utskrivandeEnhet",
    "visteEfter",
    "vardEfter",
    "vardgivare",
    "diagnoser",
    "atgarder",
)


def write(builder: BodyBuilder, event: Vardhandelse, settings: RegisterSettings) -> None:  # noqa: ARG001
    """Write the whole body."""
    write_identification(builder, event, (*DECIDE, "slutenvard.utskriven"))
    write_discharge(builder, event)
    write_stay(builder, event)


def write_discharge(builder: BodyBuilder, event: Vardhandelse) -> None:
    """When and whence the patient was discharged, and where to."""
    slutenvard = event.slutenvard
    builder.write("utskrivningsdatum", event.tid.slutdatum, "tid.slutdatum")
    builder.write("utskrivningstid", event.tid.sluttid, "tid.sluttid")
    write_kombika(builder, "utskrivandeEnhet", slutenvard.utskrivande, "slutenvard.utskrivande")
    builder.write("visteEfter", slutenvard.viste_efter, "slutenvard.viste_efter")
    builder.write("vardEfter", slutenvard.vard_efter, "slutenvard.vard_efter")


def write_stay(builder: BodyBuilder, event: Vardhandelse) -> None:
    """Who treated the patient, for what, and how."""
    write_vardgivare(builder, event.personal)
    write_diagnoser(builder, event.diagnoser)
    write_atgarder(builder, event.atgarder)
