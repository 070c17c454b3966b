"""Ours and two other validators of R4's structure: where they differ, the difference is explained."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapter.fhir.read import validate_resource
from adapter.resources import data_folder
from tests.fhir.differential.engines import ENGINES
from tests.fhir.differential.mutants import mutants

Json = dict[str, Any]
Sign = tuple[str, str, str]
"""Engine, what we do (reject, accept), and our rule or their error."""

FILE = yaml.safe_load(Path(__file__).with_name("disagreements.yaml").read_text("utf-8"))
ENTRIES = [(engine, one) for one in FILE["disagreements"] for engine in one["engines"]]
MUTATED = (
    "Patient-fast-lakarkontakt",
    "Organization-liljeholmen",
    "PractitionerRole-lakare",
    "Condition-pneumoni",
    "Procedure-lakemedel",
    "Encounter-slutenvard",
    "Bundle-bunt-makulering",
)


def differences(resource: Json, catalogue: Any) -> Iterator[Sign]:
    """The signs of every difference between us and another engine on one resource."""
    ours = {one.rule for one in validate_resource(resource, catalogue) if one.severity == "error"}
    for engine, says in ENGINES.items():
        theirs = says(resource)
        if ours and not theirs:
            yield from ((engine, "reject", rule) for rule in ours)
        elif theirs and not ours:
            yield from ((engine, "accept", error) for error in theirs)


def explains(engine: str, entry: Json, sign: Sign) -> bool:
    said, do, text = sign
    if (said, do) != (engine, entry["we"]):
        return False
    return text == entry["sign"] if do == "reject" else re.fullmatch(entry["sign"], text) is not None


def unexplained(signs: Iterable[Sign]) -> set[Sign]:
    return {sign for sign in signs if not any(explains(engine, entry, sign) for engine, entry in ENTRIES)}


@cache
def _signs_of_mutants(name: str) -> frozenset[Sign]:
    from adapter.rules import load_packs  # noqa: PLC0415 - a fixture cannot be cached over tests

    catalogue = load_packs(data_folder("mappings") / "rules").catalogue
    resource = json.loads((data_folder("profiles") / "examples" / f"{name}.json").read_bytes())
    return frozenset(sign for _, changed in mutants(resource) for sign in differences(changed, catalogue))


@pytest.mark.parametrize("name", MUTATED)
def test_every_difference_on_a_mutated_example_is_explained(name: str) -> None:
    assert unexplained(_signs_of_mutants(name)) == set()


def test_every_explanation_is_of_a_difference_that_there_is() -> None:
    seen = {sign for name in MUTATED for sign in _signs_of_mutants(name)}
    stale = [
        (engine, entry["sign"])
        for engine, entry in ENTRIES
        if not any(explains(engine, entry, sign) for sign in seen)
    ]
    assert stale == []


@pytest.mark.parametrize("folder", ["profiles/examples", "profiles/counter-examples", "tests/samples"])
def test_every_difference_on_our_own_resources_is_explained(folder: str, catalogue) -> None:
    root = data_folder("profiles").parent
    files = sorted((root / folder).glob("*.json"))
    assert files
    found = {sign for file in files for sign in differences(json.loads(file.read_bytes()), catalogue)}
    assert unexplained(found) == set()


@pytest.mark.parametrize("folder", ["hl7-r4", "swedish", "synthea", "bulk-ndjson"])
def test_every_difference_on_public_samples_is_explained(folder: str, shared: Path, catalogue) -> None:
    files = sorted((shared / "samples" / folder).rglob("*.*json"))
    assert files
    resources = [
        json.loads(text)
        for file in files
        for text in (
            file.read_text("utf-8").splitlines()[:20]
            if file.suffix == ".ndjson"
            else [file.read_text("utf-8")]
        )
    ]
    signs = {
        sign
        for resource in resources
        if "resourceType" in resource
        for sign in differences(resource, catalogue)
    }
    assert unexplained(signs) == set()


def test_what_no_engine_rejects_nor_we_is_sound(catalogue) -> None:
    """Not all three may sleep: an example with an unknown element is refused by each."""
    resource = json.loads((data_folder("profiles") / "examples" / "Patient-tolvan.json").read_bytes())
    resource["unheardOf"] = "x"
    assert validate_resource(resource, catalogue)
    assert all(says(resource) for says in ENGINES.values())
