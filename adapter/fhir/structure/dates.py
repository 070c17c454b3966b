"""FHIR's dates and times: formats, the calendar, and which of two comes first.

Formats are those of R4's data types: ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD``, and with a time always seconds
and an offset. Any number of fraction digits and the leap second ``:60`` are legal.
"""

import re
from calendar import monthrange
from datetime import datetime, timedelta

_SHAPE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?", re.ASCII
)


def is_usual_time(text: str) -> bool:
    """Whether `text` is a real ``YYYY-MM-DDThh:mm:ss`` with Z or an offset: what nearly every sender writes.

    False says nothing: fractions, leap seconds and shorter forms are for the definition's regex to judge.
    """
    size = len(text)
    if size == 25:
        if text[22] != ":" or text[19] not in "+-" or text[20:] > "14:00":
            return False
    elif size != 20 or text[19] != "Z":
        return False
    if text[10] != "T" or text[4] != "-" or text[7] != "-" or text[13] != ":" or text[16] != ":":
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def in_calendar(text: str) -> bool:
    """Whether the day of a well-formed date or date-time exists."""
    return len(text) < 10 or int(text[8:10]) <= monthrange(int(text[:4]), int(text[5:7]))[1]


def is_ordered(start: object, end: object) -> bool:
    """Whether `start` is not after `end`, as far as their common precision tells; True for malformed ones."""
    if not isinstance(start, str) or not isinstance(end, str):
        return True
    if len(start) == len(end) and start[19:] == end[19:]:
        return start <= end
    first, last = _SHAPE.fullmatch(start), _SHAPE.fullmatch(end)
    if first is None or last is None:
        return True
    if first[4] and last[4]:
        return _instant(first) <= _instant(last)
    common = min(len(start), len(end), 10)
    return start[:common] <= end[:common]


def _instant(shape: re.Match[str]) -> tuple[datetime, int, str]:
    """A key in the order of time: the minute in UTC, the second (0-60), the fraction's digits."""
    offset = "+00:00" if shape[7] == "Z" else shape[7]
    try:
        minute = datetime.fromisoformat(f"{shape[1]}-{shape[2]}-{shape[3]}T{shape[4]}")
        shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
        minute += -shift if offset[0] == "+" else shift
    except (ValueError, OverflowError):
        minute = datetime.min
    return minute, int(shape[5]), shape[6] or ""
