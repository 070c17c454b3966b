"""The functions of the invariants say what the FHIRPath expressions in the profiles say."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from fhirpathpy import compile as compile_path
from fhirpathpy.models import models

from adapter.domain.canonical import code_system
from adapter.fhir.profile import systems
from adapter.fhir.profile.invariants import LAWS, rule_of
from adapter.fhir.read import validate_resource
from adapter.resources import data_folder
from tests.fhir.profile.conftest import mutations, read_counters, read_examples

Json = dict[str, Any]
PROFILES = [
    orjson.loads(file.read_bytes())
    for file in sorted((data_folder("profiles") / "structure-definitions").glob("*.json"))
]
CONSTRAINTS = {
    constraint["key"]: (profile["type"], constraint)
    for profile in PROFILES
    for element in profile["differential"]["element"]
    for constraint in element.get("constraint", ())
}
EXAMPLES = list(read_examples().values())
COUNTERS = [counter.resource for counter in read_counters().values()]


def _of_type(resources: list[Json], name: str) -> list[Json]:
    return [resource for resource in resources if resource["resourceType"] == name]


def _by_fhirpath(expression: str) -> Callable[[Json], bool]:
    evaluate = compile_path(expression, models["r4"])
    return lambda resource: evaluate(resource) == [True]


def test_each_invariant_has_a_function_and_a_rule_of_its_own(catalogue) -> None:
    assert set(LAWS) == set(CONSTRAINTS)
    assert {rule_of(key) for key in LAWS} == {
        rule for rule in catalogue if rule.startswith("FHIR-PROFILE-VB-")
    }


@pytest.mark.parametrize("key", LAWS)
def test_rule_and_profile_say_the_same_of_an_invariant(key, catalogue) -> None:
    _, constraint = CONSTRAINTS[key]
    rule = catalogue[rule_of(key)]
    assert (rule.severity, rule.text.en) == (constraint["severity"], constraint["human"])


@pytest.mark.parametrize("key", LAWS)
def test_function_and_expression_agree_on_examples_and_counter_examples(key) -> None:
    kind, constraint = CONSTRAINTS[key]
    holds = _by_fhirpath(constraint["expression"])
    resources = _of_type(EXAMPLES + COUNTERS, kind)

    said = [(LAWS[key](one), holds(one)) for one in resources]

    assert [pair for pair in said if pair[0] != pair[1]] == []
    assert {True, False} == {pair[0] for pair in said}


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in CONSTRAINTS.values()} - {"Bundle"}))
def test_function_and_expression_agree_on_every_sound_mutation(kind, catalogue) -> None:
    laws = {key: _by_fhirpath(row["expression"]) for key, (of, row) in CONSTRAINTS.items() if of == kind}
    count = 0
    for resource in _of_type(EXAMPLES, kind):
        for mutated in mutations(resource):
            if validate_resource(mutated, catalogue):
                continue
            count += 1
            differ = [key for key, holds in laws.items() if LAWS[key](mutated) != holds(mutated)]
            assert differ == [], mutated
    assert count > 20


def test_function_and_expression_agree_on_mutated_bundles(catalogue) -> None:
    laws = {key: _by_fhirpath(row["expression"]) for key, (of, row) in CONSTRAINTS.items() if of == "Bundle"}
    (bundle,) = [one for one in EXAMPLES if one["id"] == "bunt-makulering"]
    for mutated in mutations(bundle):
        if not validate_resource(mutated, catalogue):
            assert [key for key, holds in laws.items() if LAWS[key](mutated) != holds(mutated)] == []


@pytest.mark.parametrize(
    ("names", "known"),
    [
        (
            (
                "personnummer",
                "samordningsnummer",
                "nationellt-reservnummer",
                "lma-nummer",
                "reservnummer-stockholm",
                "reservnummer-vgr",
            ),
            systems.PERSONS,
        ),
        (("hsa-id",), systems.HSA_IDS),
        (("kombika",), systems.KOMBIKAS),
        (("kva",), systems.KVA),
        (
            ("hosp", "sosnyk", "hsa-befattning"),
            [one for one in systems.PROFESSIONS if one not in systems.SNOMED],
        ),
    ],
)
def test_the_spellings_are_those_of_the_alias_table(names, known) -> None:
    assert _spellings(*names) == set(known)


def test_the_spellings_of_diagnoses_are_those_of_the_alias_table() -> None:
    swedish, who = _spellings("icd-10-se"), {"http://hl7.org/fhir/sid/icd-10"}
    assert set(systems.ICD_10) == swedish | who
    assert set(systems.SNOMED) < _spellings("snomed-ct")
    assert set(systems.DIAGNOSES) == set(systems.ICD_10) | set(systems.SNOMED) | _spellings("ksh97-p")


def test_each_expression_names_the_spellings_that_its_function_knows() -> None:
    for key, known in (
        ("vb-pat-1", systems.PERSONS),
        ("vb-org-1", systems.HSA_IDS + systems.KOMBIKAS),
        ("vb-con-2", systems.DIAGNOSES),
        ("vb-con-3", systems.ICD_10),
        ("vb-pro-2", systems.KVA + systems.SNOMED),
        ("vb-pro-4", systems.KVA),
        ("vb-rol-2", (*systems.PROFESSIONS, code_system("gvr-vdg"))),
    ):
        expression = CONSTRAINTS[key][1]["expression"]
        listed = expression.split("system in (")[1].split(")")[0].replace("'", "").split(" | ")
        assert sorted(listed) == sorted(known)


def _spellings(*names: str) -> set[str]:
    found = set()
    for name in names:
        system = orjson.loads((data_folder("mappings") / "naming-systems" / f"{name}.json").read_bytes())
        for one in system["uniqueId"]:
            if one["type"] != "other":
                found.add(f"urn:oid:{one['value']}" if one["type"] == "oid" else one["value"])
    return found
