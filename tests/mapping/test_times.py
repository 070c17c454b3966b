"""Local dates and times of the contact."""

import pytest
from msgspec.structs import replace

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle


def test_start_and_end_are_local(contact):
    contact.encounter["period"] = {"start": "2025-07-01T08:15:00Z", "end": "2025-07-01T08:45:00Z"}
    mapped = contact.map()
    period = f"{contact.at(contact.encounter)}.period"
    assert mapped.provenance["tid.starttid"].paths == (f"{period}.start",)
    assert mapped.provenance["tid.sluttid"].paths == (f"{period}.end",)
    tid = mapped.event.tid
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
    mapped = contact.map()
    assert found(mapped) == ["TIME-ORDER"]
    period = f"{contact.at(contact.encounter)}.period"
    assert mapped.findings[-1].expression == (f"{period}.end", f"{period}.start")


def test_an_end_that_is_no_time_is_told_where_it_stands(contact):
    contact.encounter["period"]["end"] = "2025"
    (told,) = [one for one in contact.map().findings if one.rule == "TIME-INCOMPLETE"]
    assert told.expression == (f"{contact.at(contact.encounter)}.period.end",)


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


def test_an_end_without_a_time_of_day_has_none(contact):
    contact.encounter["period"]["end"] = "2025-03-04"
    mapped = contact.map()
    assert (mapped.event.tid.slutdatum, mapped.event.tid.sluttid) == ("2025-03-04", None)
    assert "tid.slutdatum" in mapped.provenance
    assert "tid.sluttid" not in mapped.provenance


class TestAhead:
    """Of what a contact says that it lies ahead, seen from a bundle that came on the third of March."""

    def told(self, contact, contexts, latest="2025-03-04T12:00:00+00:00"):
        (mapped,) = map_bundle(Bundle(contact.bundle()), replace(contexts(), latest=latest))
        return [one.expression for one in mapped.findings if one.rule == "TIME-AHEAD"]

    @pytest.mark.parametrize(
        ("period", "element"),
        [
            ({"start": "2025-03-04T13:00:00+01:00"}, None),
            ({"start": "2025-03-04T13:00:01+01:00"}, "start"),
            ({"start": "2025-03-03T10:15:00+01:00", "end": "2025-03-05"}, "end"),
            ({"start": "2025-03-05", "end": "2025-03-06"}, "start"),
            ({"start": "2025-03-03"}, None),
        ],
    )
    def test_the_first_moment_that_lies_ahead_is_told(self, contact, contexts, period, element):
        contact.encounter["period"] = period
        where = f"{contact.at(contact.encounter)}.period.{element}"
        assert self.told(contact, contexts) == ([] if element is None else [(where,)])

    def test_a_contact_that_is_planned_may_lie_ahead(self, contact, contexts):
        contact.encounter |= {"status": "planned", "period": {"start": "2025-04-01"}}
        assert self.told(contact, contexts) == []

    def test_nothing_lies_ahead_where_nobody_knows_when_the_bundle_came(self, contact, contexts):
        contact.encounter["period"] = {"start": "2925-03-05"}
        assert self.told(contact, contexts, latest=None) == []


@pytest.mark.parametrize(
    ("start", "told"),
    [("0001-01-01T10:00:00+01:00", True), ("1912-12-11T10:00:00+01:00", True), ("1912-12-12", False)],
)
def test_a_contact_before_the_patients_birth_is_warned_of(contact, start, told):
    contact.encounter["period"] = {"start": start}
    found = [one for one in contact.map().findings if one.rule == "TIME-BEFORE-BIRTH"]
    place = (f"{contact.at(contact.encounter)}.period.start",)
    assert [(one.severity, one.expression) for one in found] == ([("warning", place)] if told else [])
