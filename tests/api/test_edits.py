"""The routes of edits on a real application: who may, what is answered, what is never told."""

import io
import logging
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import structlog

from adapter.composition import Application
from adapter.config import Config
from adapter.logs import set_up_logging
from adapter.resources import data_folder

ADDRESS = "http://127.0.0.1:8080"
TOKEN = "0123456789abcdef"
BEARER = {"authorization": f"Bearer {TOKEN}"}
LEAKS = re.compile(r"1212121212|121212[-+ ]?1212|Tolvan|J18\.?9|J20\.?9")

Json = dict[str, Any]


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_logging("debug", "json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


async def serving(folder: Path, **operations: Any) -> AsyncIterator[httpx.AsyncClient]:
    config = Config(ledger={"url": f"sqlite:///{folder}/ledger.db"}, operations=operations)
    application = Application.build(config)
    transport = httpx.ASGITransport(application.create_app())
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=BEARER) as client:
        yield client
    await application.stop()


@pytest.fixture
async def client(tmp_path: Path, logs: io.StringIO) -> AsyncIterator[httpx.AsyncClient]:
    async for client in serving(tmp_path, token=TOKEN):
        yield client


@pytest.fixture
async def careful(tmp_path: Path, logs: io.StringIO) -> AsyncIterator[httpx.AsyncClient]:
    async for client in serving(tmp_path, token=TOKEN, four_eyes=True):
        yield client


def sample() -> bytes:
    return (data_folder("samples") / "mottagningsbesok-lakare.json").read_bytes()


async def sent(client: httpx.AsyncClient, raw: bytes = b"") -> str:
    """Send the sample and give the event's id."""
    headers = {"content-type": "application/fhir+json"}
    answer = await client.post("/fhir", content=raw or sample(), headers=headers)
    assert answer.status_code == 200
    return str(answer.json()["entry"][0]["response"]["location"].rpartition("/")[2])


def edited(raw: bytes = b"", **more: Any) -> Json:
    """A request for an edit of the sample's diagnosis."""
    bundle = orjson.loads((raw or sample()).replace(b"J18.9", b"J20.9"))
    return {"based_on": 1, "bundle": bundle, "actor": "anna", "reason": "wrong code", **more}


async def test_the_source_is_answered_whole_and_not_to_be_stored(client: httpx.AsyncClient) -> None:
    event = await sent(client)
    answer = await client.get(f"/api/events/{event}/source?actor=anna")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["bundle"] == orjson.loads(sample())
    assert answer.json()["revision"] == 1


async def test_an_edit_is_answered_with_what_it_brings(client: httpx.AsyncClient) -> None:
    event = await sent(client)
    answer = await client.post(f"/api/events/{event}/edits", json=edited())
    assert answer.status_code == 201
    found = answer.json()
    assert (found["state"], found["actor"], found["disposition"]) == ("applied", "anna", "stored")
    assert found["messages"][0]["changed"] == ["diagnoser[0].kod"]
    shown = await client.get(f"/api/edits/{found['id']}?actor=bo")
    assert shown.json()["difference"][0]["after"] == "J20.9"
    listed = await client.get(f"/api/events/{event}/edits")
    assert [one["id"] for one in listed.json()["edits"]] == [found["id"]]
    assert {one.headers["cache-control"] for one in (answer, shown, listed)} == {"no-store"}


async def test_a_dry_run_shows_the_difference_and_stores_nothing(client: httpx.AsyncClient) -> None:
    event = await sent(client)
    answer = await client.post(f"/api/events/{event}/edits", json=edited(dry_run=True))
    assert answer.status_code == 200
    assert answer.json()["difference"][0]["before"] == "J18.9"
    assert (await client.get(f"/api/events/{event}/edits")).json()["edits"] == []


async def test_an_edit_of_an_older_version_is_409(client: httpx.AsyncClient) -> None:
    event = await sent(client)
    for dry_run in (True, False):
        answer = await client.post(f"/api/events/{event}/edits", json=edited(based_on=7, dry_run=dry_run))
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "edit-conflict")


@pytest.mark.parametrize(("lang", "word"), [("sv", "inget är ändrat"), ("en", "nothing is edited")])
async def test_an_edit_that_is_refused_is_422_with_findings(
    client: httpx.AsyncClient, lang: str, word: str
) -> None:
    event = await sent(client)
    body = edited() | {"bundle": orjson.loads(sample())}
    answer = await client.post(f"/api/events/{event}/edits", json=body, headers={"accept-language": lang})
    assert answer.status_code == 422
    (issue,) = answer.json()["findings"]
    assert issue["details"]["coding"][0]["code"] == "EDIT-NOTHING"
    assert word in issue["details"]["text"]


