"""A register that accepts everything and remembers the order: it tells what arrived, by key and sequence.

    python -m benchmarks.keyed_register PORT [MILLISECONDS]

``POST /besok/KEY/SEQUENCE`` is answered 201, after so many milliseconds. ``GET /count`` answers how many
have arrived, ``GET /log`` all of them in order: ``[[time, key, sequence, answered], ...]`` (monotonic
seconds, which all processes of a machine share). Bare asyncio, so that the stub is not what is measured.
"""

import asyncio
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
import orjson

Arrival = list[Any]
"""``[time, key, sequence, answered]``; `answered` is None until it was."""

LONGEST = 900.0
"""Seconds after which whoever has not delivered everything is given up."""

LATE = 0.5
"""Seconds in which a duplicate would come."""

_CREATED = (
    b'HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{"status":"ok"}'
)


class KeyedRegister(asyncio.Protocol):
    """Answers each request as soon as it is complete, or `delay` seconds later."""

    def __init__(self, log: list[Arrival], delay: float) -> None:
        self._log = log
        self._delay = delay

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end]
            at = head.lower().find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._received) < end + 4 + length:
                return
            self._received = self._received[end + 4 + length :]
            self._answer(head[: head.find(b" HTTP/")].decode())

    def _answer(self, line: str) -> None:
        if not line.startswith("POST /besok/"):
            self._report(orjson.dumps(len(self._log) if line == "GET /count" else self._log))
            return
        key, sequence = line.removeprefix("POST /besok/").split("/")
        arrival = [time.monotonic(), key, int(sequence), None]
        self._log.append(arrival)
        if self._delay > 0:
            asyncio.get_running_loop().call_later(self._delay, self._created, arrival)
        else:
            self._created(arrival)

    def _created(self, arrival: Arrival) -> None:
        arrival[3] = time.monotonic()
        self._transport.write(_CREATED)

    def _report(self, body: bytes) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))


class Verdict(msgspec.Struct, frozen=True):
    """What the log says of `expected` messages: `reordered` ones came before an earlier one of their key,
    `overlapping` ones while an earlier one of their key was not answered yet.
    """

    lost: int
    duplicated: int
    reordered: int
    overlapping: int

    def __str__(self) -> str:
        """The four figures in words."""
        return ", ".join(f"{name} {getattr(self, name)}" for name in self.__struct_fields__)


def judge(log: Sequence[Arrival], keys: int, messages: int) -> Verdict:
    """Compare a log with what was accepted: message n has key n % keys and sequence n // keys."""
    seen: dict[str, set[int]] = defaultdict(set)
    answered: dict[str, float] = {}
    duplicated = reordered = overlapping = 0
    for at, key, sequence, done in log:
        duplicated += sequence in seen[key]
        reordered += any(earlier not in seen[key] for earlier in range(sequence))
        overlapping += at < answered.get(key, 0.0)
        seen[key].add(sequence)
        answered[key] = max(done or float("inf"), answered.get(key, 0.0))
    expected = {(str(number % keys), number // keys) for number in range(messages)}
    arrived = {(key, sequence) for key, found in seen.items() for sequence in found}
    return Verdict(len(expected - arrived), duplicated, reordered, overlapping)


@contextmanager
def register(port: int, milliseconds: float = 0.0) -> Iterator[None]:
    """A register in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.keyed_register", str(port), str(milliseconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield
    finally:
        process.kill()
        process.wait()


def arrivals(url: str, messages: int) -> list[Arrival]:
    """The register's log, when so many messages have arrived, or after the longest time."""
    deadline = time.monotonic() + LONGEST
    with httpx.Client(base_url=url, timeout=60) as client:
        while client.get("/count").json() < messages and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(LATE)
        log: list[Arrival] = orjson.loads(client.get("/log").content)
    return log


async def main(port: int, delay: float) -> None:
    """Answer until killed."""
    log: list[Arrival] = []
    server = await asyncio.get_running_loop().create_server(
        lambda: KeyedRegister(log, delay), "127.0.0.1", port
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]) / 1000 if len(sys.argv) > 2 else 0.0))
