"""A fast läkarkontakt from bundle to registers: who is told, and what its errors stop."""

from copy import deepcopy
from typing import Any

import orjson
import pytest

from adapter.config.model import Config
from adapter.offline import offline_translator
from adapter.translation import Translation, Translator

HSA = "urn:oid:1.2.752.29.4.19"
PERSONNUMMER = "http://electronichealth.se/identifier/personnummer"
SINCE = "https://vardbro.example/fhir/StructureDefinition/fast-lakarkontakt-fran"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "identifier": [{"system": PERSONNUMMER, "value": "195009072553"}],
    "generalPractitioner": [
        {"reference": "urn:uuid:1", "extension": [{"url": SINCE, "valueDate": "2026-02-01"}]}
    ],
}
ROLE: dict[str, Any] = {
    "resourceType": "PractitionerRole",
    "practitioner": {"identifier": {"system": HSA, "value": "SE2321000131-P1"}},
    "code": [{"coding": [{"system": "urn:oid:1.2.752.116.3.1.3", "code": "LK"}]}],
}
VISIT: dict[str, Any] = {
    "resourceType": "Encounter",
    "identifier": [{"system": "https://journal.example/vk", "value": "1"}],
    "status": "finished",
    "class": {"system": ACT, "code": "AMB"},
    "subject": {"reference": "urn:uuid:0"},
    "participant": [{"individual": {"reference": "urn:uuid:1"}}],
    "period": {"start": "2026-03-08"},
}


@pytest.fixture(scope="module")
def translator() -> Translator:
    return offline_translator(Config())


def translate(translator: Translator, *resources: dict[str, Any]) -> Translation:
    entries = [{"fullUrl": f"urn:uuid:{n}", "resource": one} for n, one in enumerate(resources)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return translator.translate(translator.read(orjson.dumps(bundle)))


def test_a_bundle_of_patients_is_taken_and_only_the_listing_service_is_told(translator):
    (contact,) = translate(translator, PATIENT, ROLE).contacts
    fates = {verdict.register: verdict.fate for verdict in contact.verdicts}
    assert not contact.refused
    assert fates.pop("listning") == "message"
    assert set(fates.values()) == {"not-reported"}


def test_an_error_of_the_link_is_the_listing_services_alone(translator):
    nurse = deepcopy(ROLE)
    nurse["code"][0]["coding"][0]["code"] = "SJ"
    (contact,) = translate(translator, PATIENT, nurse).contacts
    errors = {(one.rule, one.register) for one in contact.findings if one.severity == "error"}
    assert errors == {("FLK-EJ-LAKARE", "listning")}
    assert contact.refused


def test_a_visit_is_reported_beside_the_link(translator):
    visit, link = translate(translator, PATIENT, ROLE, VISIT).contacts
    assert [visit.mapped.event.kind, link.mapped.event.kind] == ["vardkontakt", "fast_lakarkontakt"]
    assert "listning" not in {one.register for one in visit.verdicts if one.fate == "message"}


def test_a_bundle_without_anything_to_report_is_refused_as_before(translator):
    plain = {name: value for name, value in PATIENT.items() if name != "generalPractitioner"}
    translation = translate(translator, plain, ROLE)
    assert translation.contacts == ()
    assert [one.rule for one in translation.findings if one.severity == "error"] == ["INTAKE-NO-CONTACT"]


def _team(code: str, system: str = "https://vardbro.example/fhir/CodeSystem/teamroll") -> dict[str, Any]:
    return {
        "resourceType": "CareTeam",
        "subject": {"reference": "urn:uuid:0"},
        "participant": [
            {
                "role": [{"coding": [{"system": system, "code": code}]}],
                "member": {"reference": "urn:uuid:1"},
                "period": {"start": "2026-02-01"},
            }
        ],
    }


@pytest.mark.parametrize("role", [("fast-lakare",), ("fast-lakarkontakt", "http://region.example/roll")])
def test_a_care_team_whose_role_nobody_knows_is_named_where_nothing_was_found_to_report(translator, role):
    plain = {name: value for name, value in PATIENT.items() if name != "generalPractitioner"}
    translation = translate(translator, plain, ROLE, _team(*role))
    found = {one.rule: one.expression for one in translation.findings}
    at = "Bundle.entry[2].resource.participant[0].role[0].coding[0]"
    assert found["INTAKE-NO-CONTACT"] == ("Bundle.entry", at + ".code", at + ".system")
    assert found["FLK-ROLL-OKAND"] == (at + ".code", at + ".system")


def test_a_care_team_beside_a_contact_may_have_any_role(translator):
    translation = translate(translator, PATIENT, ROLE, _team("kontaktperson", "urn:x"), VISIT)
    assert not {one.rule for one in translation.all_findings} & {"FLK-ROLL-OKAND", "INTAKE-NO-CONTACT"}


def test_a_broken_entry_of_a_batch_is_not_looked_into(translator):
    """The entry is told as broken; the patient beside it has no fast läkarkontakt for it."""
    plain = deepcopy(PATIENT)
    del plain["generalPractitioner"][0]["extension"]
    broken: Any = {
        "fullUrl": "urn:uuid:9",
        "resource": "none",
        "request": {"method": "POST", "url": "Encounter"},
    }
    entries = [
        {
            "fullUrl": f"urn:uuid:{n}",
            "resource": one,
            "request": {"method": "POST", "url": one["resourceType"]},
        }
        for n, one in enumerate((plain, ROLE))
    ]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [*entries, broken]}
    translation = translator.translate(translator.read(orjson.dumps(bundle)))
    assert translation.contacts == ()
