"""Reading as a whole: which entries are bad, what is kept, and resources that stand alone."""

import re
from pathlib import Path

import orjson
import pytest

import adapter.fhir
from adapter.fhir.read import read, validate, validate_resource


def test_a_flaw_spoils_its_own_entry_only(bundle, change, reading) -> None:
    change(bundle, "entry[3].resource.status", "completed")
    change(bundle, "entry[5].resource.subject", {"reference": "Organization/1"})

    found = reading(bundle)

    assert found.bad_entries == {3, 5}
    assert found.bundle is not None
    assert len(found.bundle.of_type("Encounter")) == 1


def test_a_flaw_of_the_bundle_spoils_no_entry(bundle, reading) -> None:
    bundle["timestamp"] = "today"

    found = reading(bundle)

    assert found.bad_entries == frozenset()
    assert [item.expression for item in found.findings] == [("Bundle.timestamp",)]


def test_all_problems_of_a_bundle_are_told_at_once(bundle, change, reading) -> None:
    change(bundle, "entry[3].resource.status", "completed")
    change(bundle, "entry[3].resource.period", {"start": "2026-13-01"})
    change(bundle, "entry[4].resource.subject", ...)

    assert {item.rule for item in reading(bundle).findings} == {"FHIR-CODE", "FHIR-FORMAT", "FHIR-REQUIRED"}


def test_a_sound_and_a_spoiled_bundle_are_read_alike_again_and_again(bundle, change, reading) -> None:
    before = reading(bundle).findings
    change(bundle, "entry[3].resource.status", "completed")
    spoiled = reading(bundle).findings
    change(bundle, "entry[3].resource.status", "finished")

    assert (reading(bundle).findings, len(spoiled)) == (before, 1)


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ({"resourceType": "Encounter", "class": {"code": "AMB"}}, "Encounter.status"),
        ({"resourceType": "Patient", "birthDate": "x"}, "Patient.birthDate"),
        ({"resourceType": "Claim", "item": []}, "Claim.item"),
        ({"resourceType": "Bundle", "type": "collection", "entry": [{"id": 1}]}, "Bundle.entry[0].id"),
        (
            {"resourceType": "Parameters", "parameter": [{"name": "x", "resource": {}}]},
            "Parameters.parameter[0].resource",
        ),
        ({"resourceType": "Nobody"}, "Resource"),
        ({}, "Resource"),
    ],
)
def test_a_resource_that_stands_alone_has_paths_from_its_type(resource, path: str, catalogue) -> None:
    assert path in {item.expression[0] for item in validate_resource(resource, catalogue)}


def test_a_bundle_within_a_bundle_is_validated_too(catalogue) -> None:
    inner = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": {"resourceType": "Patient"}, "request": {"method": "GET", "url": "x"}}],
    }
    outer = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inner}]}

    assert [item.expression for item in validate_resource(outer, catalogue)] == [
        ("Bundle.entry[0].resource.entry[0].request",)
    ]


def test_validate_takes_bytes_of_any_resource(catalogue) -> None:
    assert validate(b'{"resourceType":"Patient","gender":"male"}', catalogue) == []
    assert [item.rule for item in validate(b'{"resourceType":"Patient","id":"1","id":"2"}', catalogue)] == [
        "FHIR-DUPLICATE-KEY"
    ]
    assert [item.rule for item in validate(b"{", catalogue)] == ["FHIR-JSON"]


def test_every_rule_that_the_reader_applies_is_in_the_catalogue_and_the_other_way_round(catalogue) -> None:
    source = "".join(file.read_text() for file in Path(adapter.fhir.__file__).parent.rglob("*.py"))

    applied = set(re.findall(r'"(FHIR-[A-Z0-9-]+)"', source))

    # others apply rules of FHIR, too: the mapping, and the doors of the operations
    ours = {rule for rule, one in catalogue.items() if (one.checked_by or "").startswith("adapter.fhir")}
    # the invariants of profiles make their rule's id from their key: tests/fhir/profile/test_invariants
    of_invariants = {rule for rule in catalogue if rule.startswith("FHIR-PROFILE-VB-")}
    expected = {rule for rule in ours if rule.startswith("FHIR-")} - of_invariants
    assert applied == expected


def test_the_same_bytes_give_the_same_findings(bundle, change, catalogue) -> None:
    change(bundle, "entry[3].resource.status", "completed")
    raw = orjson.dumps(bundle)

    assert read(raw, catalogue).findings == read(raw, catalogue).findings


def test_a_bundle_of_very_many_entries_is_refused_before_it_is_walked(catalogue):
    raw = b'{"resourceType":"Bundle","type":"batch","entry":[' + b",".join([b"{}"] * 20_001) + b"]}"
    reading = read(raw, catalogue)
    assert (reading.bundle, reading.status) == (None, 413)
    assert [finding.rule for finding in reading.findings] == ["FHIR-ENTRIES"]


def test_the_walk_ends_when_enough_errors_are_told_and_what_is_left_counts_as_bad(catalogue):
    raw = b'{"resourceType":"Bundle","type":"batch","entry":[' + b",".join([b"{}"] * 500) + b"]}"
    reading = read(raw, catalogue)
    assert len(reading.bad_entries) == 500
    assert len(reading.findings) == 201
    assert reading.findings[-1].rule == "FHIR-MORE"
