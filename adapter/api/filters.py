"""Filters of lanes and messages as operators write them, checked before they reach the ledger."""

from datetime import datetime
from zoneinfo import ZoneInfo

from adapter.config.durations import parse_duration
from adapter.config.model import REGISTERS
from adapter.ledger.model import LaneState, MessageState
from adapter.ledger.protocol import LaneFilter

MAX_LIMIT = 1000
_LOCAL = ZoneInfo("Europe/Stockholm")


def lane_filter(
    known_states: type[LaneState] | type[MessageState],
    *,
    state: str | None = None,
    register: str | None = None,
    lane: str | None = None,
    cause: str | None = None,
    since: str | None = None,
    limit: int = 100,
    after: int = 0,
    now: float,
) -> LaneFilter:
    """A checked filter. Raises ValueError that names the parameter and what it can be."""
    states = [member.value for member in known_states]
    if state is not None and state not in states:
        raise ValueError(f"state is one of {', '.join(states)}")
    if register is not None and register not in REGISTERS:
        raise ValueError(f"register is one of {', '.join(REGISTERS)}")
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"limit is 1 to {MAX_LIMIT}")
    return LaneFilter(
        state=state,
        register=register,
        lane=lane,
        cause=cause,
        since=None if since is None else moment(since, now),
        limit=limit,
        after=after,
    )


def moment(text: str, now: float) -> float:
    """Seconds since 1970 of a date or date-time (Swedish time without an offset), or of a duration ago.

    ``@`` before a number of seconds is taken too: so commands pass on what they have read already.
    """
    try:
        if text.startswith("@"):
            return float(text[1:])
        return now - parse_duration(text)
    except ValueError:
        pass
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("since is a date (2026-11-21), a date-time, or a duration ago (2h)") from None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=_LOCAL)).timestamp()
