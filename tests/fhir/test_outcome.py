"""Findings as an OperationOutcome, checked by another implementation of R4."""

import orjson
from fhir.resources.R4B.operationoutcome import OperationOutcome

from adapter.domain.finding import Findings
from adapter.fhir.outcome import operation_outcome
from adapter.fhir.read import validate_resource


def some_findings(catalogue) -> Findings:
    findings = Findings(catalogue)
    findings.add("FHIR-REQUIRED", "Bundle.entry[3].resource.status", element="status", type="Encounter")
    findings.add("FHIR-SIZE", limit="16")
    findings.add("FHIR-MORE", limit="200")
    return findings


def test_each_finding_becomes_an_issue_with_rule_text_and_place(catalogue) -> None:
    outcome = operation_outcome(some_findings(catalogue), catalogue, "en")

    first = outcome["issue"][0]
    assert first["severity"] == "error"
    assert first["code"] == "required"
    assert first["details"]["coding"] == [
        {"system": "https://vardbro.example/fhir/CodeSystem/regel", "code": "FHIR-REQUIRED"}
    ]
    assert first["details"]["text"] == "status is missing, and is mandatory in Encounter."
    assert first["expression"] == ["Bundle.entry[3].resource.status"]
    assert "FHIR-R4, Conformance Rules: Cardinality" in first["diagnostics"]
    assert "data-absent-reason" in first["diagnostics"]
    assert "expression" not in outcome["issue"][1]
    assert outcome["issue"][2]["severity"] == "information"


def test_the_language_is_the_readers(catalogue) -> None:
    issue = operation_outcome(some_findings(catalogue), catalogue, "sv")["issue"][0]

    assert issue["details"]["text"] == "status saknas, och är obligatoriskt i Encounter."
    assert "Källa: FHIR-R4" in issue["diagnostics"]


def test_our_own_reading_is_marked(catalogue) -> None:
    issue = operation_outcome(some_findings(catalogue), catalogue, "en")["issue"][1]

    assert "our reading" in issue["diagnostics"]


def test_no_findings_say_that_all_is_well(catalogue) -> None:
    outcome = operation_outcome([], catalogue, "sv")

    assert [issue["severity"] for issue in outcome["issue"]] == ["information"]


def test_outcomes_are_r4_by_two_implementations(catalogue) -> None:
    for findings in ([], some_findings(catalogue)):
        outcome = operation_outcome(findings, catalogue, "sv")
        OperationOutcome.model_validate_json(orjson.dumps(outcome))
        assert validate_resource(outcome, catalogue) == []


def test_every_rule_of_the_fhir_pack_makes_a_valid_outcome(catalogue) -> None:
    findings = Findings(catalogue)
    for rule in catalogue:
        if rule.startswith("FHIR-"):
            findings.add(rule, "Bundle")

    assert len(findings) > 60
    OperationOutcome.model_validate_json(orjson.dumps(operation_outcome(findings, catalogue, "en")))
