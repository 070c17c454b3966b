"""The transport against a real server on loopback that behaves, stalls, lies and hangs up."""

import asyncio
import contextlib
import logging
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.errors import ConfigurationError
from adapter.registers import rest
from adapter.registers.masking import install_masking
from adapter.registers.protocol import Answer, RegisterSettings, Request
from adapter.registers.rest import LARGEST_ANSWER, RestTransport

CERTS = Path(__file__).parent / "certs"
CANARY = "191212121212"
GET = Request(method="GET", path="/x")
DELETE = Request(
    method="DELETE",
    path="/vardhandelse/besok",
    query=(("handelseId", "ev-1"), ("patientId", CANARY), ("enhet.avd", "Å 1&2")),
    key="k-1",
)
POST = Request(method="POST", path="/vardhandelse/besok", body=b'{"handelseId":"ev-1"}', key="k-2")

Respond = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Register:
    """A scripted server: `respond` is called once for each request whose head and body have come."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.connections = 0
        self.respond: Respond = answering("200 OK", b"")
        self.port = 0

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    (int(line[15:]) for line in head.split("\r\n") if line[:15] == "Content-Length:"), 0
                )
                body = await reader.readexactly(length)
                self.requests.append(head + body.decode())
                await self.respond(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()


def answering(status: str, body: bytes, *headers: str) -> Respond:
    async def respond(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()

    return respond


def saying(raw: bytes, close: bool = True) -> Respond:
    async def respond(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()
        if close:
            writer.close()

    return respond


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    abort(writer)


def abort(writer: asyncio.StreamWriter) -> None:
    """Close with a TCP reset."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


@pytest.fixture
async def register() -> AsyncIterator[Register]:
    """A register over plain HTTP."""
    made = Register()
    server = await asyncio.start_server(made.connected, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


def _close_when_read(connection: socket.socket) -> None:
    """Close without a reset, which would overtake what was said last."""
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):
        pass
    connection.close()


class SecureRegister:
    """A register that demands a client certificate of our root.

    It stands on blocking sockets in a thread of its own, since asyncio's server hangs up on a certificate
    that it does not accept without telling why.
    """

    def __init__(self, version: ssl.TLSVersion) -> None:
        self.requests: list[bytes] = []
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=CERTS / "root.pem")
        self._context.load_cert_chain(CERTS / "server.pem", CERTS / "server.key")
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.minimum_version = self._context.maximum_version = version
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                self._converse(plain)

    def _converse(self, plain: socket.socket) -> None:
        connection = self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        try:
            connection.do_handshake()
        except ssl.SSLError:
            _close_when_read(socket.socket(fileno=connection.detach()))
            return
        with connection:
            request = connection.recv(65536)
            if request.startswith(b"POST"):
                request += connection.recv(65536)
            self.requests.append(request)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["tls-1.2", "tls-1.3"])
def secure(request: pytest.FixtureRequest) -> Iterator[SecureRegister]:
    """A register over mutual TLS."""
    made = SecureRegister(request.param)
    yield made
    made.close()


async def send(register: Register | SecureRegister, request: Request = GET, **settings: Any) -> Answer:
    settings.setdefault("url", f"http://127.0.0.1:{register.port}/gvr")
    transport = RestTransport(RegisterSettings(**settings))
    try:
        return await transport.send(request)
    finally:
        await transport.close()


def certificates(register: SecureRegister, **others: Any) -> dict[str, Any]:
    return {
        "url": f"https://127.0.0.1:{register.port}",
        "ca": str(CERTS / "root.pem"),
        "client_cert": str(CERTS / "client.pem"),
        "client_key": str(CERTS / "client.key"),
        **others,
    }


async def test_a_write_carries_body_type_and_key(register: Register) -> None:
    register.respond = answering("201 Created", b'{"a":1}', "Content-Type: application/json")
    answer = await send(register, POST)
    assert (answer.status, answer.body, answer.failure) == (201, b'{"a":1}', None)
    (request,) = register.requests
    assert request.startswith("POST /gvr/vardhandelse/besok HTTP/1.1\r\n")
    assert "\r\nContent-Type: application/json\r\n" in request
    assert "\r\nIdempotency-Key: k-2\r\n" in request
    assert request.endswith('\r\n\r\n{"handelseId":"ev-1"}')


async def test_a_query_is_encoded_and_a_delete_has_no_body(register: Register) -> None:
    await send(register, DELETE)
    (request,) = register.requests
    assert request.startswith(
        "DELETE /gvr/vardhandelse/besok?"
        f"handelseId=ev-1&patientId={CANARY}&enhet.avd=%C3%85%201%262 HTTP/1.1\r\n"
    )
    assert "Content-Type" not in request
    assert request.endswith("\r\n\r\n")


async def test_without_a_key_none_is_sent(register: Register) -> None:
    await send(register)
    assert "Idempotency-Key" not in register.requests[0]


