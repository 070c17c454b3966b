"""FHIR's dates and times as local Swedish ones, and instants as versions that sort.

Care is reported by the clock on the wall: 23:30 UTC on New Year's Eve belongs to the next year's edition.
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

STOCKHOLM = ZoneInfo("Europe/Stockholm")

_DATE_LENGTH = 10
_DAY = 86400
_YEAR_LENGTH = 4
_PARTIAL_LENGTHS = (_YEAR_LENGTH, 7)
_SHORTEST_TIME = len("2025-03-03T10:15:00Z")


class LocalTime(msgspec.Struct, frozen=True):
    """A day (``YYYY-MM-DD``) and, where the source told it, the time of day (``HH:MM``), in Stockholm."""

    datum: str
    tid: str | None = None


class TimeProblem(StrEnum):
    """Why a FHIR dateTime gives no local day."""

    PARTIAL = "partial"
    """A year or a month only: legal in FHIR, but no date of care."""
    INVALID = "invalid"
    """No FHIR date, dateTime or instant: wrong form, a day that does not exist, a time without its zone."""


@lru_cache(maxsize=1024)
def to_local(value: str) -> LocalTime | TimeProblem:
    """Local day and time of a FHIR date, dateTime or instant.

    A date has no zone and stays as it is. Seconds and fractions are cut off. A leap second (``:60``) is read
    as the second before it.
    """
    length = len(value)
    if length == _DATE_LENGTH:
        return LocalTime(value) if _is_date(value) else TimeProblem.INVALID
    if length in _PARTIAL_LENGTHS:
        return TimeProblem.PARTIAL if _is_partial(value) else TimeProblem.INVALID
    moment = _moment(value)
    if moment is None:
        return TimeProblem.INVALID
    try:
        text = moment.astimezone(STOCKHOLM).isoformat()
    except OverflowError:
        return TimeProblem.INVALID
    return LocalTime(text[:10], text[11:16])


def is_before(one: str, other: str) -> bool:
    """Whether a dateTime is before another: as instants, but as local days where either tells no time.

    By the clock on the wall the hour that the autumn gives back would run backwards.
    """
    earlier, later = _moment(one), _moment(other)
    if earlier is not None and later is not None:
        return earlier < later
    day, others = to_local(one), to_local(other)
    return isinstance(day, LocalTime) and isinstance(others, LocalTime) and day.datum < others.datum


def a_day_after(epoch: float) -> str:
    """The instant a day after `epoch` (seconds since 1970), in FHIR's form and in UTC."""
    return datetime.fromtimestamp(epoch + _DAY, UTC).isoformat(timespec="seconds")


def to_version(instant: str) -> str | None:
    """A FHIR instant as UTC text of fixed width, whose text order is its order in time.

    ``2025-03-03T10:15:00.5+01:00`` becomes ``2025-03-03T09:15:00.500000000Z``. None if it is no instant.
    """
    moment = _moment(instant)
    if moment is None:
        return None
    try:
        seconds = moment.astimezone(UTC).isoformat()[:19]
    except OverflowError:
        return None
    # Python keeps six digits of a fraction, FHIR allows more: two versions may differ in the ninth
    return f"{seconds}.{_fraction(instant):0<9}Z"


def _is_date(value: str) -> bool:
    if value[4] != "-" or value[7] != "-":
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return value.isascii()


def _is_partial(value: str) -> bool:
    return _is_date(value + ("-01-01" if len(value) == _YEAR_LENGTH else "-01"))


def _moment(value: str) -> datetime | None:
    if len(value) < _SHORTEST_TIME or not _has_form(value):
        return None
    if value[17:19] == "60":
        value = f"{value[:17]}59{value[19:]}"
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _has_form(value: str) -> bool:
    """The extended form with a zone: Python's reader takes much of ISO 8601 that FHIR does not."""
    return (
        value[4] == "-"
        and value[7] == "-"
        and value[10] == "T"
        and value[13] == ":"
        and value[16] == ":"
        and value[19] in "Z+-."
        and (value[-1] == "Z" or (value[-3] == ":" and value[-6] in "+-"))
        and value.isascii()
    )


def _fraction(instant: str) -> str:
    if instant[19] != ".":
        return ""
    end = len(instant) - (1 if instant[-1] == "Z" else 6)
    return instant[20:end][:9]
