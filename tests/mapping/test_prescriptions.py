"""Prescriptions as evidence of a decision."""

import pytest

NPL = "urn:npl"


def rule(contact):
    """The rule that judged the last prescription: a decision's from the trace, else the finding's."""
    mapped = contact.map()
    by = [one for one in mapped.provenance["kontakt.typ"].by if one.startswith("KVAL-LAKEMEDEL")]
    findings = [finding.rule for finding in mapped.findings if finding.rule.startswith("KVAL-EJ")]
    (found,) = [*by, *findings]
    assert mapped.event.kontakt.ersatter_besok is not found.startswith("KVAL-EJ")
    return found


@pytest.fixture
def call(contact):
    """A phone call with a diagnosis."""
    contact.distance()
    return contact


def after(call, earlier=None, **elements):
    """A prescription that follows on an earlier one, which is from another contact."""
    before = call.prescription(encounter=None, **(earlier or {}))
    return call.prescription(priorPrescription=call.ref(before), **elements)


def test_a_new_one_is_a_decision(call):
    call.prescription()
    assert rule(call) == "KVAL-LAKEMEDEL-NYTT"


def test_one_that_is_stopped_is_a_decision_whenever_it_was_written(call):
    call.prescription(status="stopped", authoredOn="2020-01-01")
    assert rule(call) == "KVAL-LAKEMEDEL-UTSATT"


def test_another_dosage_than_before_is_a_decision(call):
    after(call, dosageInstruction=[{"text": "2 tabletter dagligen"}])
    assert rule(call) == "KVAL-LAKEMEDEL-ANDRAT"


def test_another_drug_than_before_is_a_decision(call):
    after(call, medicationCodeableConcept=call.concept("http://www.whocc.no/atc", "C09CA01"))
    assert rule(call) == "KVAL-LAKEMEDEL-ANDRAT"


def test_a_renewal_with_the_same_dosage_is_none(call):
    after(call)
    assert rule(call) == "KVAL-EJ-RECEPT"
    assert call.map().event.kontakt.typ == "telefonsamtal"


def test_another_package_of_the_same_substance_is_a_renewal(call):
    codes = [{"system": "http://www.whocc.no/atc", "code": "C09AA02"}]
    after(
        call,
        {"medicationCodeableConcept": {"coding": [*codes, {"system": NPL, "code": "1"}]}},
        medicationCodeableConcept={"coding": [*codes, {"system": NPL, "code": "2"}]},
    )
    assert rule(call) == "KVAL-EJ-RECEPT"


def test_drugs_of_different_code_systems_cannot_be_compared(call):
    after(call, medicationCodeableConcept=call.concept(NPL, "1"))
    assert rule(call) == "KVAL-EJ-RECEPT"


def test_a_drug_may_stand_in_a_medication(call):
    old = call.add("Medication", code=call.concept("http://www.whocc.no/atc", "C09AA02"))
    new = call.add("Medication", code=call.concept("http://www.whocc.no/atc", "C09CA01"))
    after(
        call,
        {"medicationCodeableConcept": None, "medicationReference": call.ref(old)},
        medicationCodeableConcept=None,
        medicationReference=call.ref(new),
    )
    assert rule(call) == "KVAL-LAKEMEDEL-ANDRAT"


@pytest.mark.parametrize("prior", [{"reference": "MedicationRequest/9"}, {"display": "förra receptet"}])
def test_an_earlier_one_that_is_not_there_shows_no_change(call, prior):
    call.prescription(priorPrescription=prior)
    assert rule(call) == "KVAL-EJ-RECEPT-OKANT"


def test_an_earlier_one_that_is_no_prescription_shows_no_change(call):
    call.prescription(priorPrescription=call.ref(call.patient))
    assert rule(call) == "KVAL-EJ-RECEPT-OKANT"


def test_an_earlier_one_without_dosage_shows_no_change(call):
    after(call, {"dosageInstruction": None})
    assert rule(call) == "KVAL-EJ-RECEPT-OKANT"


@pytest.mark.parametrize("status", ["draft", "cancelled", "entered-in-error", "unknown", "on-hold"])
def test_a_status_that_is_no_order_is_no_decision(call, status):
    call.prescription(status=status)
    assert rule(call) == "KVAL-EJ-AVSIKT"


@pytest.mark.parametrize("intent", ["plan", "proposal", "option"])
def test_an_intent_that_is_no_order_is_no_decision(call, intent):
    call.prescription(intent=intent)
    assert rule(call) == "KVAL-EJ-AVSIKT"


@pytest.mark.parametrize(
    "intent", ["order", "original-order", "reflex-order", "filler-order", "instance-order"]
)
def test_every_kind_of_order_is_one(call, intent):
    call.prescription(intent=intent)
    assert rule(call) == "KVAL-LAKEMEDEL-NYTT"


@pytest.mark.parametrize(
    "elements", [{"doNotPerform": True}, {"reportedBoolean": True}, {"reportedReference": {"display": "p"}}]
)
def test_what_is_forbidden_or_reported_by_others_is_no_decision(call, elements):
    call.prescription(**elements)
    assert rule(call) == "KVAL-EJ-AVSIKT"


@pytest.mark.parametrize("elements", [{"doNotPerform": False}, {"reportedBoolean": False}])
def test_saying_that_it_is_not_so_takes_nothing_away(call, elements):
    call.prescription(**elements)
    assert rule(call) == "KVAL-LAKEMEDEL-NYTT"


@pytest.mark.parametrize(
    ("authored", "expected"),
    [
        ("2025-03-02T23:59:00+01:00", "KVAL-EJ-TIDIGARE"),
        ("2025-03-02T23:00:00Z", "KVAL-LAKEMEDEL-NYTT"),
        ("2025-03-04", "KVAL-LAKEMEDEL-NYTT"),
        ("2025", "KVAL-LAKEMEDEL-NYTT"),
    ],
)
def test_one_from_before_the_day_of_the_contact_is_not_new(call, authored, expected):
    call.prescription(authoredOn=authored)
    assert rule(call) == expected


def test_a_category_that_says_renewal_is_believed(call):
    call.prescription(
        category=[call.concept("https://vardbro.example/fhir/CodeSystem/insats", "receptfornyelse")]
    )
    assert rule(call) == "KVAL-EJ-RECEPT"
