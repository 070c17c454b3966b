"""Aids as evidence of a decision: one that is prescribed, but not one that is renewed."""

import pytest

AIDS = "http://region.example/hjalpmedel"


def decided(contact):
    return contact.map().event.kontakt.ersatter_besok


def told(contact):
    return [finding.rule for finding in contact.map().findings if finding.rule.startswith("KVAL-EJ")]


@pytest.fixture
def call(contact):
    """A phone call with a diagnosis."""
    contact.distance()
    return contact


@pytest.fixture
def aid(call):
    """Puts an active prescription of an aid at the call into the bundle."""

    def make(code="ROLLATOR", **elements):
        given = {
            "status": "active",
            "intent": "order",
            "codeCodeableConcept": call.concept(AIDS, code),
            **elements,
        }
        return call.made("DeviceRequest", **given)

    return make


def test_an_aid_that_is_prescribed_is_a_decision_with_its_rule_in_the_trace(call, aid):
    request = aid()
    mapped = call.map()
    assert mapped.event.kontakt.ersatter_besok is True
    origin = mapped.provenance["kontakt.typ"]
    assert "KVAL-HJALPMEDEL" in origin.by
    assert call.at(request) + ".status" in origin.paths


@pytest.mark.parametrize(
    ("elements", "rule"),
    [
        ({"status": "draft"}, "KVAL-EJ-AVSIKT"),
        ({"intent": "proposal"}, "KVAL-EJ-AVSIKT"),
        ({"authoredOn": "2025-03-02"}, "KVAL-EJ-TIDIGARE"),
        ({"authoredOn": "2025-03-04"}, "KVAL-EJ-SENARE"),
        ({"priorRequest": [{"reference": "DeviceRequest/9"}]}, "KVAL-EJ-HJALPMEDEL"),
    ],
)
def test_what_is_not_prescribed_anew_at_the_contact_is_no_decision(call, aid, elements, rule):
    aid(**elements)
    assert decided(call) is False
    assert told(call) == [rule]


@pytest.mark.parametrize(("code", "decision"), [("ROLLATOR", False), ("RULLSTOL", True)])
def test_a_renewal_is_a_decision_only_where_the_aid_is_another(call, aid, code, decision):
    earlier = aid(code, authoredOn="2024-01-01", encounter=None)
    aid(priorRequest=[call.ref(earlier)])
    assert decided(call) is decision


def test_aids_of_different_systems_cannot_be_compared(call, aid):
    earlier = aid(codeCodeableConcept=call.concept("urn:other", "X"), encounter=None)
    aid(priorRequest=[call.ref(earlier)])
    assert told(call) == ["KVAL-EJ-HJALPMEDEL"]


def test_a_prescription_that_names_no_contact_is_told_and_does_not_count(call, aid):
    aid(encounter=None)
    assert decided(call) is False
    assert told(call) == ["KVAL-EJ-LANKAD"]


@pytest.mark.parametrize("shape", ["text", 1, {"reference": "x"}, [1], [{"reference": 1}]])
def test_a_shape_that_is_none_of_r4_is_no_crash(call, aid, shape):
    aid(priorRequest=shape)
    assert decided(call) is True


def test_an_order_of_food_is_no_evidence(call):
    call.made("NutritionOrder", status="active", intent="order")
    assert decided(call) is False


@pytest.mark.parametrize("day", ["2025-03-02", "2025-03-04"])
def test_a_prescription_of_another_day_is_told_where_the_day_stands(call, aid, day):
    request = aid(authoredOn=day)
    (told,) = [one for one in call.map().findings if one.rule.startswith("KVAL-EJ")]
    assert f"{call.at(request)}.authoredOn" in told.expression


@pytest.mark.parametrize(
    ("reason", "decision"), [("receptfornyelse", False), ("receptfornyelse-nya-besvar", True)]
)
def test_the_reason_tells_whether_complaints_were_assessed_anew(call, aid, reason, decision):
    request = aid(
        priorRequest=[{"reference": "DeviceRequest/9"}],
        reasonCode=[call.concept("https://vardbro.example/fhir/CodeSystem/insats", reason)],
    )
    mapped = call.map()
    assert mapped.event.kontakt.ersatter_besok is decision
    if decision:
        paths = mapped.provenance["kontakt.typ"].paths
        assert f"{call.at(request)}.reasonCode[0].coding[0].code" in paths
