"""What registers check of the patient's number and of days, whatever they call the check."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from adapter.simulator import identity
from adapter.simulator.table import Surroundings, Table

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def check_patient(table: Table, *, fact: str, text: str) -> None:
    """Enter the checks of patientId: its form, which is assumed and of which `fact` says where it comes from,
    and its check digit."""
    table.check("patientid-form", fact=fact, assumed=True, text=text)(_form)
    table.check(
        "patientid-kontrollsiffra",
        fact="Checksum of personnummer, samordningsnummer and reservnummer, as their issuers describe them",
        text="patientId har fel kontrollsiffra.",
    )(_check_digit)


def real_day(text: str) -> date | None:
    """The day of ``YYYY-MM-DD``; None for what is none."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _form(message: Any, _: Surroundings) -> Iterator[str]:
    if not identity.well_formed(message["patientId"]):
        yield "patientId"


def _check_digit(message: Any, _: Surroundings) -> Iterator[str]:
    given = message["patientId"]
    if identity.well_formed(given) and not identity.check_digit_holds(given):
        yield "patientId"
