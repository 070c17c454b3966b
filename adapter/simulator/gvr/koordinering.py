"""GVR's checks of rehab coordination (koordineringsinsats), written from Region Stockholm's instruction for
rehabkoordinatorer. They rely on the checks of form and of naming."""

import re
from collections.abc import Iterator
from typing import Any

from adapter.simulator.table import Surroundings, Table

KOORDINERING = Table()

_ANVISNING = "Rapporteringsanvisning, Rehabkoordinator (Region Stockholm)"
_STAFF = re.compile(r"0[1-9]|[1-6][0-9]|7[04578]|96|A[23]")
_FIRST_DAY = "2021-02-01"
_BY_TECHNIQUE = {
    "telefon": {"XS012"},
    "video": {"UX007"},
    "brev": {"XS003"},
    "digitalt-brev": {"XS003", "ZV051"},
}


def _codes(message: Any) -> list[str]:
    return [atgard["kod"] for atgard in message["atgarder"]]


def _places(message: Any, code: str) -> Iterator[str]:
    for index, given in enumerate(_codes(message)):
        if given == code:
            yield f"atgarder[{index}].kod"


@KOORDINERING.check(
    "koord-datum", fact=f"{_ANVISNING}: from 1 February 2021", text="Tjänsten tar insatser från 2021-02-01."
)
def since_the_service(message: Any, _: Surroundings) -> Iterator[str]:
    if message["datum"] < _FIRST_DAY:
        yield "datum"


@KOORDINERING.check(
    "koord-yrke",
    fact=f"{_ANVISNING}: 01-69, 70, 74, 75, 77, 78, 96, A2, A3",
    text="Yrkeskategorin får inte utföra koordineringsinsatser.",
)
def permitted_profession(message: Any, _: Surroundings) -> Iterator[str]:
    if not _STAFF.fullmatch(message["yrkeskategori"]):
        yield "yrkeskategori"


@KOORDINERING.check(
    "koord-gc001", fact=f"{_ANVISNING}: GC001 on every contact", text="GC001 ska anges på alla insatser."
)
def always_coordination(message: Any, _: Surroundings) -> Iterator[str]:
    if "GC001" not in _codes(message):
        yield "atgarder"


@KOORDINERING.check(
    "koord-zv051",
    fact=f"{_ANVISNING}: two codes for a digital letter or chat",
    assumed=True,
    text="ZV051 ska stå tillsammans med XS003.",
)
def two_codes_for_a_digital_letter(message: Any, _: Surroundings) -> Iterator[str]:
    if "XS003" not in _codes(message):
        yield from _places(message, "ZV051")


@KOORDINERING.check("koord-aw024", fact=f"{_ANVISNING}: AW026 excludes AW024", text="AW026 utesluter AW024.")
def one_follow_up(message: Any, _: Surroundings) -> Iterator[str]:
    if "AW026" in _codes(message):
        yield from _places(message, "AW024")


@KOORDINERING.check(
    "koord-teknik", fact="teknik says what the technique codes say", assumed=True, text="teknik stämmer inte."
)
def technique_as_coded(message: Any, _: Surroundings) -> Iterator[str]:
    teknik = message.get("teknik")
    if teknik is None:
        return
    wanted = _BY_TECHNIQUE.get(teknik)
    given = set(_codes(message)) & {"XS012", "UX007", "XS003", "ZV051"}
    if wanted is None or (given and not wanted <= given):
        yield "teknik"
