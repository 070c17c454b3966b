"""What nobody has foreseen still gets a proper answer, and says nothing of the input."""

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

IDENTITY = "191212121212"


def rule_of(response: httpx.Response) -> str:
    return str(response.json()["issue"][0]["details"]["coding"][0]["code"])


@pytest.mark.parametrize("path", ["/fhir/Patient/1", "/fhir/$unknown", "/fhir/nothing"])
async def test_an_unknown_fhir_address_is_answered_with_an_outcome(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.get(path)
    assert (response.status_code, rule_of(response)) == (404, "HTTP-NOT-FOUND")
    assert response.headers["content-type"] == "application/fhir+json; charset=utf-8"


@pytest.mark.parametrize(("method", "path"), [("GET", "/fhir"), ("PUT", "/fhir"), ("POST", "/fhir/metadata")])
async def test_a_wrong_method_is_answered_with_an_outcome(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    response = await client.request(method, path)
    assert (response.status_code, rule_of(response)) == (405, "HTTP-METHOD")
    assert response.headers["allow"]


async def test_an_unforeseen_fault_is_answered_and_logged_without_content(
    post: Callable[..., Any], services: Any, caplog: pytest.LogCaptureFixture
) -> None:
    services.intake.fault = KeyError(IDENTITY)
    with caplog.at_level(logging.DEBUG):
        response = await post(IDENTITY.encode(), x_request_id="abc-1")
    assert (response.status_code, rule_of(response)) == (500, "HTTP-INTERNAL")
    assert response.headers["x-request-id"] == "abc-1"
    assert IDENTITY not in response.text
    assert IDENTITY not in caplog.text


async def test_addresses_outside_fhir_get_plain_json(client: httpx.AsyncClient) -> None:
    response = await client.get(f"/nothing/{IDENTITY}")
    assert response.status_code == 404
    assert response.json()["error"]["status"] == 404
    assert IDENTITY not in response.text


async def test_the_address_that_was_asked_for_is_not_echoed(client: httpx.AsyncClient) -> None:
    response = await client.get(f"/fhir/Patient?identifier={IDENTITY}")
    assert IDENTITY not in response.text


async def test_every_answer_has_a_request_id(client: httpx.AsyncClient) -> None:
    first, second = [(await client.get("/health/live")).headers["x-request-id"] for _ in range(2)]
    assert first != second
    assert (await client.get("/fhir/metadata")).headers["x-request-id"]


@pytest.mark.parametrize("given", [IDENTITY, f"a-{IDENTITY[:8]}-{IDENTITY[8:]}", "x" * 65, "a b", "a\u00e5"])
async def test_a_request_id_that_could_harm_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    response = await client.get("/health/live", headers={"x-request-id": given.encode()})
    assert response.headers["x-request-id"] != given
    assert response.headers["x-request-id"]