async def test_of_the_headers_only_harmless_ones_are_kept(register: Register) -> None:
    register.respond = answering(
        "429 Slow", b"", "Retry-After: 3", "Location: /x?patientId=1", "Set-Cookie: a=b"
    )
    assert (await send(register)).headers == {"retry-after": "3"}


async def test_a_redirect_is_not_followed(register: Register) -> None:
    register.respond = answering("307 Moved", b"", "Location: /elsewhere")
    assert (await send(register, POST)).status == 307
    assert len(register.requests) == 1


async def test_cookies_are_not_kept(register: Register) -> None:
    register.respond = answering("200 OK", b"", "Set-Cookie: session=1; Path=/")
    transport = RestTransport(RegisterSettings(url=f"http://127.0.0.1:{register.port}"))
    await transport.send(GET)
    await transport.send(GET)
    await transport.close()
    assert "session" not in register.requests[1]


async def test_proxies_of_the_environment_are_ignored(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert (await send(register)).status == 200


async def test_a_refused_connection_was_not_sent(register: Register) -> None:
    server = await asyncio.start_server(register.connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    assert (await send(register, url=f"http://127.0.0.1:{port}")).failure == "connect"


async def test_an_unknown_host_was_not_sent(register: Register) -> None:
    assert (await send(register, url="http://register.invalid")).failure == "dns"


async def test_a_hello_without_answer_is_a_connect_timeout(register: Register) -> None:
    answer = await send(register, url=f"https://127.0.0.1:{register.port}", timeout=0.2)
    assert answer.failure == "connect-timeout"


async def test_no_free_connection_is_a_pool_timeout(register: Register) -> None:
    register.respond = silence
    transport = RestTransport(RegisterSettings(url=f"http://127.0.0.1:{register.port}", timeout=0.3))
    answers = await asyncio.gather(*(transport.send(GET) for _ in range(9)))
    await transport.close()
    assert sorted(answer.failure or "" for answer in answers) == ["pool-timeout"] + ["read-timeout"] * 8


async def test_an_answer_that_does_not_come_is_a_read_timeout(register: Register) -> None:
    register.respond = silence
    assert (await send(register, POST, timeout=0.1)).failure == "read-timeout"
    assert len(register.requests) == 1


async def test_an_answer_that_drips_is_cut_off_at_the_timeout(register: Register) -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.02)

    register.respond = drip
    assert (await send(register, timeout=0.2)).failure == "read-timeout"


@pytest.mark.parametrize(
    ("respond", "failure"),
    [
        (reset, "read"),
        (saying(b""), "protocol"),
        (saying(b"SSH-2.0-OpenSSH\r\n"), "protocol"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"), "protocol"),
        (saying(b"HTTP/1.1 2"), "protocol"),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "protocol"),
    ],
    ids=["reset", "closed", "garbage", "truncated-body", "truncated-head", "bad-chunk"],
)
async def test_a_broken_answer_is_told_from_a_broken_connection(
    respond: Respond, failure: str, register: Register
) -> None:
    register.respond = respond
    answer = await send(register, POST)
    assert (answer.status, answer.failure) == (None, failure)


async def test_a_connection_that_breaks_while_sending_is_no_connect_failure(register: Register) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        abort(writer)

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    large = Request(method="POST", path="/x", body=b" " * 20_000_000)
    assert (await send(register, large, url=url)).failure in ("write", "read", "protocol")
    server.close()


async def test_a_huge_answer_is_cut(register: Register) -> None:
    register.respond = answering("400 Bad Request", b"x" * (2 * LARGEST_ANSWER))
    answer = await send(register)
    assert (answer.status, len(answer.body)) == (400, LARGEST_ANSWER)


async def test_a_connection_is_used_again(register: Register) -> None:
    transport = RestTransport(RegisterSettings(url=f"http://127.0.0.1:{register.port}"))
    for _ in range(3):
        await transport.send(POST)
    await transport.close()
    assert (register.connections, len(register.requests)) == (1, 3)


async def test_an_idle_connection_is_dropped_before_the_register_drops_it(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rest.KEEPALIVE < 5.0
    monkeypatch.setattr(rest, "KEEPALIVE", 0.05)
    transport = RestTransport(RegisterSettings(url=f"http://127.0.0.1:{register.port}"))
    await transport.send(POST)
    await asyncio.sleep(0.1)
    await transport.send(POST)
    await transport.close()
    assert register.connections == 2


async def test_a_connection_that_the_register_closed_is_not_used_again(register: Register) -> None:
    register.respond = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    transport = RestTransport(RegisterSettings(url=f"http://127.0.0.1:{register.port}"))
    answers = []
    for _ in range(2):
        answers.append(await transport.send(POST))
        await asyncio.sleep(0.02)
    await transport.close()
    assert [answer.status for answer in answers] == [200, 200]


async def test_more_than_eight_at_once_share_several_clients(register: Register) -> None:
    all_here = asyncio.Event()

    async def wait_for_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(register.requests) == 20:
            all_here.set()
        await all_here.wait()
        await answering("200 OK", b"")(reader, writer)

    register.respond = wait_for_all
    transport = RestTransport(RegisterSettings(url=f"http://127.0.0.1:{register.port}", concurrency=20))
    answers = await asyncio.gather(*(transport.send(GET) for _ in range(20)))
    await transport.close()
    assert [answer.status for answer in answers] == [200] * 20


async def test_a_request_goes_where_the_fewest_are_under_way(register: Register) -> None:
    async def stall_gets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        respond = silence if register.requests[-1].startswith("GET") else answering("200 OK", b"")
        await respond(reader, writer)

    register.respond = stall_gets
    transport = RestTransport(
        RegisterSettings(url=f"http://127.0.0.1:{register.port}", concurrency=16, timeout=0.3)
    )
    stalled = []
    for _ in range(9):
        stalled.append(asyncio.create_task(transport.send(GET)))
        assert (await transport.send(POST)).status == 200
    answers = await asyncio.gather(*stalled)
    await transport.close()
    assert [answer.failure for answer in answers] == ["read-timeout"] * 9


async def test_a_cancelled_send_frees_its_place(register: Register) -> None:
    arrived = asyncio.Semaphore(0)

    async def stall(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        arrived.release()
        await reader.read()

    register.respond = stall
    transport = RestTransport(RegisterSettings(url=f"http://127.0.0.1:{register.port}", timeout=5))
    for _ in range(9):
        task = asyncio.create_task(transport.send(GET))
        await arrived.acquire()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    register.respond = answering("200 OK", b"")
    assert (await transport.send(GET)).status == 200
    await transport.close()


async def test_a_closed_transport_sends_nothing(register: Register) -> None:
    transport = RestTransport(RegisterSettings(url=f"http://127.0.0.1:{register.port}"))
    await transport.close()
    assert (await transport.send(POST)).failure == "connect"
    assert register.requests == []


async def test_mutual_tls_with_our_certificate(secure: SecureRegister) -> None:
    answer = await send(secure, POST, **certificates(secure))
    assert (answer.status, answer.failure) == (200, None)
    assert len(secure.requests) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"client_cert": None, "client_key": None},
        {"client_cert": str(CERTS / "stranger.pem"), "client_key": str(CERTS / "stranger.key")},
        {"ca": None},
        {"ca": str(CERTS / "stranger.pem")},
    ],
    ids=["no-client-certificate", "client-of-another-root", "untrusted-server", "other-root"],
)
async def test_a_certificate_that_is_not_accepted_is_a_tls_failure(
    change: dict[str, Any], secure: SecureRegister
) -> None:
    answer = await send(secure, POST, **certificates(secure, **change))
    assert answer.failure == "tls"
    assert secure.requests == []


