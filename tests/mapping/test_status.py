"""Encounter.status as the event's status."""

import pytest


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("finished", "final"),
        ("cancelled", "cancelled"),
        ("entered-in-error", "cancelled"),
        ("planned", "pending"),
        ("arrived", "pending"),
        ("triaged", "pending"),
        ("in-progress", "pending"),
        ("onleave", "pending"),
        ("unknown", "pending"),
    ],
)
def test_the_status_follows_the_encounter(contact, sent, status):
    contact.encounter["status"] = sent
    assert contact.map().event.status == status


def test_a_missing_status_is_not_reported_yet(contact):
    del contact.encounter["status"]
    assert contact.map().event.status == "pending"


@pytest.mark.parametrize("code", ["IMP", "ACUTE", "NONAC"])
def test_an_admission_is_reported_while_the_stay_is_in_progress(contact, code):
    contact.encounter["status"] = "in-progress"
    contact.encounter["class"]["code"] = code
    event = contact.map().event
    assert (event.kind, event.status) == ("vardtillfalle", "final")


def test_a_planned_admission_is_not_reported(contact):
    contact.encounter["status"] = "planned"
    contact.encounter["class"]["code"] = "IMP"
    assert contact.map().event.status == "pending"


@pytest.mark.parametrize(("status", "matters"), [("in-progress", True), ("finished", False)])
def test_the_class_took_part_only_while_the_contact_is_in_progress(contact, status, matters):
    contact.encounter["status"] = status
    at = contact.at(contact.encounter)
    paths = contact.map().provenance["status"].paths
    assert paths[0] == f"{at}.status"
    assert (f"{at}.class.code" in paths) is matters
