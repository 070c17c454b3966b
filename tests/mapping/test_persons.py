"""Who one of the staff is, whatever resource names the person."""

import pytest

from adapter.fhir.bundle import Bundle
from adapter.mapping.persons import person_key

HSA = "urn:oid:1.2.752.29.4.19"
OWN = {"system": HSA, "value": "SE2321000016-AB12"}
ABSENT = {"system": HSA, "value": "SE2321000016-ZZ99"}


def key(contact, contexts, reference):
    bundle = Bundle(contact.bundle())
    return person_key(bundle, contexts().aliases, reference, bundle.of_type("Encounter")[0])


def test_a_role_leads_to_the_hsa_id_of_its_practitioner(contact, contexts):
    found, paths = key(contact, contexts, contact.ref(contact.role))
    assert found == "SE2321000016-AB12"
    assert paths == (
        f"{contact.at(contact.role)}.practitioner.reference",
        f"{contact.at(contact.practitioner)}.identifier[0].value",
    )


def test_the_practitioner_alone_is_the_same_person(contact, contexts):
    found, paths = key(contact, contexts, contact.ref(contact.practitioner))
    assert found == "SE2321000016-AB12"
    assert paths == (f"{contact.at(contact.practitioner)}.identifier[0].value",)


def test_the_roles_own_hsa_id_counts_where_the_practitioner_has_none(contact, contexts):
    del contact.practitioner["identifier"]
    contact.role["identifier"] = [{"system": "urn:x", "value": "7"}, OWN]
    found, paths = key(contact, contexts, contact.ref(contact.role))
    assert found == "SE2321000016-AB12"
    assert paths[1:] == tuple(f"{contact.at(contact.role)}.identifier[{at}].value" for at in (0, 1))


def test_a_role_may_name_its_practitioner_by_hsa_id(contact, contexts):
    contact.role["practitioner"] = {"identifier": ABSENT}
    found, paths = key(contact, contexts, contact.ref(contact.role))
    assert found == "SE2321000016-ZZ99"
    at = f"{contact.at(contact.role)}.practitioner.identifier"
    assert paths == (f"{at}.value", f"{at}.system")


def test_an_hsa_id_in_place_of_a_resource_is_the_person(contact, contexts):
    assert key(contact, contexts, {"identifier": ABSENT}) == ("SE2321000016-ZZ99", ())


@pytest.mark.parametrize("value", ["", "inget-hsa-id"])
def test_what_is_no_hsa_id_names_the_resource(contact, contexts, value):
    contact.practitioner["identifier"] = [{"system": HSA, "value": value}]
    found, paths = key(contact, contexts, contact.ref(contact.role))
    assert found == contact.at(contact.practitioner)
    assert paths == (f"{contact.at(contact.role)}.practitioner.reference",)


def test_the_same_number_of_another_system_is_no_hsa_id(contact, contexts):
    contact.practitioner["identifier"] = [{"system": "urn:x", "value": "SE2321000016-AB12"}]
    found, _ = key(contact, contexts, contact.ref(contact.practitioner))
    assert found == contact.at(contact.practitioner)


def test_equal_targets_that_nobody_knows_are_equal_and_others_are_not(contact, contexts):
    first, same, other = (
        key(contact, contexts, {"reference": f"https://x.example/fhir/Practitioner/{number}"})[0]
        for number in (1, 1, 2)
    )
    assert first == same != other
