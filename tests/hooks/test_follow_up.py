"""From a bundle to what its sender is told, through the real service, a register and a webhook's receiver."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from adapter.api.app import create_app
from adapter.composition import Application
from adapter.config import Config
from adapter.ledger.model import MessageState
from adapter.resources import data_folder
from adapter.simulator.server import running
from tests.support.listener import Call, Receiver

IDENTITY = "191212121212"
LEAKS = re.compile(r"1212121212|121212[-+ ]?1212")
SECRET = "whsec_" + "c2VjcmV0" * 5
GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "follow-up.md"
JSON = {"content-type": "application/fhir+json", "accept-language": "en"}


@pytest.fixture
def simulator() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture
async def application(tmp_path: Path, simulator: str, receiver: Receiver) -> AsyncIterator[Application]:
    hook = {"webhook": receiver.url, "webhook_secret": SECRET}
    operators = {"webhook": receiver.url + "/operators", "webhook_secret": "o" * 24}
    application = Application.build(
        Config(
            ledger={"url": f"sqlite:///{tmp_path}/ledger.db"},
            registers={"gvr": {"url": f"{simulator}/gvr", "timeout": "2s"}},
            senders={"default": hook},
            notifications=operators,
        )
    )
    await application.start()
    yield application
    await application.stop()


@pytest.fixture
async def client(application: Application) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(application))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8080", headers={"accept-language": "en"}
    ) as client:
        yield client


def tell(simulator: str, fault: dict[str, Any]) -> None:
    httpx.post(f"{simulator}/_control/faults", json=fault, trust_env=False).raise_for_status()


def identifier_of(raw: bytes) -> str:
    found = next(
        entry["resource"]["identifier"][0]
        for entry in orjson.loads(raw)["entry"]
        if entry["resource"]["resourceType"] == "Encounter"
    )
    return f"{found['system']}|{found['value']}"


async def send(client: httpx.AsyncClient, name: str) -> str:
    """Submit a sample; the identifier of its contact."""
    raw = (data_folder("samples") / f"{name}.json").read_bytes()
    answer = await client.post("/fhir", content=raw, headers=JSON)
    assert answer.status_code == 200, answer.text
    return identifier_of(raw)


async def feed_of(client: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    """The feed, when it has so many changes."""
    async with asyncio.timeout(30):
        changes: list[dict[str, Any]] = []
        while len(changes) < count:
            page = (await client.get("/api/sender/feed?wait=5")).json()
            changes = page["changes"]
        return changes


async def called(receiver: Receiver, count: int, path: str = "/hook") -> list[Call]:
    """The calls at a path, when they have so many changes in all."""
    async with asyncio.timeout(30):
        while True:
            calls = [call for call in receiver.calls if call.path == path]
            if sum(len(call.json["data"]["changes"]) for call in calls) >= count:
                return calls
            await asyncio.sleep(0.02)


async def test_status_feed_and_webhook_tell_the_same_story_without_a_patient_in_it(
    client: httpx.AsyncClient, receiver: Receiver, simulator: str
) -> None:
    fault = {"register": "gvr", "kind": "reject", "count": 1, "text": f"Fel diagnos för {IDENTITY}"}
    tell(simulator, fault)
    rejected = await send(client, "mottagningsbesok-lakare")
    await feed_of(client, 1)
    accepted = await send(client, "telefon-ersatter-besok")
    held = await send(client, "enhet-utan-kombika")
    not_reported = await send(client, "telefonsamtal")
    changes = await feed_of(client, 4)
    states = {change["identifier"]: change["state"] for change in changes}
    expected = {rejected: "parked", accepted: "accepted", held: "held", not_reported: "not-reported"}
    assert states == expected

    body = orjson.dumps({"identifiers": list(expected)})
    results = (await client.post("/api/sender/status", content=body)).json()["results"]
    shown = {one["identifier"]: one["events"][0]["registers"]["gvr"] for one in results}
    assert {identifier: one["state"] for identifier, one in shown.items()} == expected
    by_feed = {change["identifier"]: change["reason"] for change in changes}
    assert {identifier: one["reason"] for identifier, one in shown.items()} == by_feed
    assert by_feed[rejected] == "The register answered: Fel diagnos för ***"
    assert by_feed[held]
    assert by_feed[not_reported]
    assert shown[held]["findings"][0]["expression"]

    calls = await called(receiver, 4)
    hooked = [change for call in calls for change in call.json["data"]["changes"]]
    assert {change["identifier"]: change["state"] for change in hooked} == expected
    assert [change["cursor"] for change in hooked] == [change["cursor"] for change in changes]
    notices = [
        change
        for call in await called(receiver, 2, "/hook/operators")
        for change in call.json["data"]["changes"]
    ]
    assert {(one["state"], one["kind"]) for one in notices} == {("started", "parked"), ("started", "held")}

    texts = [orjson.dumps(results).decode(), orjson.dumps(changes).decode()]
    texts += [call.body.decode() for call in receiver.calls] + [str(call.headers) for call in receiver.calls]
    assert not [text for text in texts if LEAKS.search(text)]
    assert "Fel diagnos" not in "".join(call.body.decode() for call in receiver.calls)


async def test_the_guides_verification_believes_the_call_and_no_other(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    namespace: dict[str, Any] = {}
    exec(code, namespace)
    verified = namespace["verified"]
    await send(client, "telefonsamtal")
    (call,) = await called(receiver, 1)
    assert verified(SECRET, call.headers, call.body)
    assert not verified("whsec_" + "b3RoZXIh" * 5, call.headers, call.body)
    assert not verified(SECRET, call.headers, call.body.replace(b"not-reported", b"accepted"))
    assert not verified(SECRET, {**call.headers, "webhook-id": "msg_other"}, call.body)
    earlier = str(int(call.headers["webhook-timestamp"]) - 301)
    assert not verified(SECRET, {**call.headers, "webhook-timestamp": earlier}, call.body)


def test_the_guide_names_every_state_that_a_sender_can_be_told() -> None:
    page = GUIDE.read_text("utf-8")
    for state in (*(state.value for state in MessageState), "not-reported", "pending"):
        assert f"`{state}`" in page, state
