"""Local dates and times of the contact."""

import pytest


def test_start_and_end_are_local(contact):
    contact.encounter["period"] = {"start": "2025-07-01T08:15:00Z", "end": "2025-07-01T08:45:00Z"}
    tid = contact.map().event.tid
    assert (tid.startdatum, tid.starttid, tid.slutdatum, tid.sluttid) == (
        "2025-07-01",
        "10:15",
        "2025-07-01",
        "10:45",
    )


def test_new_years_night_belongs_to_the_swedish_year(contact):
    contact.encounter["period"] = {"start": "2024-12-31T23:30:00Z"}
    tid = contact.map().event.tid
    assert (tid.startdatum, tid.starttid) == ("2025-01-01", "00:30")


@pytest.mark.parametrize(
    ("start", "time"), [("2025-03-30T00:59:00Z", "01:59"), ("2025-03-30T01:00:00Z", "03:00")]
)
def test_summer_time_begins_with_a_leap(contact, start, time):
    contact.encounter["period"] = {"start": start}
    assert contact.map().event.tid.starttid == time


def test_a_date_alone_has_no_time(contact):
    contact.encounter["period"] = {"start": "2025-03-03"}
    mapped = contact.map()
    assert (mapped.event.tid.startdatum, mapped.event.tid.starttid) == ("2025-03-03", None)
    assert "tid.starttid" not in mapped.provenance


def test_without_a_period_there_is_no_date_of_care(contact, found):
    del contact.encounter["period"]
    contact.procedure("AV034", performedDateTime="2025-03-03")
    mapped = contact.map()
    assert "TIME-NO-DATE" in found(mapped)
    assert mapped.event.tid.startdatum is None


@pytest.mark.parametrize("start", ["2025", "2025-03"])
def test_a_year_or_month_is_no_date_of_care(contact, found, start):
    contact.encounter["period"] = {"start": start}
    assert "TIME-INCOMPLETE" in found(contact.map())


def test_an_end_before_the_start_is_told(contact, found):
    contact.encounter["period"] = {"start": "2025-03-03T10:15:00+01:00", "end": "2025-03-03T08:00:00Z"}
    assert found(contact.map()) == ["TIME-ORDER"]


def test_the_hour_that_autumn_gives_back_does_not_run_backwards(contact, found):
    contact.encounter["period"] = {"start": "2025-10-26T00:50:00Z", "end": "2025-10-26T01:10:00Z"}
    mapped = contact.map()
    assert (mapped.event.tid.starttid, mapped.event.tid.sluttid) == ("02:50", "02:10")
    assert found(mapped) == []


def test_an_end_before_the_start_is_told_in_that_hour_too(contact, found):
    contact.encounter["period"] = {"start": "2025-10-26T01:10:00Z", "end": "2025-10-26T00:50:00Z"}
    assert found(contact.map()) == ["TIME-ORDER"]


def test_a_day_is_not_before_a_time_of_that_day(contact, found):
    contact.encounter["period"] = {"start": "2025-03-03T10:15:00+01:00", "end": "2025-03-03"}
    assert found(contact.map()) == []
    contact.encounter["period"]["end"] = "2025-03-02"
    assert found(contact.map()) == ["TIME-ORDER"]
