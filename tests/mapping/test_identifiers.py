"""The event's id and version."""

import re

import pytest

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle
from adapter.mapping.identifiers import event_id


def test_the_id_has_33_letters_and_digits(contact):
    assert re.fullmatch(r"v[0-9a-z]{32}", contact.map().event.event_id)


def test_the_id_survives_that_the_bundle_is_built_anew(contact):
    first = contact.map().event.event_id
    contact.entries.reverse()
    contact.condition("J189")
    assert contact.map().event.event_id == first


def test_another_sender_with_the_same_number_is_another_contact(contact):
    assert contact.map(name="a").event.event_id != contact.map(name="b").event.event_id


def test_the_same_number_under_another_system_is_another_contact(contact):
    first = contact.map().event.event_id
    contact.encounter["identifier"][0]["system"] = "https://other.example"
    assert contact.map().event.event_id != first


def test_no_identity_number_shows_in_the_id(contact):
    contact.encounter["identifier"][0]["value"] = "191212121212"
    assert "1912" not in contact.map().event.event_id


def test_the_official_identifier_is_used_whatever_the_order(contact):
    official = {"use": "official", "system": "s", "value": "2"}
    contact.encounter["identifier"] = [{"system": "a", "value": "1"}, official]
    assert contact.map().identifier == "s|2"


@pytest.mark.parametrize("use", ["old", "temp"])
def test_old_and_temporary_identifiers_yield_to_others(contact, use):
    contact.encounter["identifier"] = [
        {"use": use, "system": "a", "value": "1"},
        {"system": "b", "value": "2"},
    ]
    assert contact.map().identifier == "b|2"


def test_a_temporary_identifier_does_when_it_is_the_only_one(contact):
    contact.encounter["identifier"] = [{"use": "temp", "system": "a", "value": "1"}]
    assert contact.map().identifier == "a|1"


def test_the_order_of_equal_identifiers_does_not_matter(contact):
    one, other = {"system": "a", "value": "1"}, {"system": "b", "value": "2"}
    contact.encounter["identifier"] = [one, other]
    first = contact.map().event.event_id
    contact.encounter["identifier"] = [other, one]
    assert contact.map().event.event_id == first


def test_without_identifier_a_urn_uuid_is_no_identity(contact, found):
    del contact.encounter["identifier"]
    contact.encounter["id"] = "7"
    assert "CONTACT-NO-IDENTIFIER" in found(contact.map())


def test_without_identifier_the_servers_id_does_with_a_warning(contact, found):
    del contact.encounter["identifier"]
    contact.encounter["id"] = "7"
    contact.entries[4]["fullUrl"] = "https://server.example/Encounter/7"
    mapped = contact.map()
    assert found(mapped) == ["CONTACT-ID-FALLBACK"]
    assert mapped.event.event_id == event_id("default", "|Encounter/7")


def test_without_identifier_and_id_there_is_none(contact, found):
    del contact.encounter["identifier"]
    assert "CONTACT-NO-IDENTIFIER" in found(contact.map())


def test_by_default_the_order_of_arrival_is_the_version(contact):
    contact.encounter["meta"] = {"versionId": "3", "lastUpdated": "2025-03-03T10:00:00Z"}
    assert contact.map().event.version is None


def test_versions_by_last_updated_sort_over_time_zones(contact):
    contact.encounter["meta"] = {"lastUpdated": "2025-03-03T10:00:00+01:00"}
    earlier = contact.map(version_source="lastUpdated").event.version
    contact.encounter["meta"] = {"lastUpdated": "2025-03-03T09:30:00Z"}
    assert earlier < contact.map(version_source="lastUpdated").event.version


def test_version_numbers_sort_as_numbers(contact):
    contact.encounter["meta"] = {"versionId": "9"}
    nine = contact.map(version_source="versionId").event.version
    contact.encounter["meta"] = {"versionId": "10"}
    assert nine < contact.map(version_source="versionId").event.version


def test_a_missing_version_is_told(contact, found):
    mapped = contact.map(version_source="lastUpdated")
    assert mapped.event.version is None
    assert found(mapped) == ["CONTACT-NO-VERSION"]


