"""The register keeps events: what may follow what, and what the log says of it."""

import dataclasses
import json

import pytest

from adapter.simulator.gvr import checks


def test_a_created_event_is_given_back_on_request(counter, besok, sokning):
    assert counter.send("POST", besok()).status == 201
    answer = counter.send("GET", query=sokning())
    assert answer.status == 200
    assert json.loads(answer.body) == {**besok(), "makulerad": False}


def test_create_update_and_cancel_are_confirmed_with_the_events_id(counter, besok, sokning):
    answers = [
        counter.send("POST", besok()),
        counter.send("PUT", besok({"akut": "J"})),
        counter.send("DELETE", query=sokning()),
    ]
    assert [(answer.status, json.loads(answer.body)) for answer in answers] == [
        (201, {"handelseId": "kontakt-1", "status": "registrerad"}),
        (200, {"handelseId": "kontakt-1", "status": "rattad"}),
        (200, {"handelseId": "kontakt-1", "status": "makulerad"}),
    ]


def test_an_update_replaces_the_whole_event(counter, besok, sokning):
    counter.send("POST", besok())
    counter.send("PUT", besok({"remittent": None, "tid": "11:00"}))
    held = json.loads(counter.send("GET", query=sokning()).body)
    assert held == {**besok({"remittent": None, "tid": "11:00"}), "makulerad": False}


def test_a_second_create_is_refused_and_changes_nothing(counter, besok, sokning):
    counter.send("POST", besok())
    answer = counter.send("POST", besok({"tid": "11:00"}))
    assert (answer.status, counter.errors(answer)) == (409, [("HANDELSE-FINNS", "handelseId")])
    assert json.loads(counter.send("GET", query=sokning()).body)["tid"] == "10:15"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET"])
def test_an_unknown_event_is_not_found(counter, besok, sokning, method):
    given = {"message": besok()} if method == "PUT" else {"query": sokning()}
    answer = counter.send(method, **given)
    assert (answer.status, counter.errors(answer)) == (404, [("HANDELSE-OKAND", "handelseId")])
    assert counter.gvr.counts() == {"events": 0, "makulerade": 0}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_cancelled_event_can_neither_be_updated_nor_cancelled(counter, besok, sokning, method):
    counter.send("POST", besok())
    counter.send("DELETE", query=sokning())
    given = {"message": besok()} if method == "PUT" else {"query": sokning()}
    answer = counter.send(method, **given)
    assert (answer.status, counter.errors(answer)) == (404, [("HANDELSE-MAKULERAD", "handelseId")])


def test_a_cancelled_event_is_shown_as_makulerad_with_its_last_content(counter, besok, sokning):
    counter.send("POST", besok())
    counter.send("DELETE", query=sokning())
    held = json.loads(counter.send("GET", query=sokning()).body)
    assert held == {**besok(), "makulerad": True}


def test_a_create_after_a_cancel_revives_the_event(counter, besok, sokning):
    counter.send("POST", besok())
    counter.send("DELETE", query=sokning())
    assert counter.send("POST", besok({"akut": "J"})).status == 201
    held = json.loads(counter.send("GET", query=sokning()).body)
    assert held == {**besok({"akut": "J"}), "makulerad": False}


@pytest.mark.parametrize("changes", [{"patientId": "195009072553"}, {"enhet.avd": "003"}])
def test_an_update_that_changes_patient_or_unit_is_refused(counter, besok, changes):
    counter.send("POST", besok())
    answer = counter.send("PUT", besok(changes))
    assert (answer.status, counter.errors(answer)) == (400, [("IDENTITET-ANDRAD", "patientId")])


def test_a_cancel_for_another_patient_is_refused(counter, besok, sokning):
    counter.send("POST", besok())
    answer = counter.send("DELETE", query=sokning({"patientId": "195009072553"}))
    assert (answer.status, counter.errors(answer)) == (400, [("IDENTITET-ANDRAD", "patientId")])
    assert counter.gvr.counts() == {"events": 1, "makulerade": 0}


def test_an_update_may_move_the_date_and_a_cancel_still_finds_the_event(counter, besok, sokning):
    counter.send("POST", besok({"atgarder": None}))
    moved = {"datum": "2025-03-04", "slutdatum": "2025-03-04", "atgarder": None}
    assert counter.send("PUT", besok(moved)).status == 200
    assert counter.send("DELETE", query=sokning()).status == 200


def test_a_look_up_for_another_patient_finds_nothing(counter, besok, sokning):
    counter.send("POST", besok())
    answer = counter.send("GET", query=sokning({"patientId": "195009072553"}))
    assert (answer.status, counter.errors(answer)) == (404, [("HANDELSE-ANNAN", "handelseId")])


def test_another_patient_may_take_over_a_cancelled_event(counter, besok, sokning):
    counter.send("POST", besok())
    counter.send("DELETE", query=sokning())
    assert counter.send("POST", besok({"patientId": "195009072553"})).status == 201


