"""The register's stand-in as a process of its own: HTTP around the naive register, and a way to its moods."""

import asyncio
import contextlib
from multiprocessing.connection import Connection
from urllib.parse import parse_qsl, urlsplit

import msgspec
import orjson

from adapter.verification.naive_register import Answer, Call, NaiveRegister, StandIn
from adapter.verification.weather import Weather

WEATHER_PATH = "/_control/weather"
FIGURES_PATH = "/_control/figures"

_REASONS = {200: "OK", 201: "Created"}


class Door:
    """Reads requests from connections and writes answers."""

    def __init__(self, register: NaiveRegister) -> None:
        self._register = register

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                call = await _read(reader)
                answer = self._controlled(call) or await self._register.answer(call)
                if answer is None:
                    writer.transport.abort()
                    return
                writer.write(_rendered(answer))
                await writer.drain()
        writer.close()

    def _controlled(self, call: Call) -> Answer | None:
        if call.path == WEATHER_PATH:
            self._register.change(msgspec.convert(call.message, Weather))
            return Answer(200)
        if call.path == FIGURES_PATH:
            return Answer(200, orjson.dumps(self._register.figures()))
        return None


async def _read(reader: asyncio.StreamReader) -> Call:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.splitlines()
    method, target, _ = first.split(" ")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    url = urlsplit(target)
    message = orjson.loads(body) if body else dict(parse_qsl(url.query))
    return Call(method, url.path, message, headers.get("idempotency-key"))


def _rendered(answer: Answer) -> bytes:
    head = f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Refused')}\r\n"
    return f"{head}{answer.headers}content-length: {len(answer.body)}\r\n\r\n".encode() + answer.body


def run(setup: StandIn, port: Connection) -> None:
    """Serve until killed; the port is sent through `port` once connections are taken."""
    asyncio.run(_serve(setup, port))


async def _serve(setup: StandIn, port: Connection) -> None:
    server = await asyncio.start_server(Door(NaiveRegister(setup)), "127.0.0.1", 0, backlog=512)
    port.send(server.sockets[0].getsockname()[1])
    port.close()
    await server.serve_forever()
