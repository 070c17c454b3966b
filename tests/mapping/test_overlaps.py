"""Encounters that are linked and overlap, but are no team: two contacts, and a hint."""

from copy import deepcopy

import pytest

RULE = "TEAM-OVERLAPPING"
HSA = "urn:oid:1.2.752.29.4.19"


@pytest.fixture
def second(contact):
    """A second visit, of which the first is part: it begins in the middle of the first."""

    def make(start="2025-03-03T10:30:00+01:00", end="2025-03-03T11:00:00+01:00", **elements):
        other = deepcopy(contact.encounter)
        other["identifier"][0]["value"] = "2"
        other["period"] = {"start": start, **({"end": end} if end else {})}
        other.update(elements)
        made = contact.add(other.pop("resourceType"), **other)
        contact.encounter["partOf"] = contact.ref(made)
        return made

    return make


def hints(mapped):
    return [[one for one in event.findings if one.rule == RULE] for event in mapped]


def test_a_visit_that_overlaps_the_one_that_it_is_part_of_is_hinted_at_both(contact, second):
    other = second()
    first, last = hints(contact.map_all())
    assert first == last
    (hint,) = first
    at = contact.at(contact.encounter)
    assert hint.severity == "warning"
    assert hint.expression == (
        f"{at}.partOf.reference",
        f"{at}.period.start",
        f"{contact.at(other)}.period.start",
    )


def test_visits_with_one_start_and_different_classes_are_hinted(contact, second):
    second(
        start=contact.encounter["period"]["start"], **{"class": {**contact.encounter["class"], "code": "HH"}}
    )
    assert [len(one) for one in hints(contact.map_all())] == [1, 1]


def test_two_parts_of_a_third_that_overlap_are_hinted_once(contact, second):
    whole = second(start="2025-03-03T08:00:00+01:00", end="2025-03-03T08:10:00+01:00")
    part = deepcopy(contact.encounter)
    part["identifier"][0]["value"] = "3"
    part["period"] = {"start": "2025-03-03T10:20:00+01:00", "end": "2025-03-03T10:40:00+01:00"}
    part["partOf"] = contact.ref(whole)
    contact.add(part.pop("resourceType"), **part)
    assert [len(one) for one in hints(contact.map_all())] == [1, 0, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"start": "2025-03-03T10:45:00+01:00"},
        {"start": "2025-03-03T10:15:00+01:00"},
        {"start": "2025-03-03", "end": "2025-03-03"},
        {"start": "2025-03-03T09:30:00+01:00", "end": None},
        {"serviceProvider": {"identifier": {"system": HSA, "value": "SE2321000016-X9"}}},
        {"subject": {"identifier": {"system": "http://electronichealth.se/identifier/personnummer",
                                    "value": "195009072553"}}},
        {"status": "cancelled"},
        {"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}},
    ],
    ids=["follows", "is the team pattern", "without a time of day", "without an end", "another unit",
         "another patient", "cancelled", "a stay"],
)  # fmt: skip
def test_what_is_one_contact_or_surely_two_is_not_hinted(contact, second, change):
    second(**change)
    assert not any(hints(contact.map_all()))


def test_without_a_link_nothing_is_hinted(contact, second):
    second()
    contact.encounter.pop("partOf")
    assert not any(hints(contact.map_all()))
