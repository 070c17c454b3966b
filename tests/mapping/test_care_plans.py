"""Care plans as evidence of a decision: made or changed at the contact, or going on."""

import pytest

OWN = "https://vardbro.example/fhir/CodeSystem/insats"


@pytest.fixture
def call(contact):
    """A phone call with a diagnosis."""
    contact.distance()
    return contact


def rule(call):
    mapped = call.map()
    by = [
        one
        for one in mapped.provenance["kontakt.typ"].by
        if one.startswith("KVAL-") and "BEDOMNING" not in one
    ]
    findings = [finding.rule for finding in mapped.findings if finding.rule.startswith("KVAL-EJ")]
    (found,) = [*by, *findings]
    assert mapped.event.kontakt.ersatter_besok is not found.startswith("KVAL-EJ")
    return found


@pytest.mark.parametrize("intent", ["plan", "order"])
def test_one_that_was_made_at_the_contact_is_a_decision(call, intent):
    call.plan(intent=intent)
    assert rule(call) == "KVAL-VARDPLAN"


def test_the_contact_says_when_it_was_made_where_the_plan_does_not(call):
    call.plan(created=None)
    assert rule(call) == "KVAL-VARDPLAN"


@pytest.mark.parametrize(
    "elements", [{"created": "2025-03-02"}, {"created": None, "period": {"start": "2025-01-01"}}]
)
def test_one_that_goes_on_is_none(call, elements):
    call.plan(**elements)
    assert rule(call) == "KVAL-EJ-UPPFOLJNING"


def test_one_that_takes_the_place_of_another_was_changed(call):
    before = call.plan(encounter=None, status="completed", created="2024-01-01")
    call.plan(created="2025-03-02", replaces=[call.ref(before)])
    assert rule(call) == "KVAL-VARDPLAN"


def test_the_next_module_of_a_programme_is_none(call):
    programme = call.plan(encounter=None, created="2025-01-01", instantiatesUri=["https://program.example/x"])
    call.plan(partOf=[call.ref(programme)])
    assert rule(call) == "KVAL-EJ-MODUL"


@pytest.mark.parametrize("element", ["instantiatesUri", "instantiatesCanonical"])
def test_a_programme_that_is_activated_is_a_decision(call, element):
    call.plan(**{element: ["https://program.example/x"]})
    assert rule(call) == "KVAL-PROGRAM"


@pytest.mark.parametrize("intent", ["proposal", "option"])
def test_a_proposal_is_none(call, intent):
    call.plan(intent=intent)
    assert rule(call) == "KVAL-EJ-AVSIKT"


@pytest.mark.parametrize("status", ["draft", "revoked", "on-hold", "entered-in-error", "unknown"])
def test_a_status_that_is_not_in_force_is_none(call, status):
    call.plan(status=status)
    assert rule(call) == "KVAL-EJ-AVSIKT"


def test_a_plan_of_nothing_but_self_care_is_advice(call):
    call.plan(activity=[{"detail": {"status": "not-started", "code": call.concept(OWN, "egenvardsrad")}}])
    assert rule(call) == "KVAL-EJ-EGENVARD"


def test_one_treatment_among_the_activities_is_enough(call):
    call.plan(
        activity=[
            {"detail": {"status": "not-started", "code": call.concept(OWN, "egenvardsrad")}},
            {"detail": {"status": "not-started", "code": call.concept(OWN, "behandling")}},
        ]
    )
    assert rule(call) == "KVAL-BEHANDLING"


def test_an_activity_that_is_not_to_be_done_is_passed_over(call):
    treatment = {"status": "not-started", "doNotPerform": True, "code": call.concept(OWN, "behandling")}
    advice = {"status": "not-started", "code": call.concept(OWN, "egenvardsrad")}
    call.plan(activity=[{"detail": treatment}, {"detail": advice}])
    assert rule(call) == "KVAL-EJ-EGENVARD"


def test_one_that_was_made_after_the_contact_is_none(call):
    call.plan(created="2025-03-04")
    assert rule(call) == "KVAL-EJ-SENARE"


def test_one_that_was_made_at_the_contact_and_begins_later_is_a_decision(call):
    call.plan(period={"start": "2025-03-10"})
    assert rule(call) == "KVAL-VARDPLAN"
