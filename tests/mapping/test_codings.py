"""Codings of CodeableConcepts: system, code and where they stand."""

import pytest

from adapter.mapping.codings import Coding, codings_in, codings_of, leaves, leaves_that_decide

ICD = "https://www.icd10.se/"
FOREIGN = "https://journal.example/koder"


@pytest.fixture
def aliases(contexts):
    return contexts().aliases


def test_a_system_has_its_short_name_and_one_that_is_unknown_its_uri(aliases):
    concept = {
        "coding": [
            {"system": ICD, "code": "J189"},
            {"system": FOREIGN, "code": "1"},
            {"system": "bara-ett-ord", "code": "2"},
            {"code": "3"},
            {"system": ICD},
        ]
    }
    found = codings_of(concept, "Condition.code", aliases)
    assert [(one.system, one.code, one.known) for one in found] == [
        ("icd-10-se", "J189", True),
        (FOREIGN, "1", False),
        ("urn:bara-ett-ord", "2", False),
        ("", "3", False),
    ]
    assert found[0].paths == ("Condition.code.coding[0].code", "Condition.code.coding[0].system")
    assert found[3].paths == ("Condition.code.coding[3].code",)


def test_no_concept_has_no_codings(aliases):
    assert codings_of(None, "Condition.code", aliases) == []
    assert codings_of({"text": "lunginflammation"}, "Condition.code", aliases) == []


def test_a_list_of_concepts_numbers_them(aliases):
    concepts = [{"text": "x"}, {"coding": [{"code": "3"}]}]
    assert [one.paths for one in codings_in(concepts, "Encounter.type", aliases)] == [
        ("Encounter.type[1].coding[0].code",)
    ]


def test_what_decides_is_the_leaf_that_differs():
    same, system, code, neither = (
        Coding("kva", "XS012", ("a.code", "a.system")),
        Coding("annat", "XS012", ("b.code", "b.system")),
        Coding("kva", "UX007", ("c.code", "c.system")),
        Coding("annat", "UX007", ("d.code", "d.system")),
    )
    assert leaves_that_decide([same, system, code, neither], "XS012", {"kva"}) == (
        "a.code",
        "a.system",
        "b.system",
        "c.code",
    )
    assert leaves([same, code]) == ("a.code", "a.system", "c.code", "c.system")
