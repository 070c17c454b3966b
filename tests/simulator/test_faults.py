"""Each kind of fault does on a real socket what its name says, and to the register's state too."""

import time

import httpx
import pytest

from adapter.simulator.faults import Fault, FaultTable, Kind
from adapter.simulator.play import ANSWERS, WITHOUT_EFFECT

BESOK = "/gvr/vardhandelse/besok"

# kind, status, whether the call takes effect
ANSWERED = [
    (Kind.LATENCY, 201, True),
    (Kind.THROTTLE, 429, False),
    (Kind.ERROR_500, 500, False),
    (Kind.ERROR_502, 502, True),
    (Kind.ERROR_503, 503, False),
    (Kind.ERROR_503_AFTER, 503, True),
    (Kind.REJECT, 400, False),
    (Kind.MALFORMED_GARBAGE, 200, True),
    (Kind.MALFORMED_HTML, 200, True),
    (Kind.MALFORMED_WRONG_ID, 201, True),
    (Kind.EMPTY_200, 200, True),
    (Kind.ERROR_BODY_200, 200, False),
    (Kind.AUTH, 401, False),
    (Kind.FORBIDDEN_UNIT, 403, False),
    (Kind.DUPLICATE, 409, True),
]
# kind, the client's exception, whether the call takes effect
BROKEN = [
    (Kind.TIMEOUT_BEFORE, "ReadTimeout", False),
    (Kind.TIMEOUT_AFTER, "ReadTimeout", True),
    (Kind.RESET_BEFORE, "ReadError", False),
    (Kind.RESET_AFTER, "ReadError", True),
    (Kind.MALFORMED_TRUNCATED, "RemoteProtocolError", True),
    (Kind.MALFORMED_HTTP, "RemoteProtocolError", True),
]


def set_fault(client, **fault):
    answer = client.post("/_control/faults", json=fault)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def count(client):
    return client.get("/_control/state").json()["registers"]["gvr"]["events"]


def log(client):
    return client.get("/_control/log").json()["log"]


def test_every_kind_is_tried_on_the_wire():
    tried = {kind for kind, *_ in [*ANSWERED, *BROKEN]} | {Kind.TLS_FAILURE}
    assert tried == set(Kind)


@pytest.mark.parametrize(("kind", "status", "effect"), ANSWERED)
def test_an_answered_fault(client, besok, kind, status, effect):
    set_fault(client, kind=kind, count=1)
    assert client.post(BESOK, json=besok()).status_code == status
    assert count(client) == int(effect)
    assert {line["fault"] for line in log(client)} == {kind}
    after = client.post(BESOK, json=besok()).status_code
    assert after == (409 if effect else 201)


@pytest.mark.parametrize(("kind", "exception", "effect"), BROKEN)
def test_a_fault_that_breaks_the_exchange(client, besok, kind, exception, effect):
    set_fault(client, kind=kind, count=1)
    with pytest.raises(httpx.TransportError) as raised:
        client.post(BESOK, json=besok(), timeout=0.15)
    assert type(raised.value).__name__ == exception
    assert count(client) == int(effect)
    assert log(client)[0]["status"] is None
    assert client.post(BESOK, json=besok()).status_code == (409 if effect else 201)


def test_a_reset_is_a_reset_and_no_mere_end_of_the_stream(client, besok):
    set_fault(client, kind="reset-before-effect", count=1)
    with pytest.raises(httpx.TransportError, match="reset by peer"):
        client.post(BESOK, json=besok())


def test_a_call_held_by_latency_takes_effect_after_the_caller_has_left(client, besok):
    set_fault(client, kind="latency", seconds=0.2, count=1)
    with pytest.raises(httpx.TransportError, match="timed out"):
        client.post(BESOK, json=besok(), timeout=0.05)
    assert count(client) == 0
    for _ in range(100):
        if count(client):
            return
        time.sleep(0.02)
    raise AssertionError("the late effect never came")


def test_a_silent_register_hangs_up_after_its_seconds(client, besok):
    set_fault(client, kind="timeout-before-effect", seconds=0.05, count=1)
    with pytest.raises(httpx.TransportError, match="disconnected without sending"):
        client.post(BESOK, json=besok(), timeout=5)


