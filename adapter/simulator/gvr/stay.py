"""GVR's checks of admission and discharge. They rely on the checks of form and of naming."""

import re
from collections.abc import Iterator
from typing import Any

from adapter.simulator.gvr.naming import EVENT_FORMAT, kombika_faults, unknown_kombika
from adapter.simulator.table import Surroundings, Table

INSKRIVNING = Table()
UTSKRIVNING = Table()

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_ONE = re.compile(r"[A-Za-z0-9]")


@INSKRIVNING.check(
    "in-tid-form", fact="tid is HH:MM, local time", assumed=True, text="tid ska vara HH:MM, 00:00-23:59."
)
def real_time(message: Any, _: Surroundings) -> Iterator[str]:
    if "tid" in message and not _TIME.fullmatch(message["tid"]):
        yield "tid"


@INSKRIVNING.check("in-akut-kod", fact="akut is J or N", assumed=True, text="akut ska vara J eller N.")
def akut_code(message: Any, _: Surroundings) -> Iterator[str]:
    if message["akut"] not in ("J", "N"):
        yield "akut"


@INSKRIVNING.check(
    "in-viste-form",
    fact=f"{EVENT_FORMAT}: VisteFöre (IKOD) is one letter or digit",
    text="visteFore ska vara en kod ur IKOD.",
)
def whence(message: Any, _: Surroundings) -> Iterator[str]:
    if "visteFore" in message and not _ONE.fullmatch(message["visteFore"]):
        yield "visteFore"


@UTSKRIVNING.check(
    "ut-fore-in",
    fact=f"{EVENT_FORMAT}: Startdatum and Slutdatum of one event",
    assumed=True,
    text="utskrivningsdatum ligger före inskrivningen.",
)
def discharge_after_admission(message: Any, _: Surroundings) -> Iterator[str]:
    if message["utskrivningsdatum"] < message["datum"]:
        yield "utskrivningsdatum"


@UTSKRIVNING.check(
    "ut-tid-form", fact="utskrivningstid is HH:MM, local time", assumed=True, text="Tiden ska vara HH:MM."
)
def real_discharge_time(message: Any, _: Surroundings) -> Iterator[str]:
    if "utskrivningstid" in message and not _TIME.fullmatch(message["utskrivningstid"]):
        yield "utskrivningstid"


@UTSKRIVNING.check(
    "ut-enhet",
    fact=f"{EVENT_FORMAT}: Slutverksamhet is a kombika",
    text="utskrivandeEnhet är ingen giltig kombika.",
)
def discharging_unit(message: Any, around: Surroundings) -> Iterator[str]:
    if "utskrivandeEnhet" in message:
        unit = message["utskrivandeEnhet"]
        faults = list(kombika_faults(unit, "utskrivandeEnhet"))
        yield from faults or (["utskrivandeEnhet"] if unknown_kombika(unit, around) else [])


@UTSKRIVNING.check(
    "ut-viste-form",
    fact=f"{EVENT_FORMAT}: VisteEfter (UKOD) and VårdEfter are one letter or digit",
    text="visteEfter och vardEfter är ett tecken.",
)
def whither(message: Any, _: Surroundings) -> Iterator[str]:
    for name in ("visteEfter", "vardEfter"):
        if name in message and not _ONE.fullmatch(message[name]):
            yield name
