"""Ids that are made from a person's number: nobody finds the number behind one by trying them all."""

from hashlib import sha256

import pytest
from msgspec.structs import replace

from adapter.domain.naming_key import NamingKey
from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle
from adapter.offline import fresh_naming_key

SINCE = "https://vardbro.example/fhir/StructureDefinition/fast-lakarkontakt-fran"
NUMBERS = ["191212121212", "195009072553"]
FLK = "urn:vardbro:fast-lakarkontakt"


def plain(*parts: str) -> str:
    """An id as it was made before there was a key: who knows the parts can test a number."""
    return "v" + sha256("\x1f".join(parts).encode()).hexdigest()[:32]


@pytest.fixture
def mapped(contact, contexts):
    """Maps the bundle as it is now, with a key."""

    def map_with(naming: NamingKey):
        return map_bundle(Bundle(contact.bundle()), replace(contexts(), naming=naming))

    return map_with


@pytest.fixture
def ids(mapped):
    """The ids of the bundle's events, with a key."""
    return lambda secret: [one.event.event_id for one in mapped(NamingKey(secret))]


def with_physician(contact):
    item = {**contact.ref(contact.role), "extension": [{"url": SINCE, "valueDate": "2026-02-01"}]}
    contact.patient["generalPractitioner"] = [item]


def identifier(contact):
    found = contact.encounter["identifier"][0]
    return f"{found['system']}|{found['value']}"


def test_the_ids_of_a_groups_members_hang_on_the_key(contact, ids):
    contact.group(NUMBERS[1])
    assert ids(b"one") == ids(b"one")
    assert set(ids(b"one")).isdisjoint(ids(b"other"))


def test_knowing_sender_contact_and_number_is_not_enough_to_find_a_member(contact, ids):
    contact.group(NUMBERS[1])
    guesses = {plain("default", identifier(contact), number) for number in NUMBERS}
    assert guesses.isdisjoint(ids(b"one"))


def test_the_id_of_a_named_physicians_event_hangs_on_the_key(contact, ids):
    with_physician(contact)
    (visit, link), (same_visit, other_link) = ids(b"one"), ids(b"other")
    assert visit == same_visit == plain("default", identifier(contact))
    assert link != other_link
    assert plain("default", FLK, NUMBERS[0]) not in (link, other_link)


def test_a_ledger_that_began_without_a_key_keeps_its_ids(contact, ids):
    with_physician(contact)
    assert ids(b"")[1] == plain("default", FLK, NUMBERS[0])
    contact.patient.pop("generalPractitioner")
    contact.group(NUMBERS[1])
    assert ids(b"") == [plain("default", identifier(contact), number) for number in NUMBERS]


def test_the_id_of_a_contact_with_one_patient_needs_no_key(contact, mapped):
    (one,) = mapped(fresh_naming_key())
    assert one.event.event_id == plain("default", identifier(contact))
    assert "CONTACT-ID-FRESH-KEY" not in {finding.rule for finding in one.findings}


def test_it_is_told_of_each_event_that_its_id_was_made_with_a_key_of_this_run(contact, mapped):
    with_physician(contact)
    contact.group(NUMBERS[1])
    found = [
        [finding.severity for finding in one.findings if finding.rule == "CONTACT-ID-FRESH-KEY"]
        for one in mapped(fresh_naming_key())
    ]
    assert found == [["information"]] * 3


def test_no_two_runs_have_the_same_key():
    assert fresh_naming_key().secret != fresh_naming_key().secret


def test_nothing_is_told_where_the_key_is_the_ledgers(contact, mapped):
    contact.group(NUMBERS[1])
    findings = [finding.rule for one in mapped(NamingKey(b"one")) for finding in one.findings]
    assert "CONTACT-ID-FRESH-KEY" not in findings
