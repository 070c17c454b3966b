"""Every route of the application, those that are added later too: who may come in, and that a sender is told
nothing of another's contacts, not even that there are any."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import BaseRoute

from adapter.composition import Application
from adapter.config import Config
from adapter.resources import data_folder

TOKENS = {name: f"token-of-{name}-0123456789" for name in ("a", "b", "few", "operator")}
IDENTIFIER = "https://journal.example/vardkontakt|VK-2025-0001"
FOR_EVERYBODY = frozenset(
    {
        "/health/live",
        "/health/ready",
        "/fhir/metadata",
        "/fhir/.well-known/smart-configuration",
        "/auth/token",
    }
)
"""Paths that answer without a proof: they tell nothing of anybody, or take a proof of their own."""

DESCRIPTIONS = frozenset({"/api/openapi.json", "/fhir/openapi.json"})
PUBLISHED = re.compile(r"/fhir/[A-Z][A-Za-z]+(/\{id\})?")
"""Our own conformance resources, by GET."""

OWN = ("AuditEvent", "Provenance")
PARAMETER = re.compile(r"\{[^}]+\}")


class Place:
    """The application with a contact of the sender a."""

    def __init__(self, application: Application, http: httpx.AsyncClient) -> None:
        self.http = http
        self.routes = list(walked(application.create_app().routes))
        self.event = ""

    async def ask(self, method: str, path: str, who: str | None, **request: Any) -> httpx.Response:
        token = TOKENS.get(who or "", who)
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        if method == "POST" and "data" not in request:
            request.setdefault("json", {"identifiers": [IDENTIFIER], "actor": "x", "reason": "x"})
        return await self.http.request(method, path, headers=headers, **request)


def walked(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """(method, path) of every route, also of those that are mounted or included."""
    for route in routes:
        for method in sorted(getattr(route, "methods", None) or ()):
            if method != "HEAD":
                yield method, str(getattr(route, "path"))  # noqa: B009 - not every kind of route has one
        for inner in (
            getattr(route, "routes", None),
            getattr(getattr(route, "original_router", None), "routes", None),
        ):
            yield from walked(list(inner or ()))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    config = Config(
        ledger={"url": f"sqlite:///{tmp_path}/vardbro.db", "key_file": tmp_path / "key"},
        senders={
            "a": {"token": TOKENS["a"], "scopes": "system/*.cruds"},
            "b": {"token": TOKENS["b"], "scopes": "system/*.cruds"},
            "few": {"token": TOKENS["few"], "scopes": "system/Patient.r"},
        },
        operations={"token": TOKENS["operator"]},
        registers={"gvr": {"url": "http://127.0.0.1:9/gvr"}},
    )
    application = Application.build(config)
    transport = httpx.ASGITransport(application.create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://vardbro.example") as http:
        made = Place(application, http)
        bundle = json.loads((data_folder("samples") / "mottagningsbesok-lakare.json").read_text())
        sent = await made.ask("POST", "/fhir", "a", json=bundle)
        assert sent.status_code == 200, sent.text
        status = await made.ask("GET", "/api/sender/status", "a", params={"identifier": IDENTIFIER})
        made.event = status.json()["events"][0]["event_id"]
        yield made
    await application.stop()


EVENT = "/api/events/{event_id}"


def filled(path: str, value: str = "1") -> str:
    return PARAMETER.sub(value, path)


def is_public(method: str, path: str) -> bool:
    if path in FOR_EVERYBODY | DESCRIPTIONS:
        return True
    kind = path.split("/")[2] if path.startswith("/fhir/") else ""
    is_search = method == "POST" and path.endswith("/_search")
    return (
        (method == "GET" or is_search)
        and PUBLISHED.fullmatch(path.removesuffix("/_search")) is not None
        and kind not in OWN
    )


async def test_without_a_right_proof_no_route_but_those_for_everybody_answers(place: Place) -> None:
    assert len(place.routes) > 40
    opened = []
    for method, path in place.routes:
        for who in (None, "wrong-token-0123456789", "a.b.c", "few"):
            answer = await place.ask(method, filled(path), who)
            if answer.status_code not in (401, 403) and not is_public(method, path):
                opened.append((method, path, who, answer.status_code))
    assert opened == []


async def test_a_senders_token_opens_nothing_of_the_operators(place: Place) -> None:
    opened = [
        (method, path)
        for method, path in place.routes
        if path.startswith(("/api/", "/metrics", "/console")) and not path.startswith("/api/sender/")
        if not is_public(method, path)
        and path != EVENT
        and (await place.ask(method, filled(path), "a")).status_code not in (401, 403)
    ]
    assert opened == []


async def test_the_operators_token_is_no_senders(place: Place) -> None:
    for method, path in place.routes:
        if path.startswith(("/fhir", "/api/sender/")) and not is_public(method, path):
            assert (await place.ask(method, filled(path), "operator")).status_code == 401, path


async def test_a_sender_cannot_tell_anothers_contact_from_one_that_never_was(place: Place) -> None:
    """What is asked with the ids of a's contact is answered as if it were asked with ids of nothing."""
    entries = (await place.ask("GET", "/fhir/AuditEvent", "a")).json()["entry"]
    real = [place.event, IDENTIFIER, entries[0]["resource"]["id"], "meddelande-1"]
    nothing = [
        "e" * len(place.event),
        "https://journal.example/x|NONE",
        "post-987654321",
        "meddelande-987654321",
    ]
    asked = 0
    for method, path in place.routes:
        if is_public(method, path) or not path.startswith(("/fhir", "/api/sender/")):
            continue
        for mine, other in zip(real, nothing, strict=True):
            answers = [
                await place.ask(
                    method,
                    filled(path, value.replace("/", "%2F")),
                    "b",
                    params=queries(value),
                    **({"data": body(value)} if path.endswith("/_search") else {"json": body(value)}),
                )
                for value in (mine, other)
            ]
            asked += 1
            assert answers[0].status_code == answers[1].status_code, (method, path, mine)
            assert told(answers[0], mine) == told(answers[1], other), (method, path, mine)
            assert "VK-2025" not in told(answers[0], mine), (method, path)
    assert asked > 50


