"""GVR's checks of what names an event and says when it was: they hold for every call.

They rely on the checks of form: members have their types, and needed ones are there.
"""

import re
from collections.abc import Iterator
from typing import Any

from adapter.simulator import identity
from adapter.simulator.person import check_patient, real_day
from adapter.simulator.table import Surroundings, Table

NAMING = Table()
EVENT_FORMAT = "ERSMOIndata 2.2, GVR's published event format"

_HANDELSE_ID = re.compile(r"[A-Za-z0-9-]{1,33}")
_INR = re.compile(r"[0-9]{5}")
_KLIN = re.compile(r"[0-9]{3}")
_AVD = re.compile(r"[A-Za-zÅÄÖåäö0-9]{1,3}")


def kombika(unit: dict[str, str]) -> str:
    """The unit's kombika as one string."""
    return unit["inr"] + unit["klin"] + unit["avd"]


def kombika_faults(unit: dict[str, str], prefix: str) -> Iterator[str]:
    """The parts of a kombika that have the wrong form."""
    for name, form in (("inr", _INR), ("klin", _KLIN), ("avd", _AVD)):
        if not form.fullmatch(unit[name]):
            yield f"{prefix}.{name}"


def unknown_kombika(unit: dict[str, str], around: Surroundings) -> bool:
    """Whether a kombika of the right form is none of those that the simulator was given."""
    known = around.units is None or kombika(unit) in around.units
    return not known and not any(kombika_faults(unit, ""))


_DONE = ("datum", "slutdatum", "utskrivningsdatum")
"""Days on which something was done; the others may lie ahead."""

_DATES = (
    *_DONE,
    "beslutsdatum",
    "remissdatum",
    "bokningsdatum",
    "erbjudetDatum",
    "medicinsktMaldatum",
)


def _days(message: Any, names: tuple[str, ...] = _DATES) -> Iterator[tuple[str, str]]:
    for name in names:
        if name in message:
            yield name, message[name]
    for index, atgard in enumerate(message.get("atgarder", ())):
        yield f"atgarder[{index}].datum", atgard["datum"]


@NAMING.check(
    "handelseid-form",
    fact=f"{EVENT_FORMAT}: ID of an event has at most 33 characters; letters, digits and hyphens",
    text="handelseId ska vara 1-33 bokstäver, siffror och bindestreck.",
)
def handelse_id_form(message: Any, _: Surroundings) -> Iterator[str]:
    if not _HANDELSE_ID.fullmatch(message["handelseId"]):
        yield "handelseId"


check_patient(
    NAMING,
    fact="No hyphen in patientId (a tester's notes on GVR); twelve characters",
    text="patientId ska vara tolv siffror eller versaler, utan bindestreck.",
)


@NAMING.check(
    "patientid-fodelsedatum",
    fact="The first eight digits of a personnummer are the day of birth (day + 60: samordningsnummer)",
    text="patientId innehåller inget verkligt födelsedatum.",
)
def patient_id_birth_date(message: Any, around: Surroundings) -> Iterator[str]:
    given = message["patientId"]
    if identity.well_formed(given) and not identity.birth_date_real(given, around.today):
        yield "patientId"


@NAMING.check(
    "enhet-form",
    fact="Kombika: inrättning (5), klinik (3), avdelning (published); 8 digits, 1-3 letters or digits",
    text="enhet är ingen kombika.",
)
def enhet_form(message: Any, _: Surroundings) -> Iterator[str]:
    yield from kombika_faults(message["enhet"], "enhet")


@NAMING.check(
    "enhet-okand",
    fact="Validity follows the date of the event (published); here: the units that the simulator was given",
    text="Kombikan är inte giltig.",
)
def enhet_known(message: Any, around: Surroundings) -> Iterator[str]:
    if unknown_kombika(message["enhet"], around):
        yield "enhet"


@NAMING.check("datum-form", fact=f"{EVENT_FORMAT}: dates are xsd:date", text="Datumet finns inte.")
def real_dates(message: Any, _: Surroundings) -> Iterator[str]:
    for path, text in _days(message):
        if real_day(text) is None:
            yield path


@NAMING.check(
    "datum-framtid", fact="What is reported has happened", assumed=True, text="Datumet ligger i framtiden."
)
def no_future(message: Any, around: Surroundings) -> Iterator[str]:
    for path, text in _days(message, _DONE):
        day = real_day(text)
        if day is not None and day > around.today:
            yield path
