"""GVR's checks of staff, diagnoses, actions and referrer, in whatever message they stand.

They rely on the checks of form and of naming.
"""

import re
from collections.abc import Iterator
from typing import Any

from adapter.simulator.gvr.naming import EVENT_FORMAT, kombika_faults, unknown_kombika
from adapter.simulator.table import Surroundings, Table

CONTENT = Table()

_KODSERVER = "Code tables of Kodserver, named in GVR's published documentation"
_TWO = re.compile(r"[A-Za-z0-9]{2}")
_DIAGNOS = re.compile(r"[A-Z][0-9]{2}[0-9A-Z-]{0,3}")
_ATGARD = re.compile(r"([A-Z]{2}[0-9]{3}|[A-Z]{3}[0-9]{2})[A-Z0-9]{0,2}")


def _numbering_faults(items: list[dict[str, Any]], name: str) -> Iterator[str]:
    for index, item in enumerate(items):
        if item["ordning"] != index + 1:
            yield f"{name}[{index}].ordning"


@CONTENT.check(
    "yrkeskategori-form",
    fact=f"{_KODSERVER} (VDG); {EVENT_FORMAT}: two letters or digits",
    text="vardgivare ska vara koder ur VDG, två tecken.",
)
def profession_form(message: Any, _: Surroundings) -> Iterator[str]:
    for index, code in enumerate(message.get("vardgivare", ())):
        if not _TWO.fullmatch(code):
            yield f"vardgivare[{index}]"


@CONTENT.check(
    "diagnos-form",
    fact=f"{_KODSERVER} (DIAGNOS); codes without dot",
    text="Diagnoskoden har fel form; den skrivs utan punkt.",
)
def diagnosis_form(message: Any, _: Surroundings) -> Iterator[str]:
    for index, diagnos in enumerate(message.get("diagnoser", ())):
        if not _DIAGNOS.fullmatch(diagnos["kod"]):
            yield f"diagnoser[{index}].kod"


@CONTENT.check(
    "diagnos-ordning",
    fact=f"{EVENT_FORMAT}: OrdnNr of a diagnosis is a positive number; main diagnosis first",
    assumed=True,
    text="Diagnosernas ordning ska vara 1, 2, 3 ... utan luckor.",
)
def diagnosis_order(message: Any, _: Surroundings) -> Iterator[str]:
    yield from _numbering_faults(message.get("diagnoser", []), "diagnoser")


@CONTENT.check(
    "diagnos-dubblett", fact="A diagnosis is given once", assumed=True, text="Diagnosen är redan angiven."
)
def diagnosis_once(message: Any, _: Surroundings) -> Iterator[str]:
    seen: set[str] = set()
    for index, diagnos in enumerate(message.get("diagnoser", ())):
        if diagnos["kod"] in seen:
            yield f"diagnoser[{index}].kod"
        seen.add(diagnos["kod"])


@CONTENT.check(
    "atgard-form",
    fact=f"{_KODSERVER} (OPKOD, KVÅ): two letters and three digits, three letters and two digits, or longer",
    text="Åtgärdskoden har fel form.",
)
def action_form(message: Any, _: Surroundings) -> Iterator[str]:
    for index, atgard in enumerate(message.get("atgarder", ())):
        if not _ATGARD.fullmatch(atgard["kod"]):
            yield f"atgarder[{index}].kod"


@CONTENT.check(
    "atgard-ordning",
    fact=f"{EVENT_FORMAT}: OrdnNr of an action is a positive number",
    assumed=True,
    text="Åtgärdernas ordning ska vara 1, 2, 3 ... utan luckor.",
)
def action_order(message: Any, _: Surroundings) -> Iterator[str]:
    yield from _numbering_faults(message.get("atgarder", []), "atgarder")


@CONTENT.check(
    "atgard-diagnos",
    fact=f"{EVENT_FORMAT}: DiagnosNr of an action refers to a diagnosis of the same event",
    text="Åtgärden hänvisar till en diagnos som inte finns.",
)
def action_diagnosis(message: Any, _: Surroundings) -> Iterator[str]:
    count = len(message.get("diagnoser", ()))
    for index, atgard in enumerate(message.get("atgarder", ())):
        if "diagnos" in atgard and not 1 <= atgard["diagnos"] <= count:
            yield f"atgarder[{index}].diagnos"


@CONTENT.check(
    "remittent-form",
    fact="A remittent kombika that is not valid makes the register reject the whole call (published)",
    text="remittent är ingen giltig kombika; hela anropet avvisas.",
)
def remittent_form(message: Any, _: Surroundings) -> Iterator[str]:
    if "remittent" in message:
        yield from kombika_faults(message["remittent"], "remittent")


@CONTENT.check(
    "remittent-okand",
    fact="A remittent kombika that is not valid makes the register reject the whole call (published)",
    text="remittent är inte giltig; hela anropet avvisas.",
)
def remittent_known(message: Any, around: Surroundings) -> Iterator[str]:
    if "remittent" in message and unknown_kombika(message["remittent"], around):
        yield "remittent"
