"""The dates of a search, as exact as they are written, with R4's prefixes."""

from datetime import datetime

import pytest

from adapter.api.fhir.dates import period_of


def holds(asked: str, at: str) -> bool:
    return period_of([asked]).holds(datetime.fromisoformat(at).timestamp())


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("2026", "2026-01-01T00:00:00+01:00", "2026-12-31T23:59:59.999+01:00"),
        ("9999", "9999-01-01T00:00:00+01:00", "9999-12-31T22:59:59+01:00"),
        ("2026-03", "2026-03-01T00:00:00+01:00", "2026-03-31T23:59:59.999+02:00"),
        ("2026-12", "2026-12-01T00:00:00+01:00", "2026-12-31T23:59:59.999+01:00"),
        ("2026-03-29", "2026-03-29T00:00:00+01:00", "2026-03-29T23:59:59.999+02:00"),
        ("2026-07-01T10:15", "2026-07-01T10:15:00+02:00", "2026-07-01T10:15:59.999+02:00"),
        ("2026-07-01T10:15:07", "2026-07-01T10:15:07+02:00", "2026-07-01T10:15:07.999+02:00"),
        ("2026-07-01T10:15:07Z", "2026-07-01T10:15:07+00:00", "2026-07-01T10:15:07.999+00:00"),
        ("2026-07-01T10:15-05:00", "2026-07-01T10:15:00-05:00", "2026-07-01T10:15:59.999-05:00"),
        ("2026-07-01T10:15 02:00", "2026-07-01T10:15:00+02:00", "2026-07-01T10:15:59.999+02:00"),
        ("2026-07-01T10:15:07.25Z", "2026-07-01T10:15:07.251+00:00", "2026-07-01T10:15:07.259+00:00"),
    ],
)
def test_a_date_is_as_exact_as_it_is_written(asked: str, first: str, last: str) -> None:
    begin, end = (datetime.fromisoformat(at).timestamp() for at in (first, last))
    (span,) = period_of([asked]).spans
    assert abs(span[0] - begin) < 0.01
    assert 0 < span[1] - end < 0.01 or asked == "9999"
    assert holds(asked, first)
    assert holds(asked, last)
    assert not period_of([asked]).holds(begin - 0.01)


@pytest.mark.parametrize(
    ("prefix", "before", "within", "after"),
    [
        ("", False, True, False),
        ("eq", False, True, False),
        ("ne", True, False, True),
        ("gt", False, False, True),
        ("sa", False, False, True),
        ("ge", False, True, True),
        ("lt", True, False, False),
        ("eb", True, False, False),
        ("le", True, True, False),
    ],
)
@pytest.mark.parametrize("date", ["2026", "2026-06", "2026-06-15", "2026-06-15T12:00"])
def test_each_prefix_means_what_r4_says(
    prefix: str, before: bool, within: bool, after: bool, date: str
) -> None:
    asked = prefix + date
    assert holds(asked, "2025-12-31T10:00:00+01:00") is before
    assert holds(asked, "2026-06-15T12:00:30+02:00") is within
    assert holds(asked, "2027-01-01T10:00:00+01:00") is after


def test_values_narrow_each_other_and_commas_widen() -> None:
    found = period_of(["2024,2026", "ne2026-05"])
    within = [found.holds(datetime(year, 5, 2).timestamp()) for year in (2023, 2024, 2025, 2026)]
    assert (within, len(found.spans)) == ([False, True, False, False], 3)
    assert period_of(["lt2020", "gt2020"]).spans == ()


@pytest.mark.parametrize(
    "asked",
    [
        *("", "x", "26", "2026-1", "2026-13", "2026-02-30", "0000", "2026-03-03T", "2026-03-03T10", "ap2026"),
        *("2026-03-03T25:00", "2026-03-03T10:15.5", "2026-03-03T10:15+25:00", "GE2026", "2026Z", "2026-03Z"),
        *("2026\n", "٢٠٢٦", "2026,", "," * 60),
    ],
)
def test_what_is_no_date_is_refused(asked: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        period_of([asked])


@pytest.mark.parametrize(
    "asked", ["lt0001", "0001-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"]
)
def test_the_first_and_the_last_day_of_time_are_dates(asked: str) -> None:
    assert not holds(asked, "2026-06-15T12:00:30+02:00")