@pytest.mark.parametrize(
    ("url", "identifier"),
    [
        ("Encounter?identifier=https://journal.example/vk|1", "https://journal.example/vk|1"),
        ("Encounter?identifier=https%3A%2F%2Fjournal.example%2Fvk%7C1", "https://journal.example/vk|1"),
        ("Encounter?identifier=7", "|7"),
        ("Encounter?identifier=urn:x|a\\,b", "urn:x|a,b"),
        ("Encounter/7", "|Encounter/7"),
    ],
)
def test_a_deletion_cancels_the_contact_that_it_names(contact, url, identifier):
    contact.entries[:] = [{"request": {"method": "DELETE", "url": url}}]
    mapped = contact.map()
    assert mapped.event.status == "cancelled"
    assert mapped.identifier == identifier
    assert mapped.event.event_id == event_id("default", identifier)
    assert mapped.entries == {0}


def test_a_deletion_has_the_id_of_the_contact_as_it_was_sent(contact):
    sent = contact.map().event.event_id
    url = "Encounter?identifier=https://journal.example/vk|1"
    contact.entries[:] = [{"request": {"method": "DELETE", "url": url}}]
    assert contact.map().event.event_id == sent


def test_a_deletion_that_shows_the_contact_is_its_cancellation_alone(contact, contexts):
    sent = contact.map().event.event_id
    bundle = contact.bundle()
    entry = next(one for one in bundle["entry"] if one["resource"]["resourceType"] == "Encounter")
    entry["request"] = {"method": "DELETE", "url": "Encounter/7"}
    (cancelled,) = map_bundle(Bundle(bundle), contexts())
    assert (cancelled.event.event_id, cancelled.event.status) == (sent, "cancelled")
    assert cancelled.provenance["event_id"].paths[0].endswith(".identifier[0].value")


@pytest.mark.parametrize(
    "url",
    [
        "Encounter",
        "Encounter/",
        "Encounter/7/_history/1",
        "Encounter/a/b",
        "Encounter/7?identifier=a|b",
        "Encounter?date=2025",
        "Encounter?identifier=",
        "Encounter?identifier=a|",
        "Encounter?identifier=a|b,c|d",
        "Encounter?identifier=a%7Cb%2Cc%7Cd",
        "Encounter?identifier=a|b&status=finished",
        "Encounter?status=finished&identifier=a|b",
        "Encounter?identifier:not=a|b",
        "EncounterFoo?identifier=a|b",
    ],
)
def test_a_deletion_that_names_no_one_contact_is_an_error(contact, found, url):
    contact.entries[:] = [{"request": {"method": "DELETE", "url": url}}]
    assert found(contact.map()) == ["CONTACT-NO-IDENTIFIER"]


def test_deleting_by_id_names_the_event_that_creating_by_id_made(contact, contexts, found):
    """The same fallback both ways: an Encounter without identifier, kept by a server under its id."""
    del contact.encounter["identifier"]
    contact.encounter["id"] = "77"
    entry = next(e for e in contact.entries if e["resource"] is contact.encounter)
    entry["fullUrl"] = "https://journal.example/fhir/Encounter/77"
    created = contact.map()
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": "Encounter/77"}}],
    }
    (deleted,) = map_bundle(Bundle(bundle), contexts())
    assert deleted.event.event_id == created.event.event_id
    assert found(created) == found(deleted) == ["CONTACT-ID-FALLBACK"]


def test_the_use_of_an_only_identifier_decides_nothing(contact):
    contact.encounter["identifier"] = [{"use": "temp", "system": "a", "value": "1"}]
    at = f"{contact.at(contact.encounter)}.identifier"
    assert contact.map().provenance["event_id"].paths == (f"{at}[0].value", f"{at}[0].system")


def test_of_several_identifiers_each_use_took_part_in_the_choice(contact):
    contact.encounter["identifier"] = [
        {"use": "temp", "system": "a", "value": "1"},
        {"use": "official", "system": "b", "value": "2"},
    ]
    at = f"{contact.at(contact.encounter)}.identifier"
    paths = contact.map().provenance["event_id"].paths
    assert {f"{at}[0].use", f"{at}[1].use"} <= set(paths)
    assert f"{at}[0].value" not in paths
