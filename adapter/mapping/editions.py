"""Editions of one table side by side, and what they say together of a day.

An edition is a table as it was delivered: of codes, or of pairs of units. The *complete* ones follow each
other: from the day on which one begins it alone says what is valid, so that what it lacks is retired then.
The first one reaches back as far as its own dates do. Incomplete editions add to what the others say. What
ships with the program is a starter, which gives way as soon as a complete edition is loaded.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Generic, NamedTuple, TypeVar

import msgspec

from adapter.errors import PackError

EARLIEST = ""
LATEST = "9999-12-31"

Key = TypeVar("Key", bound=Hashable)


class Period(NamedTuple):
    """Inclusive days of care, as ISO text; the text order of dates is their order in time."""

    start: str
    end: str

    def holds(self, day: str) -> bool:
        """Whether `day` (``YYYY-MM-DD``) lies within."""
        return self.start <= day <= self.end


class TableHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a table's file says of itself. `start` and `end` are ISO days, empty for *always*; `source` and
    `loaded` tell where it came from and when. `place` is the file."""

    system: str
    edition: str = ""
    start: str = ""
    end: str = ""
    complete: bool = False
    source: str = ""
    loaded: str = ""
    place: str = ""
    shipped: bool = False


class TableEdition(NamedTuple, Generic[Key]):
    """One edition with its rows: when each key was valid."""

    head: TableHead
    rows: Mapping[Key, tuple[Period, ...]]


class Table(NamedTuple, Generic[Key]):
    """All editions together. `complete`: what it lacks has never been valid."""

    rows: Mapping[Key, tuple[Period, ...]]
    complete: bool


def merged(editions: Sequence[TableEdition[Key]]) -> Table[Key]:
    """The editions of one system as one table. Raises PackError when two complete ones begin on one day."""
    complete = sorted((one for one in editions if one.head.complete), key=lambda one: one.head.start)
    added = [one for one in editions if not one.head.complete and not (one.head.shipped and complete)]
    if not complete and len(added) == 1:
        return Table(added[0].rows, complete=False)
    found: dict[Key, list[Period]] = {}
    for number, edition in enumerate(complete):
        reign = _reign(complete, number)
        for key, periods in edition.rows.items():
            _add(found, key, (clipped for one in periods if (clipped := _within(one, reign)) is not None))
    for edition in added:
        for key, periods in edition.rows.items():
            _add(found, key, periods)
    return Table({key: joined(periods) for key, periods in found.items()}, complete=bool(complete))


def joined(periods: Sequence[Period]) -> tuple[Period, ...]:
    """Periods in order, with those made one that overlap or follow each other without a gap."""
    if len(periods) == 1:
        return (periods[0],)
    found: list[Period] = []
    for period in sorted(periods):
        if found and period.start <= _day_after(found[-1].end):
            found[-1] = Period(found[-1].start, max(found[-1].end, period.end))
        else:
            found.append(period)
    return tuple(found)


def _reign(complete: Sequence[TableEdition[Key]], number: int) -> Period:
    """The days on which a complete edition alone counts."""
    start = complete[number].head.start
    if number + 1 == len(complete):
        return Period(start if number else EARLIEST, LATEST)
    following = complete[number + 1].head
    if following.start == start:
        raise PackError(
            f"{following.place}: begins on the same day as {complete[number].head.place}; both are complete",
            "Load one of them again with the day from which it applies: --from.",
        )
    return Period(start if number else EARLIEST, day_before(following.start))


def _within(period: Period, reign: Period) -> Period | None:
    start, end = max(period.start, reign.start), min(period.end, reign.end)
    return Period(start, end) if start <= end else None


def _add(found: dict[Key, list[Period]], key: Key, periods: Iterable[Period]) -> None:
    kept = list(periods)
    if kept:
        found.setdefault(key, []).extend(kept)


def day_before(day: str) -> str:
    """The day before an ISO day."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _day_after(day: str) -> str:
    return LATEST if day >= LATEST else (date.fromisoformat(day) + timedelta(days=1)).isoformat()
