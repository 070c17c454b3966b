"""GVR's checks of the contact itself, for POST and PUT. They rely on the checks of form and of naming."""

import re
from collections.abc import Iterator
from typing import Any

from adapter.simulator.gvr.naming import EVENT_FORMAT, kombika_faults, unknown_kombika
from adapter.simulator.gvr.table import Surroundings, Table

BESOK = Table()
LAKARE = "01"
"""The physician's code in VDG (assumed)."""

_KODSERVER = "Code tables of Kodserver, named in GVR's published documentation"
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_ONE_OR_TWO = re.compile(r"[A-Za-z0-9]{1,2}")
_TWO = re.compile(r"[A-Za-z0-9]{2}")
_DIAGNOS = re.compile(r"[A-Z][0-9]{2}[0-9A-Z-]{0,3}")
_ATGARD = re.compile(r"([A-Z]{2}[0-9]{3}|[A-Z]{3}[0-9]{2})[A-Z0-9]{0,2}")


def _numbering_faults(items: list[dict[str, Any]], name: str) -> Iterator[str]:
    for index, item in enumerate(items):
        if item["ordning"] != index + 1:
            yield f"{name}[{index}].ordning"


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
    "yrkeskategori-form",
    fact=f"{_KODSERVER} (VDG); {EVENT_FORMAT}: two letters or digits",
    text="vardgivare ska vara koder ur VDG, två tecken.",
)
def profession_form(message: Any, _: Surroundings) -> Iterator[str]:
    for index, code in enumerate(message.get("vardgivare", ())):
        if not _TWO.fullmatch(code):
            yield f"vardgivare[{index}]"


@BESOK.check(
    "diagnos-form",
    fact=f"{_KODSERVER} (DIAGNOS); codes without dot",
    text="Diagnoskoden har fel form; den skrivs utan punkt.",
)
def diagnosis_form(message: Any, _: Surroundings) -> Iterator[str]:
    for index, diagnos in enumerate(message.get("diagnoser", ())):
        if not _DIAGNOS.fullmatch(diagnos["kod"]):
            yield f"diagnoser[{index}].kod"


@BESOK.check(
    "diagnos-ordning",
    fact=f"{EVENT_FORMAT}: OrdnNr of a diagnosis is a positive number; main diagnosis first",
    assumed=True,
    text="Diagnosernas ordning ska vara 1, 2, 3 ... utan luckor.",
)
def diagnosis_order(message: Any, _: Surroundings) -> Iterator[str]:
    yield from _numbering_faults(message.get("diagnoser", []), "diagnoser")


@BESOK.check(
    "diagnos-dubblett", fact="A diagnosis is given once", assumed=True, text="Diagnosen är redan angiven."
)
def diagnosis_once(message: Any, _: Surroundings) -> Iterator[str]:
    seen: set[str] = set()
    for index, diagnos in enumerate(message.get("diagnoser", ())):
        if diagnos["kod"] in seen:
            yield f"diagnoser[{index}].kod"
        seen.add(diagnos["kod"])


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
    "atgard-form",
    fact=f"{_KODSERVER} (OPKOD, KVÅ): two letters and three digits, three letters and two digits, or longer",
    text="Åtgärdskoden har fel form.",
)
def action_form(message: Any, _: Surroundings) -> Iterator[str]:
    for index, atgard in enumerate(message.get("atgarder", ())):
        if not _ATGARD.fullmatch(atgard["kod"]):
            yield f"atgarder[{index}].kod"


@BESOK.check(
    "atgard-ordning",
    fact=f"{EVENT_FORMAT}: OrdnNr of an action is a positive number",
    assumed=True,
    text="Åtgärdernas ordning ska vara 1, 2, 3 ... utan luckor.",
)
def action_order(message: Any, _: Surroundings) -> Iterator[str]:
    yield from _numbering_faults(message.get("atgarder", []), "atgarder")


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


@BESOK.check(
    "atgard-diagnos",
    fact=f"{EVENT_FORMAT}: DiagnosNr of an action refers to a diagnosis of the same event",
    text="Åtgärden hänvisar till en diagnos som inte finns.",
)
def action_diagnosis(message: Any, _: Surroundings) -> Iterator[str]:
    count = len(message.get("diagnoser", ()))
    for index, atgard in enumerate(message.get("atgarder", ())):
        if "diagnos" in atgard and not 1 <= atgard["diagnos"] <= count:
            yield f"atgarder[{index}].diagnos"


@BESOK.check(
    "remittent-form",
    fact="A remittent kombika that is not valid makes the register reject the whole call (published)",
    text="remittent är ingen giltig kombika; hela anropet avvisas.",
)
def remittent_form(message: Any, _: Surroundings) -> Iterator[str]:
    if "remittent" in message:
        yield from kombika_faults(message["remittent"], "remittent")


@BESOK.check(
    "remittent-okand",
    fact="A remittent kombika that is not valid makes the register reject the whole call (published)",
    text="remittent är inte giltig; hela anropet avvisas.",
)
def remittent_known(message: Any, around: Surroundings) -> Iterator[str]:
    if "remittent" in message and unknown_kombika(message["remittent"], around):
        yield "remittent"
