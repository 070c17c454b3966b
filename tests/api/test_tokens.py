"""Tokens over HTTP: from the well-known address to the door, and what is said when it does not work."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from adapter.api.app import create_app
from adapter.config import Config
from adapter.ledger.access import AccessLedger
from tests.api.conftest import ADDRESS, FakeServices
from tests.support.smart_client import SmartClient
from tests.support.stores import SqliteStore

STATIC = "0123456789abcdef"
FORM = {"content-type": "application/x-www-form-urlencoded"}
FHIR = {"content-type": "application/fhir+json"}


class Face:
    """The application, and a client of it."""

    def __init__(self, services: FakeServices, http: httpx.AsyncClient, smart: SmartClient) -> None:
        self.services, self.http, self.smart = services, http, smart

    async def ask(self, form: bytes | None = None, **headers: str) -> httpx.Response:
        content = self.smart.form() if form is None else form
        return await self.http.post("/auth/token", content=content, headers={**FORM, **headers})

    async def send(self, token: str | None, **headers: str) -> httpx.Response:
        proof = {} if token is None else {"authorization": f"Bearer {token}"}
        return await self.http.post("/fhir", content=b"{}", headers={**FHIR, **proof, **headers})


@pytest.fixture
async def face(tmp_path: Path) -> AsyncIterator[Face]:
    smart = SmartClient("journal-client", f"{ADDRESS}/auth/token")
    keys = smart.publish(tmp_path / "jwks.json")
    senders = {
        "journal": {"client_id": smart.client_id, "jwks_file": keys, "rate": 0.001, "burst": 3},
        "static": {"token": STATIC},
    }
    services = FakeServices(Config(senders=senders))
    ledger = SqliteStore(tmp_path).open()
    services.access = AccessLedger(ledger)
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as http:
        yield Face(services, http, smart)
    await ledger.close()


async def test_a_client_finds_its_way_from_the_well_known_address_to_the_door(face: Face) -> None:
    known = (await face.http.get("/fhir/.well-known/smart-configuration")).json()
    assert known["token_endpoint"] == f"{ADDRESS}/auth/token"
    assert known["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert known["token_endpoint_auth_signing_alg_values_supported"] == ["ES384", "RS384"]
    answer = await face.ask()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "scope"}
    assert (await face.send(answer.json()["access_token"])).status_code == 200
    assert [one["sender"].name for one in face.services.intake.submitted] == ["journal"]


@pytest.mark.parametrize(
    ("content", "headers", "status", "error"),
    [
        (b"{}", {"content-type": "application/json"}, 400, "invalid_request"),
        (b"", {"content-type": ""}, 400, "invalid_request"),
        (b"grant_type=client_credentials", {"content-encoding": "gzip"}, 400, "invalid_request"),
        (b"a=b&" * 20_000, {}, 413, "invalid_request"),
        (b"grant_type=password&username=a&password=b", {}, 400, "unsupported_grant_type"),
        (urlencode({"grant_type": "client_credentials"}).encode(), {}, 401, "invalid_client"),
    ],
)
async def test_a_refusal_has_the_form_of_oauth(
    face: Face, content: bytes, headers: dict[str, str], status: int, error: str
) -> None:
    answer = await face.ask(content, **headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_token_goes_by_post_alone(face: Face) -> None:
    assert (
        await face.http.get("/auth/token", params={"grant_type": "client_credentials"})
    ).status_code == 405


async def test_a_wrong_token_is_told_apart_from_a_missing_one(face: Face) -> None:
    for token, challenge, rule in (
        (None, "Bearer", "HTTP-SENDER"),
        ("wrong", 'Bearer error="invalid_token"', "HTTP-TOKEN"),
        ("a.b.c", 'Bearer error="invalid_token"', "HTTP-TOKEN"),
    ):
        answer = await face.send(token)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, challenge)
        assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == rule
    basic = await face.send(None, authorization="Basic am91cm5hbDpwYXNz")
    assert (basic.status_code, basic.headers["www-authenticate"]) == (401, "Bearer")


async def test_two_authorizations_are_none(face: Face) -> None:
    headers = [("authorization", f"Bearer {STATIC}"), ("authorization", "Bearer other"), *FHIR.items()]
    assert (await face.http.post("/fhir", content=b"{}", headers=headers)).status_code == 401


async def test_a_token_without_the_right_is_forbidden(face: Face) -> None:
    token = (await face.ask(face.smart.form(scope="system/Encounter.rs"))).json()["access_token"]
    answer = await face.send(token)
    assert answer.status_code == 403
    assert "insufficient_scope" in answer.headers["www-authenticate"]
    issue = answer.json()["issue"][0]
    assert issue["details"]["coding"][0]["code"] == "HTTP-SCOPE"
    assert "system/Encounter.c" in issue["details"]["text"]


async def test_who_submits_too_fast_is_asked_to_wait_and_it_is_kept_once_in_a_while(face: Face) -> None:
    token = (await face.ask()).json()["access_token"]
    answers = [await face.send(token) for _ in range(43)]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 40
    assert int(answers[-1].headers["retry-after"]) > 900
    assert answers[-1].json()["issue"][0]["code"] == "throttled"
    assert len([one for one in face.services.intake.refused if one["sender"] == "journal"]) == 40
    assert face.services.intake.kept.count(True) in (20, 21)
    assert (await face.send(STATIC)).status_code == 200, "another sender is not made to wait"


async def test_questions_are_not_counted_as_submissions(face: Face) -> None:
    for _ in range(5):
        assert (await face.http.get("/fhir/metadata")).status_code == 200


async def test_nothing_of_tokens_and_assertions_is_in_logs_metrics_or_errors(
    face: Face, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    assertion = face.smart.assertion(jti="a-jti-to-find", aud="https://a-secret-place.example")
    refused = await face.ask(face.smart.form(assertion))
    token = (await face.ask()).json()["access_token"]
    answers = [refused, await face.send(token + "x"), await face.send(STATIC + "x"), await face.send(token)]
    face.services.ledger.answers["summary"] = {"registers": {}, "messages": {}}
    answers.append(await face.http.get("/metrics"))
    captured = capsys.readouterr()
    said = "".join(answer.text + str(answer.headers) for answer in answers)
    said += caplog.text + captured.out + captured.err
    secrets = [*assertion.split("."), *token.split("."), STATIC, "a-jti-to-find", "a-secret-place"]
    assert [secret for secret in secrets if secret in said] == []
    assert 'vardbro_refused_total{rule="HTTP-TOKEN",sender="unknown"} 2.0' in answers[-1].text


async def test_where_nobody_has_keys_there_are_no_tokens(client: httpx.AsyncClient) -> None:
    assert (await client.post("/auth/token", content=b"", headers=FORM)).status_code == 404
    answer = await client.get("/fhir/.well-known/smart-configuration")
    assert (answer.status_code, answer.json()["resourceType"]) == (404, "OperationOutcome")


# The open door


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8080", ""])
async def test_an_open_door_opens_to_loopback_names_only(
    client: httpx.AsyncClient, services: FakeServices, host: str
) -> None:
    forwarded = {
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-host": "localhost",
        "forwarded": "host=localhost",
    }
    answer = await client.post("/fhir", content=b"{}", headers={**FHIR, **forwarded, "host": host})
    assert answer.status_code == 403
    assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "HTTP-HOST"
    assert services.intake.submitted == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080"])
async def test_an_open_door_opens_to_each_of_them(client: httpx.AsyncClient, host: str) -> None:
    headers: dict[str, Any] = {**FHIR, "host": host}
    assert (await client.post("/fhir", content=b"{}", headers=headers)).status_code == 200
