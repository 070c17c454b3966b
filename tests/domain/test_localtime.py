from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.domain.localtime import STOCKHOLM, LocalTime, TimeProblem, is_before, to_local, to_version

offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1), timezones=offsets)


@pytest.mark.parametrize(
    ("instant", "day", "time"),
    [
        ("2025-03-03T10:15:00+01:00", "2025-03-03", "10:15"),
        ("2025-07-03T08:15:00Z", "2025-07-03", "10:15"),
        ("2025-07-03T08:15:59.999999999Z", "2025-07-03", "10:15"),
        # the year, and with it the edition, is the local one
        ("2024-12-31T22:59:59Z", "2024-12-31", "23:59"),
        ("2024-12-31T23:00:00Z", "2025-01-01", "00:00"),
        ("2025-01-01T00:30:00+02:00", "2024-12-31", "23:30"),
        # clocks go forward: 02:00-03:00 does not exist
        ("2025-03-30T00:59:59Z", "2025-03-30", "01:59"),
        ("2025-03-30T01:00:00Z", "2025-03-30", "03:00"),
        # clocks go back: 02:30 is there twice
        ("2025-10-26T00:30:00Z", "2025-10-26", "02:30"),
        ("2025-10-26T01:30:00Z", "2025-10-26", "02:30"),
        ("2016-12-31T23:59:60Z", "2017-01-01", "00:59"),
    ],
)
def test_instants_become_local_day_and_time(instant, day, time):
    assert to_local(instant) == LocalTime(day, time)


@given(st.dates(min_value=date(1000, 1, 1)))
@settings(max_examples=40)
def test_a_date_stays_as_it_is(day):
    assert to_local(day.isoformat()) == LocalTime(day.isoformat(), None)


@given(moments)
@settings(max_examples=60)
def test_every_offset_gives_the_clock_in_stockholm(moment):
    local = moment.astimezone(STOCKHOLM)
    assert to_local(moment.isoformat()) == LocalTime(f"{local:%Y-%m-%d}", f"{local:%H:%M}")


@pytest.mark.parametrize("value", ["2025", "2025-03"])
def test_a_year_or_month_is_no_date(value):
    assert to_local(value) is TimeProblem.PARTIAL


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2025-13",
        "0000",
        "20250303",
        "2025-02-30",
        "2025-W10-1",
        "2025/03/03",
        "2025-03-03T10:15:00",
        "2025-03-03T10:15Z",
        "2025-03-03 10:15:00Z",
        "2025-03-03T10:15:00,5Z",
        "2025-03-03T24:00:00Z",
        "2025-03-03T10:61:00Z",
        "2025-03-03T10:15:00+0100",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "２０２５-03-03",
    ],
)
def test_other_forms_are_invalid(value):
    assert to_local(value) is TimeProblem.INVALID
    assert to_version(value) is None


@given(st.text(max_size=35))
@settings(max_examples=100)
def test_no_text_raises(text):
    to_local(text)
    to_version(text)


def test_a_version_is_utc_with_nine_digits():
    assert to_version("2025-03-03T10:15:00.5+01:00") == "2025-03-03T09:15:00.500000000Z"
    assert to_version("2025-03-03T10:15:00Z") == "2025-03-03T10:15:00.000000000Z"


def test_a_date_is_no_version():
    assert to_version("2025-03-03") is None
    assert to_version("2025") is None


def test_versions_differ_in_the_ninth_digit():
    one, other = (to_version(f"2025-03-03T10:15:00.12345678{last}Z") for last in "12")
    assert one is not None
    assert other is not None
    assert one < other


@given(moments, moments)
@settings(max_examples=80)
def test_the_text_order_of_versions_is_their_order_in_time(one, other):
    first, second = to_version(one.isoformat()), to_version(other.isoformat())
    assert first is not None
    assert second is not None
    assert (first < second) == (one.astimezone(UTC) < other.astimezone(UTC))


@pytest.mark.parametrize(
    ("one", "other", "before"),
    [
        ("2025-10-26T00:50:00Z", "2025-10-26T01:10:00Z", True),
        ("2025-10-26T01:10:00Z", "2025-10-26T00:50:00Z", False),
        ("2025-03-03T10:15:00+01:00", "2025-03-03T09:15:00Z", False),
        ("2025-03-03T10:15:10Z", "2025-03-03T10:15:30Z", True),
        ("2025-03-03", "2025-03-03T10:15:00Z", False),
        ("2025-03-02", "2025-03-03T10:15:00Z", True),
        ("2025-03-03T23:30:00Z", "2025-03-04", False),
        ("2025", "2025-03-04", False),
    ],
)
def test_instants_are_compared_as_such_and_days_as_local_days(one, other, before):
    assert is_before(one, other) is before
