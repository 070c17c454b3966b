"""One identifier on several contacts of a bundle."""

import pytest

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle


def another(contact, **changes):
    elements = {**contact.encounter, "period": {"start": "2025-03-04T10:00:00+01:00"}, **changes}
    del elements["resourceType"]
    return contact.add("Encounter", **elements)


def test_two_contacts_of_one_identifier_are_an_error_on_both_that_names_both(contact):
    other = another(contact)
    places = (contact.at(contact.encounter), contact.at(other))
    mapped = contact.map_all()
    assert len(mapped) == 2
    for one in mapped:
        (finding,) = one.findings
        assert (finding.rule, finding.severity, finding.expression) == ("CONTACT-DUPLICATE", "error", places)


def test_a_group_of_the_same_identifier_as_another_contact_is_an_error_on_all(contact, found):
    contact.group("195009072553")
    another(contact, subject=contact.ref(contact.patient))
    assert [found(one) for one in contact.map_all()] == [["CONTACT-DUPLICATE"]] * 3


def test_a_groups_events_share_their_identifier_and_are_one_contact(contact, found):
    contact.group("195009072553")
    assert [found(one) for one in contact.map_all()] == [[], []]


def test_a_teams_encounters_may_share_their_identifier(contact, found):
    elements = {**contact.encounter, "partOf": contact.ref(contact.encounter)}
    del elements["resourceType"]
    contact.add("Encounter", **elements)
    assert found(contact.map()) == []


@pytest.mark.parametrize(
    "url",
    [
        "Encounter?identifier=https://journal.example/vk|1",
        "/Encounter?identifier=https%3A%2F%2Fjournal.example%2Fvk%7C1",
    ],
)
def test_a_contact_that_is_both_sent_and_deleted_is_an_error(contact, contexts, found, url):
    bundle = contact.bundle()
    bundle["entry"].append({"request": {"method": "DELETE", "url": url}})
    mapped = map_bundle(Bundle(bundle), contexts())
    assert [one.event.status for one in mapped] == ["final", "cancelled"]
    assert [found(one) for one in mapped] == [["CONTACT-DUPLICATE"]] * 2
    place = f"Bundle.entry[{len(bundle['entry']) - 1}].request.url"
    assert mapped[0].findings[0].expression == (contact.at(contact.encounter), place)


def test_two_identifiers_that_clash_are_told_beside_a_group_that_does_not(contact, found):
    contact.group("195009072553")
    system = "https://journal.example/vk"
    two = {"identifier": [{"system": system, "value": "2"}], "subject": contact.ref(contact.patient)}
    another(contact, **two)
    another(contact, **two)
    told = [found(one) for one in contact.map_all()]
    assert told == [[], [], ["CONTACT-DUPLICATE"], ["CONTACT-DUPLICATE"]]
