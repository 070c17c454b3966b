"""The FHIR package: what is in it, the same bytes each time, and one setting for its base."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class

from adapter.cli.profiles import MAPPING_FOLDERS, PROFILE_FOLDERS
from adapter.cli.root import run
from adapter.domain.canonical import BASE, base, use_base
from adapter.resources import data_folder

OTHER = "https://fhir.region.example/vardbro"


@pytest.fixture(autouse=True)
def _shipped_base():
    yield
    use_base(BASE)


@pytest.fixture
def package(tmp_path: Path):
    def made(*arguments: str) -> tuple[bytes, dict[str, bytes]]:
        file = tmp_path / "p.tgz"
        assert run(["profiles", "package", "--out", str(file), *arguments]) == 0
        raw = file.read_bytes()
        with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
            return raw, {member.name: tar.extractfile(member).read() for member in tar.getmembers()}

    return made


def test_the_same_content_gives_the_same_bytes(package) -> None:
    first, _ = package()
    again, _ = package()
    assert first == again
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(first))) as tar:
        assert {(m.mtime, m.uid, m.uname, m.mode) for m in tar.getmembers()} == {(499162500, 0, "", 0o644)}


def test_the_manifest_names_what_the_profiles_build_on(package) -> None:
    _, files = package()
    manifest = json.loads(files["package/package.json"])
    assert manifest["name"] == "vardbro.fhir"
    assert manifest["fhirVersions"] == ["4.0.1"]
    assert manifest["canonical"] == BASE
    assert manifest["dependencies"] == {"hl7.fhir.r4.core": "4.0.1", "hl7se.fhir.base": "1.1.0"}


@pytest.mark.parametrize("folder", ["package", "package/example"])
def test_the_index_lists_exactly_the_resources_that_are_there(folder, package) -> None:
    _, files = package()
    index = json.loads(files[f"{folder}/.index.json"])
    there = {
        name.removeprefix(f"{folder}/")
        for name in files
        if name.rpartition("/")[0] == folder and not name.endswith(("/.index.json", "/package.json"))
    }
    assert {entry["filename"] for entry in index["files"]} == there
    for entry in index["files"]:
        resource = json.loads(files[f"{folder}/{entry['filename']}"])
        assert entry["filename"] == f"{resource['resourceType']}-{resource['id']}.json"
        assert entry["resourceType"] == resource["resourceType"]
        assert entry.get("url") == resource.get("url")


def test_every_conformance_resource_and_example_is_in_it_and_valid(package) -> None:
    _, files = package()
    resources = [
        json.loads(raw) for name, raw in files.items() if not name.endswith(("index.json", "package.json"))
    ]
    for resource in resources:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    ids = {(one["resourceType"], one["id"]) for one in resources}
    profiles, mappings = data_folder("profiles"), data_folder("mappings")
    for folder in (*PROFILE_FOLDERS, "examples"):
        for file in (profiles / folder).glob("*.json"):
            one = json.loads(file.read_bytes())
            assert (one["resourceType"], one["id"]) in ids
    for folder in MAPPING_FOLDERS:
        for file in (mappings / folder).glob("*.json"):
            one = json.loads(file.read_bytes())
            assert (one["resourceType"], one["id"]) in ids


def test_another_base_is_everywhere(package, tmp_path) -> None:
    _, files = package("--base", f"{OTHER}/")
    assert base() == OTHER
    assert [name for name, raw in files.items() if b"vardbro.example" in raw] == []
    assert json.loads(files["package/package.json"])["canonical"] == OTHER


def test_the_setting_changes_what_is_read_and_said(tmp_path, capsys) -> None:
    config = tmp_path / "vardbro.toml"
    config.write_text(f'[fhir]\ncanonical = "{OTHER}"\n')
    sample = (data_folder("samples") / "mottagningsbesok-lakare.json").read_text("utf-8")
    own, shipped = tmp_path / "own.json", tmp_path / "shipped.json"
    own.write_text(sample.replace(BASE, OTHER))
    shipped.write_text(sample)

    assert run(["map", "--config", str(config), "--register", "gvr", str(own)]) == 0
    assert json.loads(capsys.readouterr().out)["messages"]
    run(["map", "--config", str(config), "--register", "gvr", str(shipped)])
    assert json.loads(capsys.readouterr().out)["messages"] == []

    patient = {
        "resourceType": "Patient",
        "meta": {"profile": [f"{OTHER}/StructureDefinition/vardbro-patient"]},
    }
    own.write_text(json.dumps(patient))
    assert run(["validate", "--config", str(config), str(own)]) == 1
    coding = json.loads(capsys.readouterr().out)["issue"][0]["details"]["coding"][0]
    assert coding == {"system": f"{OTHER}/CodeSystem/regel", "code": "FHIR-PROFILE-MIN"}


@pytest.mark.parametrize("text", ["x", "ftp://a/b", "https://a/b?c"])
def test_a_base_that_is_no_address_is_refused(text, tmp_path, capsys) -> None:
    assert run(["profiles", "package", "--base", text, "--out", str(tmp_path / "p.tgz")]) == 2
    assert "fhir.canonical" in capsys.readouterr().err
    assert not (tmp_path / "p.tgz").exists()


def test_the_list_names_every_profile(capsys) -> None:
    assert run(["profiles", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    kinds = {one["type"] for one in listed}
    assert {"StructureDefinition", "CodeSystem", "ValueSet", "ConceptMap", "NamingSystem"} <= kinds
    assert f"{BASE}/StructureDefinition/vardbro-encounter" in {one["url"] for one in listed}


def test_check_holds_a_resource_to_its_claim_or_to_the_profile_that_is_named(capsys, tmp_path) -> None:
    folder = data_folder("profiles")
    right, wrong = (
        folder / "examples" / "Patient-tolvan.json",
        folder / "counter-examples" / "patient-utan-nummer.json",
    )
    assert run(["profiles", "check", str(right)]) == 0
    assert run(["profiles", "check", str(right), str(wrong)]) == 1
    capsys.readouterr()
    assert run(["profiles", "check", "--profile", "vardbro-organization", str(right)]) == 1
    assert "FHIR-PROFILE-RESOURCE" in capsys.readouterr().out
    assert run(["profiles", "check", "--profile", "nothing", str(right)]) == 2
    broken = tmp_path / "x.json"
    broken.write_text("{")
    assert run(["profiles", "check", "--profile", "vardbro-patient", str(broken)]) == 1
