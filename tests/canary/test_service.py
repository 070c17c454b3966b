"""No identity number leaves the service but to the register: one is planted, and every sink searched."""

import asyncio
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

from adapter.api.app import create_app
from adapter.composition import Application
from adapter.config import Config
from adapter.logs import set_up_logging
from adapter.resources import data_folder
from adapter.simulator.server import running

IDENTITY = "191212121212"
LEAKS = re.compile(r"1212121212|121212[-+ ]?1212")
JSON = {"content-type": "application/fhir+json"}
ADDRESS = "http://127.0.0.1:8080"


def tell(simulator: str, what: str, how: dict[str, Any] | None = None) -> None:
    httpx.post(f"{simulator}/_control/{what}", json=how, trust_env=False).raise_for_status()


def received(simulator: str) -> str:
    return httpx.get(f"{simulator}/_control/log?full=true", trust_env=False).text


def sample(name: str) -> bytes:
    return (data_folder("samples") / name).read_bytes()


def cancelled(name: str) -> bytes:
    """The sample with its Encounter cancelled, as a new submission."""
    bundle = orjson.loads(sample(name))
    bundle["identifier"]["value"] += "-cancelled"
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Encounter":
            entry["resource"]["status"] = "cancelled"
    return orjson.dumps(bundle)


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_logging("debug", "json", stream)
    for name in ("httpx", "httpcore", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture
async def application(tmp_path: Path, simulator: str, logs: io.StringIO) -> AsyncIterator[Application]:
    tell(simulator, "reset")
    application = Application.build(
        Config(
            ledger={"url": f"sqlite:///{tmp_path}/ledger.db"},
            registers={
                "gvr": {"url": f"{simulator}/gvr", "timeout": "500ms", "lookup": "/vardhandelse/besok"}
            },
            delivery={"schedule": ["0s", "50ms"]},
        )
    )
    await application.start()
    yield application
    await application.stop()


@pytest.fixture
async def client(application: Application) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(application))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
        yield client


async def settled(client: httpx.AsyncClient) -> None:
    for _ in range(200):
        lanes = (await client.get("/api/summary")).json()["lanes"]
        if not set(lanes) & {"waiting", "leased"}:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"lanes are still busy: {lanes}")


async def everything_shown(client: httpx.AsyncClient) -> list[str]:
    """Every page that an operator or the platform can see."""
    paths = [
        "/api/summary",
        "/api/lanes",
        "/api/messages",
        "/api/audit",
        "/metrics",
        "/health/ready",
        "/fhir/metadata",
    ]
    lanes = (await client.get("/api/lanes")).json()["lanes"]
    messages = (await client.get("/api/messages")).json()["messages"]
    paths += [f"/api/lanes/{lane['id']}" for lane in lanes]
    paths += [f"/api/events/{message['event_id']}" for message in messages]
    return [(await client.get(path)).text for path in paths]


async def test_a_reported_corrected_and_cancelled_contact_leaks_nothing(
    client: httpx.AsyncClient, logs: io.StringIO, simulator: str
) -> None:
    assert IDENTITY.encode() in sample("mottagningsbesok-lakare.json")
    contact = "mottagningsbesok-lakare.json"
    answers = []
    for raw in (sample(contact), sample("rattelse.json"), cancelled(contact)):
        answers.append(await client.post("/fhir", content=raw, headers=JSON))
        await settled(client)
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    shown = [answer.text for answer in answers] + await everything_shown(client)
    assert re.search(rf"DELETE.*{IDENTITY}", received(simulator))
    assert "HTTP Request: DELETE" in logs.getvalue()
    assert not [text for text in shown if LEAKS.search(text)]
    assert not LEAKS.search(logs.getvalue())


@pytest.mark.parametrize(
    "fault",
    [
        "reject",
        "timeout-after-effect",
        "500",
        "malformed-garbage",
        "reset-after-effect",
        "error-body-200",
    ],
)
async def test_a_register_that_fails_makes_nobody_talk(
    client: httpx.AsyncClient, logs: io.StringIO, simulator: str, fault: str
) -> None:
    tell(
        simulator, "faults", {"register": "gvr", "kind": fault, "count": 1, "text": f"Fel patient {IDENTITY}"}
    )
    answer = await client.post("/fhir", content=sample("mottagningsbesok-lakare.json"), headers=JSON)
    await settled(client)
    shown = [answer.text, *await everything_shown(client)]
    assert not [text for text in shown if LEAKS.search(text)]
    assert not LEAKS.search(logs.getvalue())


