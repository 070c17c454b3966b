"""PASiS keeps contacts: what may follow what, and what it answers."""

import json

import pytest

from adapter.simulator.settings import Settings


def test_create_update_and_withdrawal_are_confirmed_with_the_contacts_id(pasis, kontakt):
    answers = [pasis.send("POST", kontakt()), pasis.send("PUT", kontakt(tid="11:00")), pasis.send("DELETE")]
    assert [(answer.status, json.loads(answer.body)) for answer in answers] == [
        (201, {"kontaktId": "kontakt-1", "status": "registrerad"}),
        (200, {"kontaktId": "kontakt-1", "status": "rattad"}),
        (200, {"kontaktId": "kontakt-1", "status": "makulerad"}),
    ]
    assert pasis.register.counts() == {"events": 0, "makulerade": 1}


def test_a_look_up_gives_what_is_held_and_nothing_after_the_withdrawal(pasis, kontakt):
    pasis.send("POST", kontakt())
    assert json.loads(pasis.send("GET").body) == kontakt()
    pasis.send("DELETE")
    assert pasis.send("GET").status == 404


def test_a_second_create_is_refused_and_changes_nothing(pasis, kontakt):
    pasis.send("POST", kontakt())
    answer = pasis.send("POST", kontakt(tid="11:00"))
    assert (answer.status, pasis.errors(answer)) == (409, [("KONTAKT-FINNS", "kontaktId")])
    assert json.loads(pasis.send("GET").body)["tid"] == "10:15"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET"])
def test_an_unknown_contact_is_not_found(pasis, kontakt, method):
    answer = pasis.send(method, kontakt() if method == "PUT" else None)
    assert (answer.status, pasis.errors(answer)) == (404, [("KONTAKT-OKAND", "kontaktId")])


def test_after_a_withdrawal_a_create_revives_the_contact(pasis, kontakt):
    pasis.send("POST", kontakt())
    pasis.send("DELETE")
    assert pasis.send("POST", kontakt()).status == 201


def test_patient_and_unit_cannot_be_changed_by_an_update(pasis, kontakt):
    pasis.send("POST", kontakt())
    answer = pasis.send("PUT", kontakt(patientId="195009072553"))
    assert (answer.status, pasis.errors(answer)) == (400, [("IDENTITET-ANDRAD", "patientId")])


def test_the_address_and_the_body_name_the_same_contact(pasis, kontakt):
    answer = pasis.send("POST", kontakt(), at="kontakt-2")
    assert pasis.errors(answer) == [("KONTAKTID-ANNAT", "kontaktId")]


def test_a_withdrawal_takes_no_query(pasis, kontakt):
    pasis.send("POST", kontakt())
    assert pasis.send("DELETE", query="patientId=191212121212").status == 400


def test_an_idempotency_key_is_answered_alike_when_it_is_honoured(pasis, kontakt):
    pasis.register.settings = Settings(idempotency=True, clock=pasis.register.settings.clock)
    first = pasis.send("POST", kontakt(), key="a")
    again = pasis.send("POST", kontakt(), key="a")
    assert (first.status, again.status) == (201, 201)
    assert pasis.send("PUT", kontakt(), key="a").status == 422
