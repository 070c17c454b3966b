"""GVR's checks of booking and waiting data. They rely on the checks of form and of naming."""

from collections.abc import Iterator
from typing import Any

from adapter.simulator.table import Surroundings, Table

TILLGANGLIGHET = Table()

_SAYING = (
    "beslutsdatum",
    "remissdatum",
    "bokningsdatum",
    "erbjudetDatum",
    "medicinsktMaldatum",
    "avvikelseorsak",
)


@TILLGANGLIGHET.check(
    "tg-uppgift-saknas",
    fact="The service takes booking and waiting data (published): one of them is there",
    assumed=True,
    text="Minst en uppgift om bokning eller väntan ska anges.",
)
def something_to_tell(message: Any, _: Surroundings) -> Iterator[str]:
    if not any(name in message for name in _SAYING):
        yield ""


@TILLGANGLIGHET.check(
    "tg-garanti-kod", fact="vardgaranti is J or N", assumed=True, text="vardgaranti ska vara J eller N."
)
def guarantee_code(message: Any, _: Surroundings) -> Iterator[str]:
    if message.get("vardgaranti", "J") not in ("J", "N"):
        yield "vardgaranti"


@TILLGANGLIGHET.check(
    "tg-avvikelse-kod",
    fact="SKR's two kinds of waiting (SIGN-e): patientvald, medicinskt-orsakad",
    assumed=True,
    text="avvikelseorsak ska vara patientvald eller medicinskt-orsakad.",
)
def deviation_code(message: Any, _: Surroundings) -> Iterator[str]:
    if message.get("avvikelseorsak", "patientvald") not in ("patientvald", "medicinskt-orsakad"):
        yield "avvikelseorsak"
