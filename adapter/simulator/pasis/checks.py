"""The table of PASiS's checks, written from the PMO guide and apart from the adapter's own rules.

What the guide says of contacts is PASiS's to demand; names, forms and codes are assumed throughout.
"""

import re
from collections.abc import Iterator
from typing import Any

from adapter.simulator.form import FORM
from adapter.simulator.pasis.types import HOUSING, TYPES
from adapter.simulator.person import check_patient, real_day
from adapter.simulator.table import Surroundings, Table

NAMING = Table()
CONTACT = Table()
_PMO = "PMO guide, Vårdkontakter 2025"

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_HSA = re.compile(r"SE\d{10,12}-[A-Z0-9]{1,17}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_DIAGNOS = re.compile(r"[A-Z][0-9]{2}[0-9A-Z-]{0,3}")
_KVA = re.compile(r"([A-Z]{2}[0-9]{3}|[A-Z]{3}[0-9]{2})[A-Z0-9]{0,2}")


@NAMING.check(
    "kontaktid-form",
    fact="kontaktId is letters, digits and hyphens",
    assumed=True,
    text="kontaktId har fel form.",
)
def contact_id(message: Any, _: Surroundings) -> Iterator[str]:
    if not _ID.fullmatch(message["kontaktId"]):
        yield "kontaktId"


check_patient(NAMING, fact="twelve digits or capitals, without hyphen", text="patientId har fel form.")


@NAMING.check(
    "hsaid-form",
    fact="HSA-id: SE, ten or twelve digits, hyphen, letters and digits",
    text="Uppgiften är inget HSA-id.",
)
def hsa_form(message: Any, _: Surroundings) -> Iterator[str]:
    for name in ("enhet", "huvudansvarig"):
        if name in message and not _HSA.fullmatch(message[name]):
            yield name


@NAMING.check("datum-form", fact="dates are YYYY-MM-DD", assumed=True, text="Datumet finns inte.")
def real_dates(message: Any, _: Surroundings) -> Iterator[str]:
    if real_day(message["datum"]) is None:
        yield "datum"
    for index, kva in enumerate(message.get("kva", ())):
        if real_day(kva["datum"]) is None:
            yield f"kva[{index}].datum"


@NAMING.check(
    "datum-framtid", fact="What is reported has happened", assumed=True, text="Datumet ligger i framtiden."
)
def no_future(message: Any, around: Surroundings) -> Iterator[str]:
    day = real_day(message["datum"])
    if day is not None and day > around.today:
        yield "datum"


@CONTACT.check("tid-form", fact="tid is HH:MM, local time", assumed=True, text="tid ska vara HH:MM.")
def real_time(message: Any, _: Surroundings) -> Iterator[str]:
    if "tid" in message and not _TIME.fullmatch(message["tid"]):
        yield "tid"


@CONTACT.check(
    "vardkontakt-okand",
    fact=f"{_PMO}: the types, of which Kommentar does not go over",
    text="Vårdkontakten finns inte.",
)
def known_type(message: Any, _: Surroundings) -> Iterator[str]:
    if message["vardkontaktKod"] not in TYPES:
        yield "vardkontaktKod"


@CONTACT.check(
    "vardkontakt-namn",
    fact=f"{_PMO}: (tidigare ...) and (Ny 2025); the name is that of the edition of the day (assumed)",
    assumed=True,
    text="Vårdkontakten heter inte så på vårdens datum.",
)
def name_of_the_day(message: Any, _: Surroundings) -> Iterator[str]:
    kind = TYPES.get(message["vardkontaktKod"])
    if kind is not None and kind.named(message["datum"]) != message["vardkontakt"]:
        yield "vardkontakt"


@CONTACT.check(
    "diagnos-saknas",
    fact=f"{_PMO}: Vårdkontakten ska registreras med diagnos",
    text="Vårdkontakten ska registreras med diagnos.",
)
def diagnosis_demanded(message: Any, _: Surroundings) -> Iterator[str]:
    kind = TYPES.get(message["vardkontaktKod"])
    if kind is not None and kind.diagnosis == "demanded" and "diagnoser" not in message:
        yield "diagnoser"


@CONTACT.check("kod-form", fact="ICD-10-SE without dot, KVÅ", assumed=True, text="Koden har fel form.")
def code_forms(message: Any, _: Surroundings) -> Iterator[str]:
    for name, form in (("diagnoser", _DIAGNOS), ("kva", _KVA)):
        for index, item in enumerate(message.get(name, ())):
            if not form.fullmatch(item["kod"]):
                yield f"{name}[{index}].kod"


@CONTACT.check(
    "ordning", fact="Diagnoses and KVÅ are numbered", assumed=True, text="Ordningen ska vara 1, 2, 3 ..."
)
def numbered(message: Any, _: Surroundings) -> Iterator[str]:
    for name in ("diagnoser", "kva"):
        for index, item in enumerate(message.get(name, ())):
            if item["ordning"] != index + 1:
                yield f"{name}[{index}].ordning"


@CONTACT.check(
    "attribut-okant",
    fact=f"{_PMO}, Hembesök: Särskilt boende or Ordinärt boende, one of them",
    text="Attributet är okänt.",
)
def housing(message: Any, _: Surroundings) -> Iterator[str]:
    given = message.get("attribut", [])
    for index, one in enumerate(given):
        if one not in HOUSING or index > 0:
            yield f"attribut[{index}]"


STAGES = (FORM.checks, NAMING.checks, CONTACT.checks)
"""For POST and PUT, in order: later stages rely on what the earlier ones have checked."""