async def test_a_server_that_speaks_no_tls_is_a_tls_failure(register: Register) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    assert (await send(register, url=url)).failure == "tls"
    server.close()


@pytest.mark.parametrize("abruptly", [True, False])
async def test_a_hello_that_is_hung_up_on_was_not_sent(abruptly: bool, register: Register) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        if abruptly:
            abort(writer)
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    assert (await send(register, url=url)).failure == "tls-refused"
    server.close()


@pytest.mark.parametrize(
    "settings",
    [
        {"url": ""},
        {"url": "ftp://register"},
        {"url": "http://"},
        {"url": "http://register/?a=b"},
        {"url": "https://register", "ca": "/no/such/file"},
        {"url": "https://register", "client_cert": "/no/such/file"},
        {
            "url": "https://register",
            "client_cert": str(CERTS / "client.pem"),
            "client_key": str(CERTS / "server.key"),
        },
        {"url": "https://register", "client_key": str(CERTS / "client.key")},
    ],
)
def test_settings_that_cannot_work_stop_the_start(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        RestTransport(RegisterSettings(**settings))


async def test_no_log_line_of_any_library_names_the_patient(
    register: Register, secure: SecureRegister, caplog: pytest.LogCaptureFixture
) -> None:
    before = logging.getLogRecordFactory()
    install_masking()
    asyncio.get_running_loop().set_debug(True)
    location = f"Location: http://127.0.0.1/x?patientId={CANARY}"
    try:
        with caplog.at_level(logging.DEBUG):
            register.respond = answering("404 Not Found", CANARY.encode(), location)
            assert (await send(register, DELETE)).status == 404
            register.respond = saying(CANARY.encode())
            assert (await send(register, DELETE)).failure == "protocol"
            assert (await send(secure, DELETE, **certificates(secure))).status == 200
            await send(secure, DELETE, **certificates(secure, ca=None))
            await send(secure, DELETE, url="http://register.invalid")
    finally:
        asyncio.get_running_loop().set_debug(False)
        logging.setLogRecordFactory(before)
    assert {record.name.split(".")[0] for record in caplog.records} >= {"httpx", "httpcore"}
    assert "/gvr/vardhandelse/besok?***" in caplog.text
    assert CANARY not in caplog.text
    assert "121212" not in caplog.text