async def test_the_status_that_an_answer_names_is_for_its_sender_and_operators_alone(place: Place) -> None:
    path = EVENT.format(event_id=place.event)
    mine = await place.ask("GET", path, "a")
    assert mine.status_code == 200, mine.text
    assert mine.json()["event_id"] == place.event
    assert "lane" not in mine.json()["registers"].get("gvr", {})
    assert (await place.ask("GET", path, "operator")).json()["versions"]
    anothers = await place.ask("GET", path, "b")
    nothing = await place.ask("GET", EVENT.format(event_id="v0"), "b")
    assert (anothers.status_code, anothers.json()) == (404, nothing.json())
    for who in (None, "few", "wrong-token-0123456789"):
        assert (await place.ask("GET", path, who)).status_code == 401


async def test_the_same_questions_tell_their_own_sender_something(place: Place) -> None:
    """The test above would be of no worth where nobody is told anything."""
    status = await place.ask("GET", "/api/sender/status", "a", params={"identifier": IDENTIFIER})
    assert place.event in status.text
    given_up = await place.ask("POST", "/api/lanes/1/discard", "operator", json={"reason": "given up"})
    assert given_up.status_code == 200, given_up.text
    assert place.event in (await place.ask("GET", "/api/sender/feed", "a")).text
    assert place.event not in (await place.ask("GET", "/api/sender/feed", "b")).text
    mine = (await place.ask("GET", "/fhir/AuditEvent", "a")).json()
    assert mine.get("entry")
    theirs = (await place.ask("GET", "/fhir/AuditEvent", "b")).json()
    ids = {entry["resource"].get("id") for entry in mine["entry"]}
    assert not ids & {entry["resource"].get("id") for entry in theirs.get("entry", [])}


async def test_one_sender_cannot_change_or_cancel_anothers_contact(place: Place) -> None:
    bundle = json.loads((data_folder("samples") / "mottagningsbesok-lakare.json").read_text())
    before = (await place.ask("GET", "/api/sender/status", "a", params={"identifier": IDENTIFIER})).json()
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Encounter":
            entry["resource"]["status"] = "entered-in-error"
    await place.ask("POST", "/fhir", "b", json=bundle)
    after = (await place.ask("GET", "/api/sender/status", "a", params={"identifier": IDENTIFIER})).json()
    assert after == before


def queries(value: str) -> dict[str, str]:
    return {"identifier": value, "entity": value, "target": value, "_id": value, "patient": value}


def body(value: str) -> dict[str, Any]:
    return {"identifiers": [value]}


def told(answer: httpx.Response, value: str) -> str:
    """The answer without what the question itself held, in whatever writing."""
    written = answer.text
    for form in (
        value,
        value.replace("/", "%2F").replace(":", "%3A").replace("|", "%7C"),
        value.replace("|", "%7C"),
    ):
        written = written.replace(form, "<asked>")
    return written
