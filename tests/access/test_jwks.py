"""Public keys of clients: which are of use, and how they are fetched."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from adapter.access.jwks import FRESH, LARGEST, LEAST_WAIT, STALE, FetchedKeys, KeysUnavailable, keys_of
from tests.support.smart_client import RSA_KEY, jwk
from tests.support.world import Clock

KEY = ec.generate_private_key(ec.SECP384R1())


def a_set(*keys: Any) -> bytes:
    return json.dumps({"keys": keys}).encode()


def test_keys_of_both_kinds_are_of_use() -> None:
    extra = {"use": "sig", "key_ops": ["verify"], "x5c": ["..."], "alg": "RS384"}
    assert set(keys_of(a_set(jwk(KEY, "a"), jwk(RSA_KEY, "b", **extra)))) == {"a", "b"}


@pytest.mark.parametrize(
    "changed",
    [
        {"use": "enc"},
        {"alg": "ES256"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"kid": ""},
        {"kid": 1},
        {"kty": "OKP"},
        {"kty": None},
        {"crv": "P-256"},
        {"x": "AAAA"},
        {"x": 1},
        {"y": None},
    ],
)
def test_keys_of_no_use_are_passed_over(changed: dict[str, Any]) -> None:
    assert set(keys_of(a_set({**jwk(KEY, "a"), **changed}, jwk(KEY, "b")))) == {"b"}


def test_a_short_rsa_key_is_passed_over() -> None:
    assert keys_of(a_set(jwk(rsa.generate_private_key(public_exponent=65537, key_size=1024), "short"))) == {}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        a_set("x"),
        a_set(jwk(KEY, "a", d="AAAA")),
        a_set({"kty": "oct", "k": "AAAA", "kid": "a"}),
        a_set(jwk(KEY, "a"), jwk(RSA_KEY, "a")),
    ],
)
def test_a_set_that_is_wrong_is_refused_as_a_whole(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        keys_of(raw)


class Publisher:
    """An address with keys: what it answers can be changed, and how often it was asked is counted."""

    def __init__(self) -> None:
        self.answer = httpx.Response(200, content=a_set(jwk(KEY, "one")))
        self.asked = 0
        self.clock = Clock(0.0)
        transport = httpx.MockTransport(self._respond)
        self.keys = FetchedKeys("https://journal.example/jwks", clock=self.clock, transport=transport)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return self.answer

    def publish(self, *kids: str) -> None:
        self.answer = httpx.Response(200, content=a_set(*(jwk(KEY, kid) for kid in kids)))


async def test_keys_are_fetched_once_and_kept_for_a_while() -> None:
    publisher = Publisher()
    for _ in range(3):
        assert await publisher.keys.key("one") is not None
    assert publisher.asked == 1


async def test_a_new_key_is_found_at_once_and_one_that_was_taken_back_is_gone_soon() -> None:
    publisher = Publisher()
    assert await publisher.keys.key("one") is not None
    publisher.publish("two")
    publisher.clock.now = LEAST_WAIT
    assert await publisher.keys.key("two") is not None
    assert await publisher.keys.key("one") is None
    publisher.publish("three")
    publisher.clock.now += FRESH
    assert await publisher.keys.key("two") is None


async def test_unknown_keys_do_not_make_us_ask_all_the_time() -> None:
    publisher = Publisher()
    for number in range(20):
        assert await publisher.keys.key(f"unknown-{number}") is None
    assert publisher.asked == 1
    publisher.clock.now = LEAST_WAIT
    await publisher.keys.key("unknown")
    assert publisher.asked == 2


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(302, headers={"location": "https://evil.example/"}),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, content=b" " * (LARGEST + 1)),
    ],
)
async def test_an_address_that_fails_costs_nobody_the_keys_that_are_known_for_an_hour(
    answer: httpx.Response,
) -> None:
    publisher = Publisher()
    await publisher.keys.key("one")
    publisher.answer = answer
    publisher.clock.now = STALE - 1
    assert await publisher.keys.key("one") is not None
    publisher.clock.now = STALE + LEAST_WAIT
    with pytest.raises(KeysUnavailable):
        await publisher.keys.key("one")
    publisher.publish("one")
    publisher.clock.now += LEAST_WAIT
    assert await publisher.keys.key("one") is not None


async def test_an_address_that_never_answered_is_said_and_asked_no_more_for_a_moment() -> None:
    publisher = Publisher()
    publisher.answer = httpx.Response(404)
    for _ in range(5):
        with pytest.raises(KeysUnavailable):
            await publisher.keys.key("one")
    assert publisher.asked == 1


async def test_keys_are_fetched_over_the_network_without_following_anybody() -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        asked.append(request.split(b" ")[1])
        body = a_set(jwk(KEY, "one"))
        head = b"HTTP/1.1 200 OK" if asked[-1] == b"/jwks" else b"HTTP/1.1 302 Found\r\nLocation: /jwks"
        writer.write(head + b"\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert await FetchedKeys(f"{address}/jwks").key("one") is not None
        with pytest.raises(KeysUnavailable):
            await FetchedKeys(f"{address}/elsewhere").key("one")
    assert asked == [b"/jwks", b"/elsewhere"]
