"""The engine, on profiles made for the test: each kind of constraint, and what it must leave alone."""

from typing import Any

import pytest

from adapter.domain.canonical import extension
from adapter.domain.finding import Findings
from adapter.fhir.profile.check import MOST_FINDINGS
from adapter.fhir.profile.profiles import Contents, Profiles

URL = "https://example.org/StructureDefinition/p"
SYSTEM = "https://example.org/codes"
VALUE_SET = {
    "url": "https://example.org/ValueSet/v",
    "compose": {"include": [{"system": SYSTEM, "concept": [{"code": "a"}, {"code": "b"}]}]},
}

Json = dict[str, Any]


def profile(kind: str, *rows: Json, **more: Any) -> Json:
    elements = [{"id": kind, "path": kind}]
    for row in rows:
        path = ".".join(step.partition(":")[0] for step in row["id"].split("."))
        elements.append({"path": path, **row})
    return {"url": URL, "type": kind, "differential": {"element": elements}, **more}


@pytest.fixture
def check(catalogue):
    def checks(definition: Json, resource: Json, *others: Json) -> list[tuple[str, str]]:
        findings = Findings(catalogue)
        made = Profiles(lambda: Contents([definition, *others], [VALUE_SET]))
        made.check(resource, URL, resource["resourceType"], findings)
        return [(one.rule.removeprefix("FHIR-PROFILE-"), one.expression[0]) for one in findings]

    return checks


def patient(**members: Any) -> Json:
    return {"resourceType": "Patient", **members}


def test_a_required_element_that_is_missing_is_told_at_its_place(check) -> None:
    wanted = profile("Patient", {"id": "Patient.name.family", "min": 1})
    assert check(wanted, patient(name=[{"family": "x"}, {"text": "y"}])) == [
        ("MIN", "Patient.name[1].family")
    ]


def test_a_child_is_asked_of_its_parent_only_where_the_parent_is(check) -> None:
    wanted = profile("Patient", {"id": "Patient.name.family", "min": 1})
    assert check(wanted, patient()) == []


def test_a_primitive_with_an_extension_alone_is_there(check) -> None:
    wanted = profile("Patient", {"id": "Patient.birthDate", "min": 1})
    assert check(wanted, patient(_birthDate={"extension": [{"url": "http://x", "valueCode": "a"}]})) == []


def test_the_first_item_too_many_is_named(check) -> None:
    wanted = profile("Patient", {"id": "Patient.name", "max": "1"})
    assert check(wanted, patient(name=[{}, {}, {}])) == [("MAX", "Patient.name[1]")]


def test_an_element_that_is_forbidden_is_told(check) -> None:
    wanted = profile("Patient", {"id": "Patient.photo", "max": "0"})
    assert check(wanted, patient(photo=[{"title": "x"}])) == [("MAX", "Patient.photo[0]")]


@pytest.mark.parametrize(("value", "fits"), [(True, True), (1, False), (False, False)])
def test_a_fixed_value_is_compared_with_its_type(value, fits, check) -> None:
    wanted = profile("Patient", {"id": "Patient.active", "fixedBoolean": True})
    assert (check(wanted, patient(active=value)) == []) == fits


def test_a_pattern_asks_for_its_members_and_allows_others(check) -> None:
    wanted = profile(
        "Patient", {"id": "Patient.maritalStatus", "patternCodeableConcept": {"coding": [{"code": "M"}]}}
    )
    assert (
        check(wanted, patient(maritalStatus={"coding": [{"code": "S"}, {"code": "M", "display": "x"}]})) == []
    )
    assert check(wanted, patient(maritalStatus={"coding": [{"code": "S"}]})) == [
        ("VALUE", "Patient.maritalStatus")
    ]


def test_a_required_binding_to_a_listed_value_set_is_checked_with_its_system(check) -> None:
    binding = {"strength": "required", "valueSet": VALUE_SET["url"]}
    wanted = profile("Patient", {"id": "Patient.maritalStatus", "binding": binding})
    assert check(wanted, patient(maritalStatus={"coding": [{"system": SYSTEM, "code": "a"}]})) == []
    for wrong in ({"system": SYSTEM, "code": "c"}, {"system": "https://other", "code": "a"}, {"code": "a"}):
        assert check(wanted, patient(maritalStatus={"coding": [wrong]})) == [
            ("CODE", "Patient.maritalStatus")
        ]


