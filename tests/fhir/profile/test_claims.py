"""What a bundle claims in meta.profile is looked at when it is read, and nothing else is."""

from typing import Any

import orjson
import pytest

from adapter.domain.canonical import extension
from adapter.fhir.profile import Profiles
from adapter.fhir.profile.check import MOST_FINDINGS
from adapter.fhir.read import read, validate

Json = dict[str, Any]
PATIENT = extension("vardbro-patient")


def found(content: Any, catalogue, profiles) -> list[tuple[str, str, str]]:
    reading = read(orjson.dumps(content), catalogue, profiles=profiles)
    return [(one.rule, one.severity, "".join(one.expression[:1])) for one in reading.findings]


def test_a_broken_claim_is_a_warning_on_intake(bundle, change, catalogue, profiles) -> None:
    change(bundle, "entry[0].resource.meta", {"profile": [PATIENT]})
    assert found(bundle, catalogue, profiles) == []
    change(bundle, "entry[0].resource.identifier[0].value", "1212121212")
    assert found(bundle, catalogue, profiles) == [
        ("FHIR-PROFILE-VB-PAT-2", "warning", "Bundle.entry[0].resource")
    ]


@pytest.mark.parametrize("url", [f"{PATIENT}|1.0.0", PATIENT])
def test_a_claim_may_name_a_version(url, bundle, change, catalogue, profiles) -> None:
    change(bundle, "entry[0].resource.meta", {"profile": [url]})
    change(bundle, "entry[0].resource.identifier", ...)
    assert [rule for rule, _, _ in found(bundle, catalogue, profiles)] == ["FHIR-PROFILE-MIN"]


def test_a_claim_of_a_version_that_is_not_ours_is_not_judged_and_said_to_be(
    bundle, change, catalogue, profiles
) -> None:
    change(bundle, "entry[0].resource.meta", {"profile": [f"{PATIENT}|9.9.9"]})
    change(bundle, "entry[0].resource.identifier", ...)
    place = "Bundle.entry[0].resource.meta.profile"
    assert found(bundle, catalogue, profiles) == [("FHIR-PROFILE-UNKNOWN", "information", place)]


def test_what_is_not_claimed_is_not_asked_for(bundle, catalogue) -> None:
    def not_read() -> Any:
        raise AssertionError("the profiles are read for nothing")

    assert found(bundle, catalogue, Profiles(not_read)) == []


def test_a_resource_whose_structure_is_broken_is_not_held_to_its_claim(
    bundle, change, catalogue, profiles
) -> None:
    change(bundle, "entry[0].resource.meta", {"profile": [PATIENT]})
    change(bundle, "entry[0].resource.identifier", "x")
    assert [rule for rule, _, _ in found(bundle, catalogue, profiles)] == ["FHIR-NOT-ARRAY"]


def test_swedish_base_profiles_are_recognised_once_and_others_left_alone(
    bundle, change, catalogue, profiles
) -> None:
    base = "http://hl7.se/fhir/ig/base/StructureDefinition/SEBase"
    change(bundle, "entry[0].resource.meta", {"profile": [f"{base}Patient", "https://x.example/p"]})
    change(bundle, "entry[1].resource.meta", {"profile": [f"{base}Organization"]})
    ehds = "https://fhir.inera.se/ig/ehds-tk/StructureDefinition/inera-ehds-encounter"
    change(bundle, "entry[3].resource.meta", {"profile": [ehds]})

    reading = read(orjson.dumps(bundle), catalogue, profiles=profiles)

    assert [(one.rule, one.params["family"], one.expression) for one in reading.findings] == [
        (
            "FHIR-PROFILE-RECOGNISED",
            "SEBase*",
            ("Bundle.entry[0].resource.meta.profile", "Bundle.entry[1].resource.meta.profile"),
        ),
        ("FHIR-PROFILE-RECOGNISED", "inera-ehds-*", ("Bundle.entry[3].resource.meta.profile",)),
    ]


def test_a_bundle_and_its_resources_that_claim_the_same_are_told_once(
    bundle, change, catalogue, profiles
) -> None:
    change(bundle, "meta", {"profile": [extension("vardbro-event-bundle")]})
    change(bundle, "identifier", {"system": "https://x.example", "value": "1"})
    change(bundle, "entry[0].resource.meta", {"profile": [PATIENT]})
    change(bundle, "entry[0].resource.identifier[0].value", "1212121212")
    change(
        bundle,
        "entry[1].resource.identifier",
        [{"system": "urn:oid:1.2.752.29.4.19", "value": "SE2321000016-1"}],
    )

    assert [rule for rule, _, _ in found(bundle, catalogue, profiles)] == ["FHIR-PROFILE-VB-PAT-2"]


def test_a_resource_alone_that_breaks_its_claim_is_wrong(catalogue, profiles) -> None:
    patient = {"resourceType": "Patient", "meta": {"profile": [PATIENT]}, "gender": "male"}
    (finding,) = validate(orjson.dumps(patient), catalogue, profiles=profiles)
    assert (finding.rule, finding.severity, finding.expression) == (
        "FHIR-PROFILE-MIN",
        "error",
        ("Patient.identifier",),
    )
    assert validate(orjson.dumps(patient), catalogue) == []


def test_a_bundle_of_very_many_broken_claims_is_told_of_the_first(catalogue, profiles) -> None:
    patient = {"resourceType": "Patient", "meta": {"profile": [PATIENT]}}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}] * 500}

    rules = [rule for rule, _, _ in found(bundle, catalogue, profiles)]

    assert rules.count("FHIR-PROFILE-MIN") == MOST_FINDINGS
    assert rules[-1] == "FHIR-MORE"
    assert len(rules) == MOST_FINDINGS + 1
