from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from adapter.domain.testpersons import TestPersons
from adapter.errors import ConfigurationError
from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle
from adapter.mapping.guard import load_numbers

HTEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
PATIENT = "195711212893"


def signs(mapped: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.rule, finding.expression) for finding in mapped.tests]


@pytest.fixture
def real(contact):
    """The builder with a patient who is nobody's test person."""
    contact.patient["identifier"][0]["value"] = PATIENT
    return contact


def test_a_test_person_is_told_where_the_number_stands(contact):
    path = contact.at(contact.patient) + ".identifier[0].value"
    assert signs(contact.map()) == [("GUARD-TESTPERSON", (path,))]


def test_it_is_no_finding_of_the_contact_itself(contact, found):
    assert "GUARD-TESTPERSON" not in found(contact.map())


def test_an_ordinary_contact_is_no_test(real):
    assert signs(real.map()) == []


def test_only_the_members_of_a_group_that_are_test_persons_are_told(real):
    real.group("191212121212")
    assert [len(mapped.tests) for mapped in real.map_all()] == [0, 1]


@pytest.mark.parametrize("element", ["security", "tag"])
@pytest.mark.parametrize("resource", ["encounter", "patient"])
def test_a_resource_that_is_marked_as_test_data_is_told(real, resource, element):
    marked = getattr(real, resource)
    marked["meta"] = {element: [{"system": "urn:x", "code": "Y"}, HTEST]}
    assert signs(real.map()) == [("GUARD-TESTDATA", (f"{real.at(marked)}.meta.{element}[1].code",))]


def test_a_bundle_that_is_marked_as_test_data_is_told(real, contexts):
    bundle = {**real.bundle(), "meta": {"tag": [HTEST]}}
    (mapped,) = map_bundle(Bundle(bundle), contexts())
    assert signs(mapped) == [("GUARD-TESTDATA", ("Bundle.meta.tag[0].code",))]


@pytest.mark.parametrize(
    "label",
    [{"code": "HTEST"}, {"system": "urn:x", "code": "HTEST"}, {**HTEST, "code": "TREAT"}],
    ids=["no system", "another system", "another reason"],
)
def test_other_labels_say_nothing(real, label):
    real.encounter["meta"] = {"security": [label]}
    assert signs(real.map()) == []


def test_the_users_lists_decide(real, contexts):
    listed = replace(contexts(), test_persons=TestPersons(numbers=frozenset({PATIENT})))
    (mapped,) = map_bundle(Bundle(real.bundle()), listed)
    assert [finding.rule for finding in mapped.tests] == ["GUARD-TESTPERSON"]


def test_a_list_has_a_number_a_line_with_or_without_a_hyphen(tmp_path: Path):
    path = tmp_path / "list.txt"
    path.write_text("# ours\n19121212-1212\n\n196109732393  # samordningsnummer\n", "utf-8")
    assert load_numbers(path, "guard.test_persons") == {"191212121212", "196109732393"}
    assert load_numbers(None, "guard.test_persons") == frozenset()


def test_a_wrong_line_is_named_by_its_number_and_not_by_what_it_holds(tmp_path: Path):
    path = tmp_path / "list.txt"
    path.write_text("191212121212\n191212121213\n", "utf-8")
    with pytest.raises(ConfigurationError) as error:
        load_numbers(path, "guard.test_persons")
    assert "guard.test_persons, line 2" in str(error.value)
    assert "1912" not in str(error.value)


def test_a_list_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(ConfigurationError, match=r"guard\.real_persons"):
        load_numbers(tmp_path / "none.txt", "guard.real_persons")
