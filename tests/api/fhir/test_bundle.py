"""The door for bundles: what is let through to intake, what is refused, and how."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from adapter.answers import IntakeAnswer

Post = Callable[..., Any]


def rule_of(response: httpx.Response) -> str:
    """The one rule id of an OperationOutcome answer."""
    body = response.json()
    assert body["resourceType"] == "OperationOutcome"
    (issue,) = body["issue"]
    assert issue["severity"] == "error"
    assert issue["diagnostics"]
    return str(issue["details"]["coding"][0]["code"])


async def in_parts(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_a_bundle_reaches_intake_byte_for_byte(post: Post, services: Any) -> None:
    response = await post(b'{ "resourceType":\t"Bundle" }', idempotency_key="k-1", accept_language="en")
    assert response.status_code == 200
    (taken,) = services.intake.submitted
    assert taken["raw"] == b'{ "resourceType":\t"Bundle" }'
    assert (taken["key"], taken["lang"], taken["sender"].name) == ("k-1", "en", "default")


async def test_the_answer_is_intakes_with_its_headers_and_the_fhir_type(post: Post, services: Any) -> None:
    services.intake.reply = IntakeAnswer(status=429, body=b"{}", headers={"Retry-After": "2"})
    response = await post()
    assert (response.status_code, response.content) == (429, b"{}")
    assert response.headers["retry-after"] == "2"
    assert response.headers["content-type"] == "application/fhir+json; charset=utf-8"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/fhir+json",
        "application/json",
        "Application/FHIR+JSON; charset=UTF-8",
        "application/json;x=y",
    ],
)
async def test_json_types_are_taken(post: Post, content_type: str) -> None:
    assert (await post(content_type=content_type)).status_code == 200


@pytest.mark.parametrize(
    ("content_type", "rule"),
    [
        (None, "HTTP-TYPE"),
        ("text/plain", "HTTP-TYPE"),
        ("application/x-www-form-urlencoded", "HTTP-TYPE"),
        ("application/fhir+json; fhirVersion=3.0", "HTTP-FHIR-VERSION"),
        ("application/fhir+json; charset=iso-8859-1", "HTTP-CHARSET"),
    ],
)
async def test_other_types_are_refused_without_a_look_at_the_body(
    post: Post, services: Any, content_type: str | None, rule: str
) -> None:
    response = await post(b"<!DOCTYPE x>", content_type=content_type)
    assert response.status_code == 415
    assert rule_of(response) == rule
    assert services.intake.refused == [{"status": 415, "rule": rule, "sender": "default", "size": 12}]
    assert services.intake.submitted == []


async def test_gzip_is_taken_and_inflated(post: Post, services: Any) -> None:
    packed = gzip.compress(b'{"a":1}')
    assert (await post(packed, content_encoding="gzip")).status_code == 200
    assert (await post(in_parts(packed[:5], packed[5:]), content_encoding="gzip")).status_code == 200
    assert [taken["raw"] for taken in services.intake.submitted] == [b'{"a":1}'] * 2


@pytest.mark.parametrize("broken", [b"", b"no gzip", gzip.compress(b"{}")[:-3], gzip.compress(b"{}") + b"x"])
async def test_broken_gzip_is_refused(post: Post, broken: bytes) -> None:
    response = await post(broken, content_encoding="gzip")
    assert (response.status_code, rule_of(response)) == (400, "HTTP-GZIP")


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "zstd"])
async def test_other_compressions_are_refused(post: Post, coding: str) -> None:
    response = await post(content_encoding=coding)
    assert (response.status_code, rule_of(response)) == (415, "HTTP-ENCODING")


async def test_a_body_of_the_limit_is_taken_and_one_byte_more_is_not(post: Post, services: Any) -> None:
    assert (await post(b"x" * 1000)).status_code == 200
    response = await post(b"x" * 1001)
    assert (response.status_code, rule_of(response)) == (413, "HTTP-SIZE")
    assert "1000" in response.json()["issue"][0]["diagnostics"]
    assert services.intake.refused[0]["size"] == 1001


async def test_a_body_without_length_is_not_read_past_the_limit(post: Post) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 400

    response = await asyncio.wait_for(post(endless()), 5)
    assert (response.status_code, rule_of(response)) == (413, "HTTP-SIZE")
    assert read <= 4


async def test_a_client_that_closes_gets_to_send_its_body_before_the_answer(post: Post) -> None:
    sent = 0

    async def long() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(50):
            sent += 1
            yield b"x" * 400

    response = await post(long(), connection="close")
    assert (response.status_code, rule_of(response), sent) == (413, "HTTP-SIZE", 50)


async def test_a_client_that_waits_for_leave_to_send_is_answered_at_once(post: Post) -> None:
    sent = 0

    async def long() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 400

    response = await post(long(), connection="close", expect="100-continue", content_type="text/plain")
    assert (response.status_code, sent) == (415, 0)


async def test_a_small_body_that_inflates_past_the_limit_is_refused(post: Post) -> None:
    response = await post(gzip.compress(b"x" * 10_000_000)[:900], content_encoding="gzip")
    assert (response.status_code, rule_of(response)) == (413, "HTTP-SIZE")


async def test_a_body_that_does_not_come_is_given_up(post: Post) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    response = await post(stalled())
    assert (response.status_code, rule_of(response)) == (408, "HTTP-SLOW")


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "å"])
async def test_a_key_of_wrong_form_is_refused(client: httpx.AsyncClient, key: str) -> None:
    headers = {"content-type": "application/json", "idempotency-key": key.encode()}
    response = await client.post("/fhir", content=b"{}", headers=headers)
    assert (response.status_code, rule_of(response)) == (400, "HTTP-KEY")


async def test_a_sender_that_reads_neither_form_is_told_before_anything_is_taken(
    post: Post, services: Any
) -> None:
    response = await post(accept="text/turtle")
    assert (response.status_code, rule_of(response)) == (406, "HTTP-ACCEPT")
    assert services.intake.submitted == []


@pytest.mark.parametrize(
    ("asked", "word"),
    [("en-GB,en;q=0.9", "content type"), ("sv", "Innehållstypen"), (None, "Innehållstypen")],
)
async def test_the_language_of_the_answer_is_the_one_asked_for(
    post: Post, asked: str | None, word: str
) -> None:
    response = await post(content_type="text/plain", accept_language=asked)
    assert word in response.json()["issue"][0]["diagnostics"]


async def test_the_base_address_may_end_with_a_slash(client: httpx.AsyncClient) -> None:
    response = await client.post("/fhir/", content=b"{}", headers={"content-type": "application/json"})
    assert response.status_code == 200
