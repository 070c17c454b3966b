"""Parts that several of GVR's messages share: what names the event, units, staff, diagnoses, actions.

Names beside `enhet` are assumed (docs/reference/assumptions). Optional members are left out when the event
does not have them.
"""

from collections.abc import Sequence

from adapter.domain.event import Atgard, Diagnos, Kombika, Personal, Vardhandelse
from adapter.registers.builder import BodyBuilder

IDENTIFICATION = ("handelseId", "patientId", "enhet", "datum")
"""What names an event to the register: all that a DELETE and a look-up carry."""

DECIDE = ("status", "kind")
"""Members that no field holds, but that decide that there is a message at all: its id names their origins."""


def write_identification(builder: BodyBuilder, event: Vardhandelse, decide: Sequence[str] = DECIDE) -> None:
    """Write what names the event; the members that are not known are left out."""
    builder.write("handelseId", event.event_id, "event_id", decide)
    builder.write("patientId", event.patient.id, "patient.id")
    write_kombika(builder, "enhet", event.enhet.kombika, "enhet.kombika")
    builder.write("datum", event.tid.startdatum, "tid.startdatum")


def write_kombika(builder: BodyBuilder, name: str, kombika: Kombika | None, member: str) -> None:
    """Write a unit in its three parts."""
    if kombika is None:
        return
    group = builder.group(name)
    group.write("inr", kombika.inr, f"{member}.inr")
    group.write("klin", kombika.klin, f"{member}.klin")
    group.write("avd", kombika.avd, f"{member}.avd")


def write_vardgivare(builder: BodyBuilder, personal: Sequence[Personal]) -> None:
    """One yrkeskategori per person, in the order of the staff; equal ones stay, they are several people
    (assumed: the register's XML numbers them and does not demand that they differ)."""
    for index, person in enumerate(personal):
        builder.append("vardgivare", person.yrkeskategori, f"personal[{index}].yrkeskategori")


def write_diagnoser(builder: BodyBuilder, diagnoser: Sequence[Diagnos]) -> None:
    """Every diagnosis, the main one first."""
    for index, diagnos in enumerate(diagnoser):
        item = builder.item("diagnoser")
        member = f"diagnoser[{index}]"
        item.write("kod", diagnos.kod, f"{member}.kod")
        item.write("ordning", diagnos.ordning, f"{member}.ordning")


def write_atgarder(builder: BodyBuilder, atgarder: Sequence[Atgard]) -> None:
    """Every action, in the order of the bundle."""
    for index, atgard in enumerate(atgarder):
        item = builder.item("atgarder")
        member = f"atgarder[{index}]"
        item.write("kod", atgard.kod, f"{member}.kod")
        item.write("datum", atgard.datum, f"{member}.datum")
        item.write("ordning", atgard.ordning, f"{member}.ordning")
        item.write("diagnos", atgard.diagnos, f"{member}.diagnos")
