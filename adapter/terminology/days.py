"""Days as delivered files write them, as ISO days."""

import re
from datetime import date, datetime

from adapter.domain.localtime import LocalTime, to_local

_FORMS = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
    re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})"),
)
_NO_END = 9000
"""Years from here on are written where no end is known."""


def day_of(value: object) -> str | None:
    """The ISO day of a cell; None when it is empty, or a far day that stands for no end.

    An instant with a zone is the day in Stockholm. Raises ValueError for what is no day.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return _kept(value.date())
    if isinstance(value, date):
        return _kept(value)
    text = str(value).strip().removesuffix(".0") if isinstance(value, float) else str(value).strip()
    if not text:
        return None
    if "T" in text:
        local = to_local(text)
        if isinstance(local, LocalTime):
            return _kept(date.fromisoformat(local.datum))
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            return _kept(date(int(match[1]), int(match[2]), int(match[3])))
    raise ValueError("that is no day (YYYY-MM-DD)")


def _kept(day: date) -> str | None:
    return None if day.year >= _NO_END else day.isoformat()