def broken_bodies() -> dict[str, bytes]:
    """Bodies with the number in places where careless code would quote it."""
    good = orjson.loads(sample("mottagningsbesok-lakare.json"))
    return {
        "not json": b'{"resourceType":"Bundle","' + IDENTITY.encode(),
        "a bare number": IDENTITY.encode(),
        "invalid utf-8": b'{"resourceType":"Bundle","id":"' + IDENTITY.encode() + b'\xff"}',
        "as resource type": orjson.dumps({"resourceType": IDENTITY}),
        "as bundle type": orjson.dumps({**good, "type": IDENTITY}),
        "as element name": orjson.dumps({**good, IDENTITY: IDENTITY}),
        "as nested resource type": orjson.dumps(
            {**good, "entry": [{"resource": {"resourceType": IDENTITY}}]}
        ),
        "as everything": re.sub(
            rb'"(status|gender|birthDate|start|code|reference|method|url|system)": *"[^"]*"',
            rb'"\1": "' + IDENTITY.encode() + rb'"',
            orjson.dumps(good),
        ),
        "with a hyphen": orjson.dumps(good).replace(IDENTITY.encode(), b"19121212-1213"),
        "as a number": orjson.dumps(good).replace(b'"' + IDENTITY.encode() + b'"', IDENTITY.encode()),
        "twice as key": b'{"resourceType":"Bundle","%b":1,"%b":2}' % (IDENTITY.encode(), IDENTITY.encode()),
        "deep": b'{"a":' * 300 + IDENTITY.encode() + b"}" * 300,
    }


@pytest.mark.parametrize("kind", broken_bodies())
async def test_a_refused_body_is_echoed_nowhere(
    client: httpx.AsyncClient, logs: io.StringIO, kind: str
) -> None:
    for lang in ("sv", "en"):
        headers = {**JSON, "accept-language": lang}
        answer = await client.post("/fhir", content=broken_bodies()[kind], headers=headers)
        assert 400 <= answer.status_code < 500
        assert answer.json()["resourceType"] == "OperationOutcome"
        for text in (answer.text, logs.getvalue(), *await everything_shown(client)):
            assert not LEAKS.search(text)
            assert "121212" not in text


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", f"/fhir/Patient/{IDENTITY}", {}),
        ("GET", f"/fhir/Patient?identifier={IDENTITY}", {}),
        ("DELETE", f"/fhir/{IDENTITY}", {}),
        ("POST", f"/fhir/{IDENTITY}", JSON),
        ("GET", f"/{IDENTITY}", {}),
        ("GET", f"/api/lanes/{IDENTITY}", {}),
        ("GET", f"/api/events/{IDENTITY}", {}),
        ("GET", f"/api/lanes?state={IDENTITY}&since={IDENTITY}", {}),
        ("POST", f"/api/lanes/{IDENTITY}/retry", {"content-type": "application/json"}),
        ("POST", "/fhir", {"content-type": IDENTITY}),
        ("POST", "/fhir", {**JSON, "content-encoding": IDENTITY}),
        ("POST", "/fhir", {**JSON, "idempotency-key": f"{IDENTITY} x"}),
        ("POST", "/fhir", {**JSON, "idempotency-key": IDENTITY}),
        ("POST", "/fhir", {**JSON, "x-request-id": IDENTITY}),
        ("POST", "/fhir", {**JSON, "authorization": f"Bearer {IDENTITY}"}),
        ("POST", "/fhir", {**JSON, "accept": f"application/{IDENTITY}"}),
    ],
)
async def test_addresses_and_headers_are_echoed_nowhere(
    client: httpx.AsyncClient, logs: io.StringIO, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = await client.request(method, path, headers=headers, content=b"{}" if method == "POST" else None)
    assert 400 <= answer.status_code < 500
    for text in (answer.text, str(answer.headers), logs.getvalue(), *await everything_shown(client)):
        assert not LEAKS.search(text)