async def test_what_is_not_there_is_404(client: httpx.AsyncClient) -> None:
    answers = [
        await client.get("/api/events/v0/source"),
        await client.post("/api/events/v0/edits", json=edited()),
        await client.post("/api/events/v0/edits", json=edited(dry_run=True)),
        await client.get("/api/edits/1"),
        await client.post("/api/edits/1/approve", json={}),
        await client.post("/api/edits/1/refuse", json={"reason": "not there"}),
    ]
    assert [answer.status_code for answer in answers] == [404] * 6


async def test_a_request_that_is_wrong_is_422_and_not_echoed(client: httpx.AsyncClient) -> None:
    event = await sent(client)
    for wrong in (
        {"based_on": 0}, {"based_on": None}, {"based_on": 2**70}, {"reason": ""}, {"bundle": []},
        {"actor": ""}, {"unknown": 1},
    ):  # fmt: skip
        answer = await client.post(f"/api/events/{event}/edits", json=edited(**wrong))
        assert answer.status_code == 422, wrong
        assert not LEAKS.search(answer.text)


async def test_a_number_that_no_edit_has_is_422(client: httpx.AsyncClient) -> None:
    for number in ("0", "x", str(2**70)):
        assert (await client.get(f"/api/edits/{number}")).status_code == 422, number


async def test_a_body_that_cannot_be_read_is_refused(client: httpx.AsyncClient) -> None:
    event = await sent(client)
    headers = {"content-type": "application/json"}
    for raw in (b"{", b"[1]", b'{"bundle": {"a": NaN}}', b'{"a":' * 5000, b"\xff"):
        answer = await client.post(f"/api/events/{event}/edits", content=raw, headers=headers)
        assert 400 <= answer.status_code < 500, raw[:20]


async def test_without_the_token_nobody_sees_or_edits(client: httpx.AsyncClient) -> None:
    paths = [
        ("GET", "/api/events/v0/source"), ("POST", "/api/events/v0/edits"), ("GET", "/api/events/v0/edits"),
        ("GET", "/api/edits"), ("GET", "/api/edits/1"), ("POST", "/api/edits/1/approve"),
        ("POST", "/api/edits/1/refuse"),
    ]  # fmt: skip
    for method, path in paths:
        for wrong in ("", "Bearer wrong-wrong-wrong-1"):
            answer = await client.request(method, path, json={}, headers={"authorization": wrong})
            assert answer.status_code == 401, path


async def test_where_no_token_is_set_nobody_sees_or_edits(tmp_path: Path) -> None:
    async for client in serving(tmp_path):
        event = await sent(client)
        assert (await client.get("/api/summary")).status_code == 200
        assert (await client.get(f"/api/events/{event}/source")).status_code == 403
        assert (await client.post(f"/api/events/{event}/edits", json=edited())).status_code == 403


async def test_four_eyes_are_required_where_it_is_so_configured(careful: httpx.AsyncClient) -> None:
    event = await sent(careful)
    answer = await careful.post(f"/api/events/{event}/edits", json=edited())
    assert (answer.status_code, answer.json()["state"]) == (202, "proposed")
    number = answer.json()["id"]
    assert [one["id"] for one in (await careful.get("/api/edits?limit=1")).json()["edits"]] == [number]
    same = await careful.post(f"/api/edits/{number}/approve", json={"actor": "anna"})
    assert (same.status_code, same.json()["error"]["code"]) == (409, "not-possible")
    other = await careful.post(f"/api/edits/{number}/approve", json={"actor": "bo"})
    assert (other.status_code, other.json()["state"]) == (200, "applied")
    again = await careful.post(f"/api/edits/{number}/refuse", json={"actor": "bo", "reason": "too late"})
    assert again.status_code == 409


async def test_nothing_of_the_patient_is_told_but_where_it_is_asked_for(
    careful: httpx.AsyncClient, logs: io.StringIO
) -> None:
    event = await sent(careful)
    reason = "anna said of 19121212-1212 that the code was wrong"
    answers = [
        await careful.post(f"/api/events/{event}/edits", json=edited(reason=reason, actor="anna 1212121212")),
        await careful.post(f"/api/events/{event}/edits", json=edited(based_on=9)),
        await careful.post("/api/edits/1/approve", json={"actor": "bo"}),
        await careful.post(
            f"/api/events/{event}/edits", json=edited(based_on=2, bundle={"id": "191212121212"})
        ),
        await careful.get(f"/api/events/{event}/edits"),
        await careful.get("/api/edits"),
        await careful.get(f"/api/events/{event}"),
        await careful.get("/api/lanes/1"),
        await careful.get("/api/messages"),
    ]
    assert [answer.status_code for answer in answers] == [202, 409, 200, 422, 200, 200, 200, 200, 200]
    assert not [answer.text for answer in answers if LEAKS.search(answer.text)]
    assert not LEAKS.search(logs.getvalue())