IN, UT = "/vardhandelse/inskrivning", "/vardhandelse/utskrivning"
ADMISSION = {
    "handelseId": "kontakt-1",
    "patientId": "191212121212",
    "enhet": {"inr": "30216", "klin": "311", "avd": "002"},
    "datum": "2025-03-03",
    "akut": "N",
}
DISCHARGE = {
    **{name: value for name, value in ADMISSION.items() if name != "akut"},
    "utskrivningsdatum": "2025-03-07",
}


def _story(counter, besok, sokning):
    """A walk that meets every check against the state; gives (status, first code) of each call."""
    other = {"patientId": "195009072553"}
    steps = [
        counter.send("PUT", besok()),
        counter.send("POST", besok()),
        counter.send("POST", besok()),
        counter.send("GET", query=sokning(other)),
        counter.send("PUT", besok(other)),
        counter.send("DELETE", query=sokning()),
        counter.send("PUT", besok()),
        counter.send("POST", DISCHARGE, path=UT),
        counter.send("POST", ADMISSION, path=IN),
        counter.send("POST", DISCHARGE, path=UT),
        counter.send("DELETE", query=sokning(), path=IN),
    ]
    return [(step.status, json.loads(step.body).get("fel", [{"kod": ""}])[0]["kod"]) for step in steps]


@pytest.mark.parametrize("broken", [check.id for check in checks.STATE_CHECKS])
def test_a_state_check_taken_out_of_the_table_is_noticed(
    settings, counter, besok, sokning, monkeypatch, broken
):
    whole = _story(type(counter)(settings), besok, sokning)
    left = [check for check in checks.STATE_CHECKS if check.id != broken]
    monkeypatch.setattr(checks, "STATE_CHECKS", left)
    try:
        crippled = _story(counter, besok, sokning)
    except (KeyError, AttributeError):
        return  # the register fell over what the check should have kept from it
    assert crippled != whole


def test_the_log_tells_the_order_of_arrival_and_of_effects(counter, besok, sokning):
    counter.send("POST", besok())
    counter.send("POST", besok())
    counter.send("DELETE", query=sokning())
    lines = list(counter.log.lines())
    assert [(line["seq"], line["method"], line["effect"], line["effectSeq"]) for line in lines] == [
        (1, "POST", True, 1),
        (2, "POST", False, None),
        (3, "DELETE", True, 2),
    ]
    assert lines[0]["content"] == lines[1]["content"]
    assert {line["handelseId"] for line in lines} == {"kontakt-1"}


def test_identity_numbers_are_in_the_log_and_the_state_only_in_full(counter, besok, sokning):
    counter.send("POST", besok())
    counter.send("DELETE", query=sokning())
    counter.send("POST", raw=b'{"patientId": "191212121212"')
    shown = json.dumps([list(counter.log.lines()), counter.gvr.state()])
    full = json.dumps([list(counter.log.lines(full=True)), counter.gvr.state(full=True)])
    assert "191212121212" not in shown
    assert full.count("191212121212") == 4


def test_equal_content_has_one_fingerprint_whatever_the_order_of_members(counter, besok):
    message = besok()
    counter.send("POST", message)
    counter.send("POST", dict(reversed(message.items())))
    counter.send("POST", besok({"akut": "J"}))
    first, second, third = (line["content"] for line in counter.log.lines())
    assert first == second != third


def test_without_the_switch_keys_mean_nothing(counter, besok):
    assert counter.send("POST", besok(), key="k1").status == 201
    assert counter.send("POST", besok(), key="k1").status == 409


@pytest.fixture
def keyed(settings, counter):
    return type(counter)(dataclasses.replace(settings, idempotency=True))


def test_a_known_key_gets_the_first_answer_again_without_a_second_effect(keyed, besok):
    first = keyed.send("POST", besok(), key="k1")
    again = keyed.send("POST", besok(), key="k1")
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    assert [(line["effect"], line["replayed"]) for line in keyed.log.lines()] == [
        (True, False),
        (False, True),
    ]


def test_a_key_with_another_body_is_refused(keyed, besok):
    keyed.send("POST", besok(), key="k1")
    answer = keyed.send("POST", besok({"akut": "J"}), key="k1")
    assert (answer.status, keyed.errors(answer)) == (422, [("IDEMPOTENCY-KEY", "")])


def test_a_key_with_another_method_is_refused(keyed, besok):
    keyed.send("POST", besok(), key="k1")
    assert keyed.send("PUT", besok(), key="k1").status == 422


def test_clearing_forgets_events_and_keys(keyed, besok):
    keyed.send("POST", besok(), key="k1")
    keyed.gvr.clear()
    assert keyed.send("POST", besok({"akut": "J"}), key="k1").status == 201
