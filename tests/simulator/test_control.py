"""The controls show and change what the simulator does, and refuse what they do not understand."""

import json

import httpx

from adapter.simulator.server import running
from adapter.simulator.settings import Settings

BESOK = "/gvr/vardhandelse/besok"


def test_the_log_is_given_in_order_and_from_a_number_on(client, besok, sokning):
    client.post(BESOK, json=besok())
    client.get(BESOK, params=sokning())
    client.delete(BESOK, params=sokning())
    whole = client.get("/_control/log").json()["log"]
    assert [(line["seq"], line["method"], line["status"], line["effect"]) for line in whole] == [
        (1, "POST", 201, True),
        (2, "GET", 200, False),
        (3, "DELETE", 200, True),
    ]
    assert client.get("/_control/log", params={"since": 2}).json()["log"] == whole[2:]


def test_identity_numbers_are_shown_only_in_full(client, besok):
    client.post(BESOK, json=besok())
    for path in ("/_control/log", "/_control/state"):
        assert "191212121212" not in client.get(path).text
        assert "191212121212" in client.get(path, params={"full": True}).text


def test_state_and_log_come_as_ndjson_too(client, besok):
    client.post(BESOK, json=besok())
    client.post(BESOK, json=besok({"handelseId": "kontakt-2"}))
    for path, name in (("/_control/log", "log"), ("/_control/state", "events")):
        lines = client.get(path, params={"format": "ndjson"}).text.splitlines()
        assert [json.loads(line) for line in lines] == client.get(path).json()[name]
        assert len(lines) == 2


def test_the_state_has_each_events_history(client, besok, sokning):
    client.post(BESOK, json=besok())
    client.put(BESOK, json=besok({"akut": "J"}))
    client.delete(BESOK, params=sokning())
    state = client.get("/_control/state").json()
    assert state["registers"]["gvr"] == {"events": 0, "makulerade": 1}
    (event,) = state["events"]
    assert [(step["effectSeq"], step["method"]) for step in event["history"]] == [
        (1, "POST"),
        (2, "PUT"),
        (3, "DELETE"),
    ]
    contents = [step["content"] for step in event["history"]]
    assert contents[0] != contents[1] == contents[2]
    assert (event["handelseId"], event["enhet"], event["makulerad"]) == ("kontakt-1", "30216311002", True)


def test_faults_are_listed_with_what_they_did_and_can_be_removed(client, besok):
    number = client.post("/_control/faults", json={"kind": "500", "count": 1}).json()["id"]
    other = client.post("/_control/faults", json={"kind": "throttle"}).json()["id"]
    client.post(BESOK, json=besok())
    first, second = client.get("/_control/faults").json()["faults"]
    assert (first["id"], first["register"], first["seen"], first["struck"]) == (number, "gvr", 1, 1)
    assert (second["id"], second["seen"]) == (other, 0)
    assert client.delete(f"/_control/faults/{other}").status_code == 204
    assert client.delete(f"/_control/faults/{other}").status_code == 404
    assert client.post(BESOK, json=besok()).status_code == 201
    assert client.delete("/_control/faults").status_code == 204
    assert client.get("/_control/faults").json() == {"faults": []}


def test_a_fault_that_is_not_understood_is_refused(client):
    for wrong in (
        {"kind": "nope"},
        {"kind": "500", "cuont": 1},
        {"kind": "500", "match": {"patient": "x"}},
        {"kind": "500", "probability": 2},
        {"kind": "500", "count": 0},
    ):
        assert client.post("/_control/faults", json=wrong).status_code == 422
    assert client.post("/_control/faults", json={"kind": "auth", "register": "okant"}).status_code == 404
    assert client.get("/_control/faults").json() == {"faults": []}


def test_reset_forgets_everything(client, besok):
    client.post(BESOK, json=besok())
    client.post("/_control/faults", json={"kind": "500"})
    assert client.post("/_control/reset").status_code == 204
    assert client.get("/_control/log").json() == {"log": []}
    assert client.get("/_control/state").json()["events"] == []
    assert client.post(BESOK, json=besok()).status_code == 201


def test_idempotency_keys_are_honoured_over_http_when_switched_on(besok):
    with running(Settings(idempotency=True)) as url, httpx.Client(base_url=url) as client:
        answers = [
            client.post(BESOK, json=besok(changes), headers={"Idempotency-Key": "k1"})
            for changes in ({}, {}, {"akut": "J"})
        ]
        assert [answer.status_code for answer in answers] == [201, 201, 422]
        assert answers[1].headers["idempotent-replayed"] == "true"


def test_an_oversized_body_is_refused_without_being_kept(client):
    answer = client.post(BESOK, content=b" " * 3_000_000, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert len(client.get("/_control/log", params={"full": True}).content) < 1_100_000
