"""GVR's checks of an open-care contact, for POST and PUT. They rely on the checks of form and of naming."""

import re
from collections.abc import Iterator
from typing import Any

from adapter.simulator.gvr.naming import EVENT_FORMAT
from adapter.simulator.table import Surroundings, Table

BESOK = Table()
LAKARE = "01"
"""The physician's code in VDG (assumed)."""

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_ONE_OR_TWO = re.compile(r"[A-Za-z0-9]{1,2}")


@BESOK.check(
    "slutdatum-fore-datum",
    fact=f"{EVENT_FORMAT}: Startdatum and Slutdatum of one event",
    assumed=True,
    text="slutdatum ligger före datum.",
)
def end_after_start(message: Any, _: Surroundings) -> Iterator[str]:
    if "slutdatum" in message and message["slutdatum"] < message["datum"]:
        yield "slutdatum"


@BESOK.check(
    "tid-form", fact="tid is HH:MM, local time", assumed=True, text="tid ska vara HH:MM, 00:00-23:59."
)
def real_time(message: Any, _: Surroundings) -> Iterator[str]:
    if "tid" in message and not _TIME.fullmatch(message["tid"]):
        yield "tid"


@BESOK.check(
    "besoktyp-form",
    fact=f"Exactly one besökstyp (published); {EVENT_FORMAT}: one or two letters or digits",
    text="besokTyp ska vara exakt en kod ur BTYP.",
)
def one_besokstyp(message: Any, _: Surroundings) -> Iterator[str]:
    if not _ONE_OR_TWO.fullmatch(message["besokTyp"]):
        yield "besokTyp"


@BESOK.check(
    "taxa-oppenvard",
    fact="Taxa is mandatory in open care (published); every besök is open care",
    text="taxa är obligatorisk i öppenvård.",
)
def taxa_in_open_care(message: Any, _: Surroundings) -> Iterator[str]:
    if "taxa" not in message:
        yield "taxa"


@BESOK.check(
    "taxa-form",
    fact=f"{EVENT_FORMAT}: Patientavgift is one or two letters or digits",
    text="taxa ska vara en kod ur TAXA.",
)
def taxa_form(message: Any, _: Surroundings) -> Iterator[str]:
    if "taxa" in message and not _ONE_OR_TWO.fullmatch(message["taxa"]):
        yield "taxa"


@BESOK.check(
    "akut-kod",
    fact="akut is J or N",
    assumed=True,
    text="akut ska vara J eller N.",
)
def akut_code(message: Any, _: Surroundings) -> Iterator[str]:
    if message["akut"] not in ("J", "N"):
        yield "akut"


@BESOK.check(
    "diagnos-lakare",
    fact="A diagnosis at every physician's contact (published); that VDG 01 is the physician is assumed",
    assumed=True,
    text="Läkarkontakt ska ha minst en diagnos.",
)
def physician_diagnoses(message: Any, _: Surroundings) -> Iterator[str]:
    if message.get("vardgivare", ("",))[0] == LAKARE and "diagnoser" not in message:
        yield "diagnoser"


@BESOK.check(
    "atgard-datum",
    fact="An action of a contact is done during the contact",
    assumed=True,
    text="Åtgärdens datum ligger utanför vårdkontakten.",
)
def action_within_contact(message: Any, _: Surroundings) -> Iterator[str]:
    first = message["datum"]
    last = message.get("slutdatum", first)
    for index, atgard in enumerate(message.get("atgarder", ())):
        if last >= first and not first <= atgard["datum"] <= last:
            yield f"atgarder[{index}].datum"
