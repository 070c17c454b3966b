"""The profession of staff who sent none: by a KVÅ code of profession that they performed."""

import pytest

PHYSICIAN, DIETIST, OTHER, CALL = "XS915", "XS912", "XS922", "XS012"


@pytest.fixture
def nameless(contact):
    """A contact whose only participant has no profession."""
    contact.role["code"] = []
    return contact


def performed(contact, code, role=None, **elements):
    """A Procedure that the participant carried out."""
    actor = contact.ref(contact.role if role is None else role)
    return contact.procedure(code, performer=[{"actor": actor}], **elements)


def professions(mapped):
    return [(one.system, one.kod) for person in mapped.event.personal for one in person.yrken]


@pytest.mark.parametrize("code", [PHYSICIAN, DIETIST, OTHER])
def test_who_performed_a_code_of_profession_has_it(nameless, code):
    action = performed(nameless, code)
    mapped = nameless.map()
    assert professions(mapped) == [("kva", code)]
    origin = mapped.provenance["personal[0].yrken[0].kod"]
    assert "STAFF-BY-ATGARD" in origin.by
    assert {f"{nameless.at(action)}.performer[0].actor.reference", f"{nameless.at(action)}.status"} <= set(
        origin.paths
    )


def test_who_sent_a_profession_keeps_that_alone(contact):
    performed(contact, DIETIST)
    assert professions(contact.map()) == [("hosp", "LK")]


def test_beside_one_who_sent_a_profession_the_other_gets_theirs(contact):
    nurse = contact.staff("SE2321000016-C1")
    nurse["code"] = []
    performed(contact, DIETIST, nurse)
    performed(contact, DIETIST)
    assert professions(contact.map()) == [("hosp", "LK"), ("kva", DIETIST)]


def test_an_action_that_is_no_code_of_profession_gives_none(nameless):
    performed(nameless, CALL)
    assert professions(nameless.map()) == []


def test_what_was_not_carried_out_gives_no_profession(nameless):
    performed(nameless, DIETIST, status="not-done")
    assert professions(nameless.map()) == []


def test_a_performer_who_is_no_participant_gives_nobody_a_profession(nameless):
    stranger = nameless.add("PractitionerRole")
    performed(nameless, DIETIST, stranger)
    assert professions(nameless.map()) == []
