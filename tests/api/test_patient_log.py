"""A patient's log: every look, change and delivery of the patient's contacts, and of nobody else's."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from adapter.composition import Application
from adapter.config import Config
from adapter.resources import data_folder

Json = dict[str, Any]
OPERATOR = {"authorization": "Bearer 0123456789abcdef"}
TRUSTED = {"authorization": "Bearer fedcba9876543210"}
ONE, OTHER, THIRD = "191212121212", "195009072553", "196101182803"


@pytest.fixture(params=["sqlite", "postgres"])
async def application(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Application]:
    if request.param == "postgres":
        from tests.support.stores import new_database  # noqa: PLC0415 - starts a server

        url = new_database()
    else:
        url = f"sqlite:///{tmp_path}/ledger.db"
    config = Config(
        ledger={"url": url, "key_file": tmp_path / "key"},
        registers={"gvr": {"url": "http://127.0.0.1:9"}},
        operations={"token": "0123456789abcdef", "protected_token": "fedcba9876543210"},
    )
    made = Application.build(config)
    yield made
    await made.stop()


@pytest.fixture
async def client(application: Application) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application.create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client


async def sent(client: httpx.AsyncClient, sample: str, old: str = "", new: str = "") -> str:
    raw = (data_folder("samples") / f"{sample}.json").read_text("utf-8").replace(old, new)
    answer = await client.post("/fhir", content=raw, headers={"content-type": "application/fhir+json"})
    assert answer.status_code in (200, 400, 422), answer.text
    found = re.search(r"v[0-9a-f]{32}", answer.text)
    return found[0] if found else ""


async def log(client: httpx.AsyncClient, number: str, headers: Json = OPERATOR, actor: str = "anna") -> Json:
    asked = {"number": number, "actor": actor, "reason": "the patient asks"}
    answer = await client.post("/api/patient-log", json=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: Json = answer.json()
    return found


def told(found: Json) -> list[tuple[str, str]]:
    return [(entry["what"], entry["who"]) for entry in found["entries"]]


async def test_the_log_tells_who_sent_who_looked_and_what_became_of_it(client: httpx.AsyncClient) -> None:
    event = await sent(client, "mottagningsbesok-lakare")
    await client.get(f"/api/events/{event}/source?actor=bo", headers=OPERATOR)
    found = await log(client, ONE)
    assert (found["events"], found["unread"]) == (1, 0)
    assert {("received", "default"), ("arrived", "vardbro"), ("source-read", "bo")} <= set(told(found))
    assert told(found)[-1] == ("patient-log-read", "anna")
    assert {entry["event"] for entry in found["entries"][:-1]} == {event}
    times = [entry["at"] for entry in found["entries"]]
    assert times == sorted(times)


async def test_an_operators_act_on_a_lane_is_told_with_the_operators_name(
    client: httpx.AsyncClient, application: Application
) -> None:
    await sent(client, "mottagningsbesok-lakare", "30216311002", "99999999999")
    (lane,) = (await client.get("/api/lanes", headers=OPERATOR)).json()["lanes"]
    await client.post(
        f"/api/lanes/{lane['id']}/discard", json={"reason": "wrong unit", "actor": "cia"}, headers=OPERATOR
    )
    assert ("discarded", "cia") in told(await log(client, ONE))


async def test_nothing_of_another_patient_is_told(client: httpx.AsyncClient) -> None:
    await sent(client, "mottagningsbesok-lakare")
    other = await sent(client, "mottagningsbesok-sjukskoterska")
    await client.get(f"/api/events/{other}/source?actor=bo", headers=OPERATOR)
    found = await log(client, ONE)
    assert found["events"] == 1
    assert other not in str(found)
    assert ("source-read", "bo") not in told(found)


async def test_of_a_group_only_the_patients_own_part_is_told(client: httpx.AsyncClient) -> None:
    await sent(client, "gruppbesok")
    logs = [await log(client, number) for number in (ONE, OTHER, THIRD)]
    events = [{entry["event"] for entry in found["entries"]} - {None} for found in logs]
    assert [len(some) for some in events] == [1, 1, 1]
    assert len(set.union(*events)) == 3


@pytest.mark.parametrize("written", ["19121212-1212", " 19121212+1212 "])
async def test_a_number_is_found_however_it_is_written(client: httpx.AsyncClient, written: str) -> None:
    await sent(client, "mottagningsbesok-lakare", ONE, "19121212-1212")
    assert (await log(client, written))["events"] == 1


async def test_a_refused_bundle_that_names_the_patient_is_told(client: httpx.AsyncClient) -> None:
    await sent(client, "mottagningsbesok-lakare", '"Encounter"', '"Encountering"')
    entry = (await log(client, ONE))["entries"][0]
    assert (entry["what"], entry["event"], entry["detail"]["status"] >= 400) == ("received", None, True)


async def test_each_log_is_an_entry_of_the_next_one_and_of_nobody_elses(client: httpx.AsyncClient) -> None:
    await log(client, ONE, actor="anna")
    await log(client, OTHER, actor="bo")
    assert told(await log(client, ONE, actor="cia")) == [
        ("patient-log-read", "anna"),
        ("patient-log-read", "cia"),
    ]


async def test_no_identity_number_gets_into_the_trail(
    client: httpx.AsyncClient, application: Application
) -> None:
    await sent(client, "mottagningsbesok-lakare")
    found = await log(client, ONE)
    rows = await application.ledger.read(lambda db: db.execute("SELECT detail_json FROM audit").fetchall())
    assert "1212" not in str(rows).replace('"attempt":', "")
    assert ONE.encode() not in orjson.dumps(found)
    assert (await application.ledger.audit_verify()).broken_at is None


async def test_the_log_of_a_protected_identity_needs_the_other_token_and_the_refusal_is_told(
    client: httpx.AsyncClient,
) -> None:
    await sent(client, "skyddad-identitet")
    asked = {"number": ONE, "actor": "anna", "reason": "the patient asks"}
    answer = await client.post("/api/patient-log", json=asked, headers=OPERATOR)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "protected-identity")
    found = await log(client, ONE, TRUSTED, actor="bo")
    assert told(found)[-2:] == [("patient-log-refused", "anna"), ("patient-log-read", "bo")]


async def test_nobody_gets_a_log_without_a_token(client: httpx.AsyncClient) -> None:
    asked = {"number": ONE, "reason": "the patient asks"}
    assert (await client.post("/api/patient-log", json=asked)).status_code == 401


@pytest.mark.parametrize("number", ["", "1212", "121212-1", "191212121212345", "%", "å" * 12])
async def test_what_is_no_number_is_refused_without_being_repeated(
    client: httpx.AsyncClient, number: str
) -> None:
    asked = {"number": number, "actor": "anna", "reason": "the patient asks"}
    answer = await client.post("/api/patient-log", json=asked, headers=OPERATOR)
    assert answer.status_code == 422
    assert not number or number not in answer.text


async def test_bundles_that_cannot_be_read_are_counted(
    client: httpx.AsyncClient, application: Application
) -> None:
    await sent(client, "mottagningsbesok-lakare")
    await application.ledger.write(lambda tx: tx.db.execute("UPDATE receipts SET payload = NULL"))
    assert (await log(client, ONE))["unread"] == 1
