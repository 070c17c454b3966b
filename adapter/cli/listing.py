"""What the lists of lanes and messages share: filters, paging, how a time is shown."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from msgspec.structs import replace

from adapter.api.filters import lane_filter
from adapter.ledger.model import LaneState, MessageState
from adapter.ledger.protocol import LaneFilter

LaneOption = Annotated[str | None, typer.Option("--lane", metavar="SLOT", help="One lane, by its slot.")]
CauseOption = Annotated[
    str | None,
    typer.Option("--cause", metavar="CAUSE", help="One cause, as `vardbro dead-letters` names it."),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="WHEN", help="Date, date-time, or a duration ago (2h).")
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many.")]
StateOption = Annotated[str | None, typer.Option("--state", help="One state only.")]

_PAGE = 500
_LOCAL = ZoneInfo("Europe/Stockholm")


def chosen_by(states: type[LaneState] | type[MessageState], **given: Any) -> LaneFilter:
    """The filter that options ask for; what does not fit is a usage error."""
    try:
        return lane_filter(states, now=time.time(), **given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def collect(
    page_of: Callable[[LaneFilter], dict[str, Any]], name: str, chosen: LaneFilter, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` rows, page by page. `name` is the member of a page that holds its rows."""
    found: list[dict[str, Any]] = []
    after: int | None = chosen.after
    while after is not None and len(found) < limit:
        size = min(_PAGE, limit - len(found))
        page = page_of(_moved(chosen, after, size))
        found += page[name]
        after = page["next"]
    return found


def shown_time(seconds: float | None) -> str:
    """A moment in Swedish time, to the second."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, _LOCAL).strftime("%Y-%m-%d %H:%M:%S")


def _moved(chosen: LaneFilter, after: int, limit: int) -> LaneFilter:
    return replace(chosen, limit=limit, after=after)
