"""The dates of a search (FHIR R4, Search: date): from texts such as ``ge2026-03`` to spans of time. Pure.

A date is as exact as it is written: 2026 is a whole year, 10:15 a whole minute. Without a zone it is Swedish
local time. What is searched are instants, so that eq is "within" and ge, le count the whole of the value.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from adapter.domain.localtime import STOCKHOLM
from adapter.ledger.sql.own_trail import Period, Span

_BEGIN, _END = Period().spans[0]
_MOST = 50
"""Dates that are looked at in one search."""

_DATE = re.compile(
    r"(eq|ne|gt|lt|ge|le|sa|eb)?"
    r"(?:([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?"
    r"|([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]{1,9})?(Z|[+ -][0-9]{2}:[0-9]{2})?)",
    re.ASCII,
)


def period_of(values: Iterable[str]) -> Period:
    """What all of the values together leave over; of a value with commas one date is enough.

    Raises ValueError for what is no date of R4, or a prefix that is not supported (``ap``).
    """
    found: list[Span] = [(_BEGIN, _END)]
    parts = [value.split(",") for value in values]
    if sum(map(len, parts)) > _MOST:
        raise ValueError("too many dates")
    for ored in parts:
        found = _both(found, [span for text in ored for span in _spans(text)])
    return Period(tuple(_merged(found)))


def _spans(text: str) -> list[Span]:
    """The times that a prefix and a date mean."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError("no date")
    prefix = found[1] or "eq"
    first, last = _moment(found) if found[5] else _days(found)
    if prefix == "ne":
        return [(_BEGIN, first), (last, _END)]
    if prefix in ("lt", "eb", "le"):
        return [(_BEGIN, last if prefix == "le" else first)]
    if prefix in ("gt", "sa", "ge"):
        return [(first if prefix == "ge" else last, _END)]
    return [(first, last)]


def _days(found: re.Match[str]) -> Span:
    """When a year, a month or a day begins and ends in Sweden."""
    year, month, day = int(found[2]), int(found[3] or 1), int(found[4] or 1)
    first = datetime(year, month, day, tzinfo=STOCKHOLM)
    if found[4]:
        return first.timestamp(), _midnight(first.toordinal() + 1)
    if found[3] and month < 12:
        return first.timestamp(), datetime(year, month + 1, 1, tzinfo=STOCKHOLM).timestamp()
    following = datetime(year + 1, 1, 1, tzinfo=STOCKHOLM).timestamp() if year < 9999 else _END
    return first.timestamp(), following


def _midnight(day: int) -> float:
    last = datetime.max.toordinal()
    return datetime.fromordinal(day).replace(tzinfo=STOCKHOLM).timestamp() if day <= last else _END


def _moment(found: re.Match[str]) -> Span:
    """When a time begins and ends. (In an address a plus sign may have become a space.)"""
    minute, seconds, fraction, zone = found[5], found[6], found[7], found[8]
    if fraction and not seconds:
        raise ValueError("a fraction of no second")
    at = datetime.fromisoformat(f"{minute}{seconds or ''}{(zone or '').replace(' ', '+')}")
    begin = (at if zone else at.replace(tzinfo=STOCKHOLM)).timestamp() + float(fraction or 0)
    width = 10.0 ** (1 - len(fraction)) if fraction else 1.0 if seconds else 60.0
    return begin, begin + width


def _both(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    met = ((max(a[0], b[0]), min(a[1], b[1])) for a in some for b in _merged(others))
    return [span for span in met if span[0] < span[1]]


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same times as spans in order that neither meet nor overlap."""
    found: list[Span] = []
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found
