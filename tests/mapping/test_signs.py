"""Resources that the validator does not look into: whatever shape they have, they are no fault."""

import pytest


def typ(mapped):
    return mapped.event.kontakt.typ


def told(mapped):
    return {finding.rule for finding in mapped.findings}


@pytest.mark.parametrize(
    "shape", [None, 7, "x", [], {}, [7], {"coding": 7}, {"coding": [7]}, {"coding": [{"code": 7}]}]
)
@pytest.mark.parametrize("kind", ["Communication", "DocumentReference", "DiagnosticReport", "Observation"])
def test_shapes_that_nobody_checks_are_no_evidence_and_no_fault(contact, kind, shape):
    contact.distance()
    resource = contact.made(kind, status="final")
    for element in ("category", "type", "reasonCode", "interpretation", "code", "context", "topic"):
        resource[element] = shape
    assert typ(contact.map()) == "telefonsamtal"
    resource["status"] = shape
    assert typ(contact.map()) == "telefonsamtal"


@pytest.mark.parametrize(
    "shape",
    [7, "x", [], [7], {"reference": 7}, {"reference": []}, {"identifier": 7}, {"identifier": {"value": 7}}],
)
@pytest.mark.parametrize("element", ["subject", "encounter"])
def test_references_that_nobody_checks_lead_nowhere_and_are_no_fault(contact, element, shape):
    contact.distance()
    contact.made("Communication", status="completed", **{element: shape})
    assert "KVAL-EJ-INFORMATION" not in told(contact.map())


def test_a_resource_without_a_contact_that_an_encounter_is_based_on_is_not_told(contact):
    contact.distance()
    loose = contact.order(encounter=None)
    assert "KVAL-EJ-LANKAD" in told(contact.map())
    contact.encounter["basedOn"] = [contact.ref(loose)]
    assert "KVAL-EJ-LANKAD" not in told(contact.map())
