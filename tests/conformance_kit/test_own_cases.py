"""The cases that ship with the program: each passes, has a cell of its own, and says where it comes from."""

import re
from collections import Counter
from pathlib import Path

import jsonschema
import msgspec
import pytest
import yaml

from adapter.conformance.loading import Kit
from adapter.conformance.own import own_kit
from adapter.conformance.running import CaseResult, run_kit
from adapter.resources import data_folder
from adapter.rules import load_packs

ROOT = Path(__file__).parents[2]
CASES = own_kit().cases
_PUBLIC = {
    "191212121212", "191212121213", "195009072553", "196101182803", "200001252386", "196109732393",
    "991981000010", "191213121211",
}  # fmt: skip
"""Public test persons, and what two cases make of the first: a wrong check digit, a month that is none."""


@pytest.fixture(scope="module")
def results(kit: Kit, recorded) -> dict[str, CaseResult]:
    return {one.case.id: one for one in run_kit(kit, recorded).cases}


@pytest.mark.parametrize("name", [case.id for case in CASES])
def test_the_case_comes_out_as_expected(name: str, results: dict[str, CaseResult]) -> None:
    assert [text.en for text in results[name].complaints] == []
    assert results[name].verdict == "passed"


def test_there_are_at_least_150_and_each_stands_in_a_cell_of_its_own() -> None:
    assert len(CASES) >= 150
    assert [cell for cell, count in Counter(case.cell for case in CASES).items() if count > 1] == []


def test_every_case_says_more_than_whether_the_bundle_is_taken() -> None:
    thin = [
        case.id
        for case in CASES
        if not any(
            step.expect.messages is not None
            or step.expect.findings
            or step.expect.not_reported
            or step.expect.absent
            for step in case.steps
        )
    ]
    assert thin == []


def test_every_case_comes_from_a_document_that_is_listed_and_is_named_by_it() -> None:
    sources = (ROOT / "docs" / "reference" / "sources.md").read_text("utf-8")
    for case in CASES:
        assert f"| {case.origin.document} |" in sources, case.id
        assert f"{case.origin.document.lower()}." in case.id
        assert case.origin.section


def test_what_is_refused_names_an_error_that_refuses_it() -> None:
    catalogue = load_packs(data_folder("mappings") / "rules").catalogue
    for case in CASES:
        for step in case.steps:
            rules = [one.rule for one in step.expect.findings or ()]
            if step.expect.outcome == "refused":
                assert "error" in [catalogue[rule].severity for rule in rules], case.id


def test_every_rule_of_a_cell_exists() -> None:
    catalogue = load_packs(data_folder("mappings") / "rules").catalogue
    named = {
        rule
        for case in CASES
        for rule in (case.cell.rule, *(rule for s in case.steps for rule in s.expect.absent))
    }
    assert named - catalogue.keys() == set()


def test_every_input_is_used_by_one_case(kit: Kit) -> None:
    used = Counter(step.input for case in CASES for step in case.steps)
    there = {f"inputs/{file.name}" for file in (kit.folder / "inputs").iterdir()}
    assert used.keys() == there
    assert max(used.values()) == 1


def test_the_inputs_hold_no_identity_numbers_but_public_test_persons(kit: Kit) -> None:
    found = set()
    for file in (kit.folder / "inputs").iterdir():
        found |= set(re.findall(r"(?<![0-9.])[0-9]{12}(?![0-9.])", file.read_text("utf-8", "replace")))
    assert found <= _PUBLIC | {"000000000001"}


def test_no_two_messages_share_an_id(kit: Kit) -> None:
    """A receiver takes the second for the first one sent again."""
    found: Counter[str] = Counter()
    for case in CASES:
        for step in case.steps:
            text = kit.input(step.input).decode("utf-8", "replace")
            if '"MessageHeader"' in text:
                found.update(re.findall(r'"resourceType": ?"MessageHeader", ?"id": ?"([^"]+)"', text))
    assert [one for one, count in found.items() if count > 1] == []
    assert len(found) >= 3


def test_no_two_contacts_of_different_cases_share_an_identifier(kit: Kit) -> None:
    owners: dict[str, str] = {}
    for case in CASES:
        for step in case.steps:
            text = kit.input(step.input).decode("utf-8", "replace")
            for value in re.findall(r'journal\.example/vardkontakt", ?"value": ?"([^"]+)"', text):
                assert owners.setdefault(value, case.id) == case.id


@pytest.mark.parametrize(
    "file", sorted((ROOT / "tests" / "conformance").glob("*.yaml")), ids=lambda file: file.name
)
def test_the_files_are_valid_against_the_published_schema(file: Path) -> None:
    schema = msgspec.json.decode(
        (data_folder("profiles") / "conformance" / "manifest.schema.json").read_bytes()
    )
    if file.name != "manifest.yaml":
        schema = {"$ref": "#/$defs/Part", "$defs": schema["$defs"]}
    content = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)
    checker = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in checker.iter_errors(_typed(content))] == []


def _typed(value):
    if isinstance(value, dict):
        return {name: 1 if name == "conformance" else _typed(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_typed(one) for one in value]
    return {"true": True, "false": False, "null": None}.get(value, value)