def test_a_duplicate_is_logged_twice_and_takes_effect_once(client, besok):
    set_fault(client, kind="duplicate", count=1)
    client.post(BESOK, json=besok())
    assert [line["effect"] for line in log(client)] == [True, False]


def test_throttling_says_how_long_to_wait(client, besok):
    set_fault(client, kind="throttle", retry_after=7, count=1)
    assert client.post(BESOK, json=besok()).headers["retry-after"] == "7"
    set_fault(client, kind="503", retry_after=3, count=1)
    assert client.post(BESOK, json=besok()).headers["retry-after"] == "3"
    set_fault(client, kind="503", count=1)
    assert "retry-after" not in client.post(BESOK, json=besok()).headers


@pytest.mark.parametrize(("kind", "status"), [("reject", 400), ("error-body-200", 200)])
def test_a_rejection_carries_the_reason_that_was_asked_for(client, besok, kind, status):
    set_fault(client, kind=kind, kod="K17", falt="taxa", text="Taxan är inte avtalad.", count=1)
    answer = client.post(BESOK, json=besok())
    assert answer.status_code == status
    assert answer.json() == {"fel": [{"kod": "K17", "falt": "taxa", "text": "Taxan är inte avtalad."}]}


def test_a_confirmation_of_another_event(client, besok):
    set_fault(client, kind="malformed-wrong-id", count=1)
    assert client.post(BESOK, json=besok()).json() == {
        "handelseId": "annan-handelse",
        "status": "registrerad",
    }


def test_the_effect_can_be_chosen_against_the_kinds_habit(client, besok):
    set_fault(client, kind="500", effect=True, count=1)
    assert client.post(BESOK, json=besok()).status_code == 500
    assert count(client) == 1


def test_a_fault_concerns_writes_unless_look_ups_are_named(client, besok, sokning):
    client.post(BESOK, json=besok())
    set_fault(client, kind="500")
    assert client.get(BESOK, params=sokning()).status_code == 200
    set_fault(client, kind="503", match={"method": "GET"})
    assert client.get(BESOK, params=sokning()).status_code == 503


def test_a_fault_can_be_meant_for_some_events_and_units(client, besok):
    set_fault(client, kind="500", match={"handelseId": "trasig-"})
    set_fault(client, kind="forbidden-unit", match={"enhet": "30216399"})
    assert client.post(BESOK, json=besok()).status_code == 201
    assert client.post(BESOK, json=besok({"handelseId": "trasig-1"})).status_code == 500
    away = {"handelseId": "kontakt-2", "enhet.klin": "399"}
    assert client.post(BESOK, json=besok(away)).status_code == 403


def test_a_fault_can_wait_for_the_nth_call(client, besok):
    set_fault(client, kind="500", match={"nth": 2})
    statuses = [client.put(BESOK, json=besok()).status_code for _ in range(3)]
    assert statuses == [404, 500, 404]


def test_chance_comes_from_the_seed():
    def strikes(seed):
        table = FaultTable()
        table.add(Fault(kind=Kind.ERROR_500, probability=0.5, seed=seed))
        return [table.for_call("gvr", "POST", "a", "") is not None for _ in range(200)]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 60 < sum(strikes(1)) < 140


def test_the_first_fault_that_strikes_is_played_and_then_the_next():
    table = FaultTable()
    table.add(Fault(kind=Kind.ERROR_500, count=1))
    table.add(Fault(kind=Kind.THROTTLE, count=2))
    struck = [table.for_call("gvr", "POST", "a", "") for _ in range(4)]
    assert [fault.kind if fault else None for fault in struck] == ["500", "throttle", "throttle", None]


def test_faults_of_another_register_are_none_of_this_ones():
    table = FaultTable()
    table.add(Fault(kind=Kind.ERROR_500, register="pasis"))
    assert table.for_call("gvr", "POST", "a", "") is None


def test_kinds_without_effect_answer_or_cut_and_never_show_the_registers_answer():
    unanswered = {Kind.TIMEOUT_BEFORE, Kind.RESET_BEFORE}
    assert WITHOUT_EFFECT - unanswered <= ANSWERS.keys()
