"""A register in a process of its own, for tests that kill: it logs each effect before it answers.

Run: ``python -m tests.support.stub_register LOG``. Prints its port. A create of what is there already takes
effect a second time, so that the log shows it. Some answers come after the caller has given up; some
connections break after the effect; some requests are refused before it.
"""

import asyncio
import json
import os
import random
import sys
from typing import Any

SLOW = 0.9
"""Seconds of an answer that comes too late for the caller's time-out."""


class Stub:
    """The register's state and log."""

    def __init__(self, log: str, seed: int) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._holds: dict[str, Any] = {}
        self._random = random.Random(seed)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                length = next(
                    (
                        int(line.split(":")[1])
                        for line in head.splitlines()
                        if line.lower().startswith("content-length")
                    ),
                    0,
                )
                body = json.loads(await reader.readexactly(length) or b"{}")
                answer = await self._answer(head.split(" ", 1)[0], body)
                if answer is None:
                    writer.transport.abort()
                    return
                status, content = answer
                writer.write(
                    f"HTTP/1.1 {status} X\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, method: str, body: dict[str, Any]) -> tuple[int, bytes] | None:
        if method == "GET":
            held = self._holds.get(body["id"])
            return (404, b"") if held is None else (200, json.dumps(held).encode())
        if self._random.random() < 0.1:
            return 503, b""
        status = self._work(method, body)
        chance = self._random.random()
        if chance < 0.02:
            await asyncio.sleep(SLOW)
        elif chance < 0.05:
            return None
        else:
            await asyncio.sleep(self._random.random() * 0.01)
        return status, b"{}"

    def _work(self, method: str, body: dict[str, Any]) -> int:
        there = body["id"] in self._holds
        if method in ("PUT", "DELETE") and not there:
            return 404
        os.write(self._log, json.dumps([method, body["id"], body["n"], there]).encode() + b"\n")
        if method == "DELETE":
            del self._holds[body["id"]]
        else:
            self._holds[body["id"]] = body
        return 201


async def main(log: str, seed: int) -> None:
    """Serve until killed."""
    stub = Stub(log, seed)
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
