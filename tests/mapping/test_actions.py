"""The actions of the contact."""

import pytest
from msgspec.structs import replace

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle

SNOMED = "http://snomed.info/sct"


def codes(mapped):
    return [atgard.kod for atgard in mapped.event.atgarder]


def test_actions_stand_in_the_order_of_the_bundle(contact):
    for code in ("XS007", "AV034", "DV077"):
        contact.procedure(code)
    mapped = contact.map()
    assert codes(mapped) == ["XS007", "AV034", "DV077"]
    assert [atgard.ordning for atgard in mapped.event.atgarder] == [1, 2, 3]
    assert mapped.provenance["atgarder[2].ordning"].by == ("ATGARD-ORDER",)


def test_parts_of_parts_belong_to_the_contact(contact, found):
    part = contact.procedure("AV034", linked=False)
    whole = contact.procedure("QAE10")
    middle = contact.procedure("TQ011", linked=False, partOf=[contact.ref(whole)])
    part["partOf"] = [contact.ref(middle)]
    mapped = contact.map()
    assert codes(mapped) == ["AV034", "QAE10", "TQ011"]
    assert f"{contact.at(part)}.partOf[0].reference" in mapped.provenance["atgarder[0].kod"].paths
    assert found(mapped) == []


def test_a_circle_of_parts_ends_and_belongs_to_nobody(contact, found):
    one = contact.procedure("AV034", linked=False)
    other = contact.procedure("TQ011", linked=False, partOf=[contact.ref(one)])
    one["partOf"] = [contact.ref(other)]
    mapped = contact.map()
    assert codes(mapped) == []
    assert found(mapped) == ["LINK-STRAY", "LINK-STRAY"]


def test_a_procedure_named_as_diagnosis_is_an_action(contact):
    procedure = contact.procedure("AV034", linked=False)
    contact.encounter["diagnosis"] = [{"condition": contact.ref(procedure)}]
    mapped = contact.map()
    assert codes(mapped) == ["AV034"]
    assert mapped.event.diagnoser == ()


@pytest.mark.parametrize("status", ["completed", "in-progress"])
def test_what_was_done_counts(contact, status):
    contact.procedure("AV034", status=status)
    assert codes(contact.map()) == ["AV034"]


@pytest.mark.parametrize(
    "status", ["not-done", "entered-in-error", "preparation", "stopped", "on-hold", "unknown"]
)
def test_what_was_not_done_is_left_out_and_told(contact, found, status):
    contact.procedure("AV034", status=status)
    mapped = contact.map()
    assert codes(mapped) == []
    assert found(mapped) == ["ATGARD-STATUS"]


def test_another_patients_action_does_not_count(contact, found):
    contact.procedure("AV034", subject=contact.ref(contact.add("Patient")))
    mapped = contact.map()
    assert codes(mapped) == []
    assert found(mapped) == ["ATGARD-OTHER-PATIENT"]


@pytest.mark.parametrize(
    ("performed", "day"),
    [
        ({"performedDateTime": "2025-03-03T23:30:00Z"}, "2025-03-04"),
        ({"performedPeriod": {"start": "2025-03-02", "end": "2025-03-05"}}, "2025-03-02"),
        ({"performedPeriod": {"end": "2025-03-05"}}, "2025-03-05"),
        ({"performedString": "igår"}, "2025-03-03"),
        ({}, "2025-03-03"),
    ],
)
def test_the_date_is_the_local_day_of_the_action_else_of_the_contact(contact, performed, day):
    contact.procedure("AV034", **performed)
    assert contact.map().event.atgarder[0].datum == day


def test_the_contacts_date_in_place_of_the_actions_is_traced(contact):
    contact.procedure("AV034")
    origin = contact.map().provenance["atgarder[0].datum"]
    assert origin.paths == (f"{contact.at(contact.encounter)}.period.start",)
    assert origin.by == ("ATGARD-DATE-DEFAULT",)


def test_a_year_is_no_date(contact, found):
    contact.procedure("AV034", performedDateTime="2025")
    assert found(contact.map()) == ["ATGARD-DATE"]


def test_the_reason_gives_the_number_of_the_diagnosis(contact):
    contact.diagnosis("A099", rank=2)
    main = contact.diagnosis("B349", rank=1)
    contact.procedure("AV034", reasonReference=[contact.ref(main)])
    contact.procedure("XS007")
    first, second = contact.map().event.atgarder
    assert (first.diagnos, second.diagnos) == (1, None)


def test_a_reason_that_is_left_out_gives_no_number(contact):
    out = contact.condition("A099", verificationStatus={"coding": [{"code": "refuted"}]})
    contact.procedure("AV034", reasonReference=[contact.ref(out)])
    assert contact.map().event.atgarder[0].diagnos is None


def test_two_codes_of_one_procedure_are_two_actions(contact):
    contact.procedure("XS003", "ZV051")
    assert codes(contact.map())[:2] == ["XS003", "ZV051"]


def test_a_snomed_code_without_counterpart_is_told(contact, found):
    contact.procedure(code=contact.concept(SNOMED, "428191000124101"))
    mapped = contact.map()
    assert codes(mapped) == []
    assert found(mapped) == ["CODE-NO-COUNTERPART"]


@pytest.mark.parametrize(
    ("element", "value"),
    [("performedString", "i går"), ("performedAge", {"value": 7}), ("performedRange", {"low": {"value": 7}})],
)
def test_a_time_that_is_no_date_is_told_and_the_contacts_counts(contact, found, element, value):
    action = contact.procedure("AV034", **{element: value})
    mapped = contact.map()
    assert mapped.event.atgarder[0].datum == "2025-03-03"
    assert found(mapped) == ["ATGARD-DATE"]
    assert mapped.findings[-1].expression == (f"{contact.at(action)}.{element}",)


@pytest.mark.parametrize(("day", "is_told"), [("2025-03-04", False), ("2025-03-05", True)])
def test_an_action_of_a_day_after_the_bundle_came_is_told_and_kept(contact, contexts, day, is_told):
    action = contact.procedure("AV034", performedDateTime=day)
    context = replace(contexts(), latest="2025-03-04T12:00:00+00:00")
    (mapped,) = map_bundle(Bundle(contact.bundle()), context)
    told = [one.expression for one in mapped.findings if one.rule == "TIME-AHEAD"]
    assert told == ([(f"{contact.at(action)}.performedDateTime",)] if is_told else [])
    assert mapped.event.atgarder[0].datum == day
