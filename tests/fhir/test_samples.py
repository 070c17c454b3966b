"""Public data: what is R4 passes, what is not is refused; our own samples are as their manifest says."""

import json
from pathlib import Path

import orjson
import pytest

from adapter.fhir.read import read, validate
from adapter.resources import data_folder

BROKEN = {"stu3-form.json", "trasig-struktur.json", "batch-med-ett-fel.json"}


def test_the_published_examples_of_r4_pass(shared: Path, catalogue) -> None:
    files = sorted((shared / "samples" / "hl7-r4").glob("*.json"))

    refused = {file.name: validate(file.read_bytes(), catalogue) for file in files}

    assert len(files) > 30
    assert {name: found for name, found in refused.items() if found} == {}


@pytest.mark.parametrize("name", ["Clemente_Kreiger", "Antonio_Castellanos"])
def test_synthea_transactions_pass(name: str, shared: Path, catalogue) -> None:
    (file,) = (shared / "samples" / "synthea").glob(f"{name}*.json")

    found = read(file.read_bytes(), catalogue)

    assert found.findings == []


def test_bulk_exports_pass(shared: Path, catalogue) -> None:
    files = sorted((shared / "samples" / "bulk-ndjson").glob("*.first40.ndjson"))

    found = [validate(line, catalogue) for file in files for line in file.read_bytes().splitlines()]

    assert len(found) > 200
    assert not any(found)


def test_swedish_base_profile_examples_pass(shared: Path, catalogue) -> None:
    folder = shared / "samples" / "swedish" / "hl7se.fhir.base"
    files = [*folder.glob("Patient-*"), *folder.glob("Pract*-*"), *folder.glob("Organization-*")]

    assert len(files) == 12
    assert not any(validate(file.read_bytes(), catalogue) for file in files)


def test_a_bundle_of_stu3_is_told_so(shared: Path, catalogue) -> None:
    file = shared / "samples" / "synthea" / "google-fhir-go-jsonformat-synthea.bundle.json"

    found = read(file.read_bytes(), catalogue)

    assert "FHIR-STU3" in {item.rule for item in found.findings}


def test_encounters_with_a_status_of_r5_are_refused(shared: Path, catalogue) -> None:
    folder = shared / "samples" / "swedish" / "hds-hackathon"
    files = [
        file for file in folder.glob("Encounter-*") if json.loads(file.read_bytes())["status"] == "completed"
    ]

    assert files
    for file in files:
        found = validate(file.read_bytes(), catalogue)
        assert ("FHIR-CODE", ("Encounter.status",)) in {(item.rule, item.expression) for item in found}


@pytest.mark.parametrize("file", sorted(data_folder("samples").glob("*.json")), ids=lambda file: file.name)
def test_our_samples_are_sound_but_for_those_made_to_fail(file: Path, catalogue) -> None:
    found = read(file.read_bytes(), catalogue)

    assert bool(found.findings) == (file.name in BROKEN - {"batch-med-ett-fel.json"})
    assert found.bundle is not None
    assert orjson.loads(file.read_bytes()) == found.bundle.raw
