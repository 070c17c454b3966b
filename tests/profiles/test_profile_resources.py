"""The published StructureDefinitions and value sets: valid FHIR, complete, about rules that exist."""

import os
from pathlib import Path

import orjson
import pytest
from fhir.resources.R4B.structuredefinition import StructureDefinition
from fhir.resources.R4B.valueset import ValueSet

from adapter.domain.canonical import BASE
from adapter.fhir.profile.generate import complete, own_files
from adapter.resources import data_folder

PROFILES = data_folder("profiles")
DEFINITIONS = sorted((PROFILES / "structure-definitions").glob("*.json"))
VALUE_SETS = sorted((PROFILES / "value-sets").glob("*.json"))
SHARED = Path(os.environ.get("VARDBRO_SHARED", Path(__file__).parents[3] / "shared"))
R4, SWEDISH = SHARED / "schemas" / "fhir-r4", SHARED / "samples" / "swedish" / "hl7se.fhir.base"


def read(path):
    return orjson.loads(path.read_bytes())


def name(path):
    return path.stem


@pytest.mark.parametrize("path", DEFINITIONS, ids=name)
def test_every_profile_is_valid_fhir(path) -> None:
    resource = read(path)
    StructureDefinition.model_validate(resource)
    assert (resource["id"], resource["url"]) == (path.stem, f"{BASE}/StructureDefinition/{path.stem}")


@pytest.mark.parametrize("path", VALUE_SETS, ids=name)
def test_every_value_set_is_valid_fhir(path) -> None:
    resource = read(path)
    ValueSet.model_validate(resource)
    assert (resource["id"], resource["url"]) == (path.stem, f"{BASE}/ValueSet/{path.stem}")


@pytest.mark.parametrize("path", VALUE_SETS, ids=name)
def test_a_value_set_of_our_own_codes_names_codes_that_its_system_has(path) -> None:
    for include in read(path)["compose"]["include"]:
        if include["system"].startswith(BASE):
            system = read(PROFILES / "code-systems" / f"{include['system'].rpartition('/')[2]}.json")
            known = {concept["code"] for concept in system.get("concept", ())}
            assert {concept["code"] for concept in include.get("concept", ())} <= known


@pytest.mark.parametrize("path", DEFINITIONS, ids=name)
def test_the_snapshot_has_every_element_of_the_differential_and_begins_with_the_type(path) -> None:
    resource = read(path)
    snapshot = [element["id"] for element in resource["snapshot"]["element"]]
    assert {element["id"] for element in resource["differential"]["element"]} <= set(snapshot)
    assert snapshot[0] == resource["type"]
    assert len(set(snapshot)) == len(snapshot)
    for element in resource["snapshot"]["element"]:
        assert {"min", "max", "base"} <= element.keys()
        assert element["id"] == snapshot[0] or element["id"].rpartition(".")[0] in snapshot


@pytest.mark.parametrize("path", DEFINITIONS, ids=name)
def test_a_profile_builds_on_the_swedish_base_profile_where_there_is_one(path) -> None:
    resource = read(path)
    there = {"Patient", "Organization", "PractitionerRole"}
    swedish = f"http://hl7.se/fhir/ig/base/StructureDefinition/SEBase{resource['type']}"
    plain = f"http://hl7.org/fhir/StructureDefinition/{resource['type']}"
    assert resource["baseDefinition"] == (swedish if resource["type"] in there else plain)


@pytest.mark.parametrize("path", DEFINITIONS, ids=name)
def test_everything_that_a_profile_refers_to_below_our_base_is_published(path) -> None:
    urls = {resource.get("url") for resource in map(read, PROFILES.glob("*/*.json"))}
    for element in read(path)["differential"]["element"]:
        named = [element.get("binding", {}).get("valueSet", "")]
        for kind in element.get("type", ()):
            named += [*kind.get("profile", ()), *kind.get("targetProfile", ())]
        assert [url for url in named if url.startswith(BASE) and url not in urls] == []


@pytest.mark.parametrize("path", DEFINITIONS, ids=name)
def test_every_rule_that_a_profile_names_exists(path, catalogue) -> None:
    rows = read(path)["differential"]["element"]
    rules = [row["map"] for element in rows for row in element.get("mapping", ())]
    assert rules
    assert [rule for rule in rules if rule not in catalogue] == []


@pytest.mark.skipif(not R4.is_dir(), reason="HL7's definitions are not here (VARDBRO_SHARED)")
def test_the_committed_snapshots_are_what_would_be_made() -> None:
    made = complete(own_files(PROFILES), R4, SWEDISH)
    stale = [file.name for file, text in made.items() if file.read_text("utf-8") != text]
    assert stale == [], "run `python -m adapter.fhir.profile.generate R4 BASE`"


@pytest.mark.parametrize("path", own_files(PROFILES), ids=name)
def test_every_definition_has_a_snapshot(path) -> None:
    assert read(path)["snapshot"]["element"]