@pytest.mark.parametrize("strength", ["extensible", "preferred"])
def test_a_weaker_binding_and_an_unknown_value_set_are_left_alone(strength, check) -> None:
    concept = {"coding": [{"system": SYSTEM, "code": "z"}]}
    weak = {"strength": strength, "valueSet": VALUE_SET["url"]}
    assert (
        check(
            profile("Patient", {"id": "Patient.maritalStatus", "binding": weak}),
            patient(maritalStatus=concept),
        )
        == []
    )
    unknown = {"strength": "required", "valueSet": "https://example.org/ValueSet/other"}
    wanted = profile("Patient", {"id": "Patient.maritalStatus", "binding": unknown})
    assert check(wanted, patient(maritalStatus=concept)) == []
    made = Profiles(lambda: Contents([wanted]))
    assert made.unchecked(URL) == ("Patient.maritalStatus: value set https://example.org/ValueSet/other",)


def test_a_choice_is_held_to_the_types_that_are_left(check) -> None:
    wanted = profile("Procedure", {"id": "Procedure.performed[x]", "type": [{"code": "dateTime"}]})
    assert check(wanted, {"resourceType": "Procedure", "performedDateTime": "2025"}) == []
    assert check(wanted, {"resourceType": "Procedure", "performedAge": {"value": 1}}) == [
        ("TYPE", "Procedure.performedAge")
    ]


def _sliced(rules: str = "open", kind: str = "value", path: str = "system") -> Json:
    slicing = {"discriminator": [{"type": kind, "path": path}], "rules": rules}
    return profile(
        "Patient",
        {"id": "Patient.identifier", "slicing": slicing},
        {"id": "Patient.identifier:one", "min": 1, "max": "1"},
        {"id": "Patient.identifier:one.system", "min": 1, "fixedUri": "urn:one"},
        {"id": "Patient.identifier:one.value", "min": 1},
    )


def test_slices_are_counted_and_checked_by_themselves(check) -> None:
    one, other = {"system": "urn:one", "value": "1"}, {"system": "urn:two"}
    assert check(_sliced(), patient(identifier=[other, one])) == []
    assert check(_sliced(), patient(identifier=[other])) == [("MIN", "Patient")]
    assert check(_sliced(), patient(identifier=[one, other, one])) == [("MAX", "Patient.identifier[2]")]
    assert check(_sliced(), patient(identifier=[{"system": "urn:one"}])) == [
        ("MIN", "Patient.identifier[0].value")
    ]


def test_a_closed_slicing_takes_no_other_item(check) -> None:
    items = [{"system": "urn:one", "value": "1"}, {"system": "urn:two"}]
    assert check(_sliced("closed"), patient(identifier=items)) == [("SLICE", "Patient.identifier[1]")]


def test_slices_are_told_apart_by_what_is_there_or_not(check) -> None:
    slicing = {"discriminator": [{"type": "exists", "path": "period"}], "rules": "open"}
    wanted = profile(
        "Patient",
        {"id": "Patient.identifier", "slicing": slicing},
        {"id": "Patient.identifier:past", "max": "1"},
        {"id": "Patient.identifier:past.period", "min": 1},
        {"id": "Patient.identifier:lasting", "max": "1"},
        {"id": "Patient.identifier:lasting.period", "max": "0"},
    )
    items = [{"period": {"end": "2020"}}, {"value": "1"}, {"value": "2"}]
    assert check(wanted, patient(identifier=items)) == [("MAX", "Patient.identifier[2]")]


