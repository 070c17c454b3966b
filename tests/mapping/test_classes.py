"""Encounter.class: what it says, and the leaves on which that depends."""

import pytest

from adapter.fhir.bundle import Node
from adapter.mapping.classes import EMERGENCY, class_code, class_paths, paths_that_decide

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
OTHER = "https://journal.example/klass"
CODE, SYSTEM = "Encounter.class.code", "Encounter.class.system"


@pytest.fixture
def aliases(contexts):
    return contexts().aliases


def encounter(**given):
    resource = {"resourceType": "Encounter"}
    if given:
        resource["class"] = given
    return Node("Encounter", resource, "Encounter", 0)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"system": ACT, "code": "AMB"}, "AMB"),
        ({"code": "AMB"}, "AMB"),
        ({"system": OTHER, "code": "AMB"}, ""),
        ({"system": ACT}, ""),
        ({}, ""),
    ],
)
def test_the_code_is_that_of_the_standards_system_or_of_none(aliases, given, code):
    assert class_code(encounter(**given), aliases) == code


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({"system": ACT, "code": "AMB"}, (CODE, SYSTEM)),
        ({"code": "AMB"}, (CODE,)),
        ({"system": ACT}, (SYSTEM,)),
        ({}, ()),
    ],
)
def test_the_leaves_are_those_that_are_there(given, paths):
    assert class_paths(encounter(**given)) == paths


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({"system": ACT, "code": "EMER"}, (CODE, SYSTEM)),
        ({"code": "EMER"}, (CODE,)),
        ({"system": ACT, "code": "AMB"}, (CODE,)),
        ({"system": OTHER, "code": "EMER"}, (SYSTEM,)),
        ({"system": OTHER, "code": "AMB"}, ()),
    ],
)
def test_it_depends_on_the_leaf_that_differs_else_on_both(aliases, given, paths):
    assert paths_that_decide(encounter(**given), EMERGENCY, aliases) == paths
