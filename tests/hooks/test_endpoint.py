"""One POST to a real receiver: what goes out, and what each answer counts for."""

import asyncio
import base64
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter.hooks.endpoint import Endpoint
from adapter.hooks.target import Target
from adapter.hooks.telling import Heard
from adapter.ledger.hooks import Batch
from tests.hooks.test_signing import hmac_by_definition
from tests.support.listener import Call, Receiver, closed_port

KEY = b"k" * 32
CERTS = Path(__file__).parents[1] / "registers" / "certs"
BATCH = Batch(hook="h", owner="o", cursor="0-0", upto="0-1", tries=0, changes=[{"n": 1}])
Make = Callable[..., Endpoint]


def say(changes: list[dict[str, Any]]) -> bytes:
    return orjson.dumps(changes)


@pytest.fixture
async def endpoint() -> AsyncIterator[Make]:
    """Makes endpoints, and closes them."""
    made: list[Endpoint] = []

    def make(url: str, **options: Any) -> Endpoint:
        made.append(Endpoint(Target(url, KEY), say, **{"timeout": 5.0, **options}))
        return made[-1]

    yield make
    for one in made:
        await one.close()


def check_signature(call: Call, key: bytes = KEY) -> None:
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    expected = base64.b64encode(hmac_by_definition(key, signed)).decode()
    assert call.headers["webhook-signature"] == f"v1,{expected}"


async def test_a_signed_post_goes_out_with_the_body_that_was_signed(
    receiver: Receiver, endpoint: Make
) -> None:
    before = int(time.time())
    assert await endpoint(f"{receiver.url}?code=1").tell(BATCH) == Heard(taken=True)
    (call,) = receiver.calls
    assert (call.method, call.path, call.json) == ("POST", "/hook?code=1", [{"n": 1}])
    assert call.headers["content-type"] == "application/json"
    assert call.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert before <= int(call.headers["webhook-timestamp"]) <= time.time()
    check_signature(call)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_2xx_is_taken(receiver: Receiver, endpoint: Make, status: int) -> None:
    receiver.answers.append(status)
    assert (await endpoint(receiver.url).tell(BATCH)).taken


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_a_failure_and_is_not_followed(
    receiver: Receiver, endpoint: Make, status: int
) -> None:
    receiver.answers.append(status)
    assert await endpoint(receiver.url).tell(BATCH) == Heard(taken=False, cause=f"http-{status}")
    assert [call.path for call in receiver.calls] == ["/hook"]


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_other_answers_are_failures(receiver: Receiver, endpoint: Make, status: int) -> None:
    receiver.answers.append(status)
    assert await endpoint(receiver.url).tell(BATCH) == Heard(taken=False, cause=f"http-{status}")


async def test_gone_is_for_good(receiver: Receiver, endpoint: Make) -> None:
    receiver.answers.append(410)
    assert await endpoint(receiver.url).tell(BATCH) == Heard(taken=False, cause="http-410", gone=True)


@pytest.mark.parametrize(
    ("asked", "wait"), [("120", 120.0), ("-5", 0.0), ("inf", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0)]
)
async def test_the_wait_that_is_asked_for_is_heard(
    receiver: Receiver, endpoint: Make, asked: str, wait: float
) -> None:
    receiver.answers.append(503)
    receiver.headers = {"Retry-After": asked}
    assert (await endpoint(receiver.url).tell(BATCH)).wait == wait


async def test_an_endpoint_that_hangs_is_given_up(receiver: Receiver, endpoint: Make) -> None:
    receiver.answers.append("hang")
    assert await endpoint(receiver.url, timeout=0.2).tell(BATCH) == Heard(taken=False, cause="timeout")


async def test_an_answer_that_trickles_in_is_given_up(endpoint: Make) -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"H")
            await asyncio.sleep(0.02)

    async with await asyncio.start_server(trickle, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        heard = await endpoint(url, timeout=0.3).tell(BATCH)
    assert not heard.taken


async def test_an_endless_body_of_an_answer_is_not_read(endpoint: Make) -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"5\r\nxxxxx\r\n")
            await asyncio.sleep(0)
            try:
                await writer.drain()
            except OSError:
                return

    async with await asyncio.start_server(flood, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        assert (await endpoint(url).tell(BATCH)).taken


@pytest.mark.parametrize("answer", ["drop"])
async def test_a_connection_that_breaks_is_a_failure(receiver: Receiver, endpoint: Make, answer: str) -> None:
    receiver.answers.append(answer)
    heard = await endpoint(receiver.url).tell(BATCH)
    assert (heard.taken, heard.cause) in {(False, "protocol"), (False, "read")}


async def test_nobody_listening_is_a_failure(endpoint: Make) -> None:
    heard = await endpoint(f"http://127.0.0.1:{closed_port()}/").tell(BATCH)
    assert heard == Heard(taken=False, cause="connect")


async def test_a_name_that_leads_nowhere_is_a_failure(
    endpoint: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    assert await endpoint("https://nowhere.example/").tell(BATCH) == Heard(taken=False, cause="dns")


async def test_a_name_that_is_none_is_a_failure(endpoint: Make) -> None:
    heard = await endpoint(f"https://{'x' * 70}.example/").tell(BATCH)
    assert heard == Heard(taken=False, cause="dns")


async def test_the_second_address_of_a_name_is_tried(
    receiver: Receiver, endpoint: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def two(host: str, port: int, **_: Any) -> Any:
        return [(0, 0, 0, "", (address, port)) for address in ("127.0.0.99", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    assert (await endpoint(f"http://localhost:{receiver.port}/hook").tell(BATCH)).taken
    assert receiver.calls[0].headers["host"] == f"localhost:{receiver.port}"


async def test_name_servers_that_hang_leave_the_services_threads_alone(
    endpoint: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [time.sleep(3)][:0])
    hanging = endpoint("https://hangs.example/", timeout=0.2)
    assert (await hanging.tell(BATCH)).cause == "timeout"
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 1) == "free"


class TestSecure:
    @pytest.fixture
    def receiver(self) -> Any:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(CERTS / "server.pem", CERTS / "server.key")
        made = Receiver(context)
        yield made
        made.close()

    @staticmethod
    def trust() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=CERTS / "root.pem")

    async def test_the_certificate_is_checked_against_the_name_and_not_the_address(
        self, receiver: Receiver, endpoint: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = receiver.port
        good, other = f"https://localhost:{port}/hook", f"https://other.example:{port}/hook"
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, port, **_: [(0, 0, 0, "", ("127.0.0.1", port))]
        )
        assert (await endpoint(good, trust=self.trust()).tell(BATCH)).taken
        refused = await endpoint(other, trust=self.trust()).tell(BATCH)
        assert refused == Heard(taken=False, cause="tls")
        assert receiver.names == ["localhost", "other.example"]
        assert len(receiver.calls) == 1
        check_signature(receiver.calls[0])

    async def test_an_unknown_authority_is_not_trusted(self, receiver: Receiver, endpoint: Make) -> None:
        assert await endpoint(receiver.url).tell(BATCH) == Heard(taken=False, cause="tls")
        assert receiver.calls == []