def test_entries_are_told_apart_by_the_type_of_their_resource_and_held_to_its_profile(check) -> None:
    inner = {**profile("Patient", {"id": "Patient.name", "min": 1}), "url": URL + "2"}
    slicing = {"discriminator": [{"type": "type", "path": "resource"}], "rules": "open"}
    kind = {"code": "Patient", "profile": [URL + "2"]}
    wanted = profile(
        "Bundle",
        {"id": "Bundle.entry", "slicing": slicing},
        {"id": "Bundle.entry:patient", "min": 1},
        {"id": "Bundle.entry:patient.resource", "type": [kind]},
    )
    entries = [{"resource": {"resourceType": "Group"}}, {"resource": patient()}]
    assert check(wanted, {"resourceType": "Bundle", "entry": entries}, inner) == [
        ("MIN", "Bundle.entry[1].resource.name")
    ]
    assert check(wanted, {"resourceType": "Bundle", "entry": entries[:1]}, inner) == [("MIN", "Bundle")]


def test_a_reference_leads_to_a_type_that_a_target_profile_is_for(check) -> None:
    target = {**profile("Patient"), "url": URL + "2"}
    kind = {"code": "Reference", "targetProfile": [URL + "2"]}
    wanted = profile("Condition", {"id": "Condition.subject", "type": [kind]})
    for subject, fits in (
        ({"reference": "Patient/1"}, True),
        ({"reference": "Group/1"}, False),
        ({"reference": "#g"}, False),
        ({"type": "Group", "display": "x"}, False),
        ({"reference": "urn:uuid:0"}, True),
    ):
        condition = {
            "resourceType": "Condition",
            "subject": subject,
            "contained": [{"resourceType": "Group", "id": "g"}],
        }
        assert (check(wanted, condition, target) == []) == fits


def test_our_extensions_are_checked_wherever_they_stand(check) -> None:
    own = {
        "url": extension("own"),
        "type": "Extension",
        "context": [{"type": "element", "expression": "Patient.name"}],
        "differential": {
            "element": [
                {"id": "Extension", "path": "Extension"},
                {
                    "id": "Extension.value[x]",
                    "path": "Extension.value[x]",
                    "min": 1,
                    "type": [{"code": "date"}],
                },
            ]
        },
    }
    right, wrong = {"url": extension("own"), "valueDate": "2025"}, {"url": extension("own"), "valueCode": "x"}
    unknown = {"url": extension("none"), "valueCode": "x"}
    wanted = profile("Patient")
    assert (
        check(wanted, patient(name=[{"extension": [right, {"url": "https://other", "valueCode": "x"}]}]), own)
        == []
    )
    assert check(wanted, patient(name=[{"extension": [wrong]}]), own) == [
        ("TYPE", "Patient.name[0].extension[0].valueCode")
    ]
    assert check(wanted, patient(extension=[right, unknown]), own) == [
        ("EXTENSION-PLACE", "Patient.extension[0]"),
        ("EXTENSION", "Patient.extension[1]"),
    ]


def test_an_unknown_profile_is_a_finding_and_so_is_one_of_another_type(check, catalogue) -> None:
    findings = Findings(catalogue)
    Profiles(lambda: Contents([])).check(patient(), URL, "Patient", findings)
    assert [one.rule for one in findings] == ["FHIR-PROFILE-UNKNOWN"]
    assert check(profile("Group"), patient()) == [("RESOURCE", "Patient")]


def test_the_check_ends_after_the_most_findings(check) -> None:
    wanted = profile("Patient", {"id": "Patient.name.family", "min": 1})
    found = check(wanted, patient(name=[{"text": "x"}] * (MOST_FINDINGS + 50)))
    assert len(found) == MOST_FINDINGS


def test_no_finding_repeats_what_was_sent(catalogue, profiles) -> None:
    secret = "191212121212"
    for name in ("vardbro-patient", "vardbro-encounter"):
        (url,) = [url for url in profiles.urls if url.endswith(name)]
        findings = Findings(catalogue)
        kind = profiles.type_of(url)
        resource = {
            "resourceType": kind,
            "identifier": [{"system": secret, "value": secret}],
            "status": secret,
            "class": {"system": secret},
            "extension": [{"url": extension(secret), "valueCode": secret}],
            "generalPractitioner": [{"type": secret}],
        }
        profiles.check(resource, url, kind, findings)
        assert len(findings) > 1
        assert secret not in repr(list(findings))
