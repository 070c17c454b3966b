"""Load from a process of its own: so many connections, each sending its next bundle after the last answer."""

import asyncio
import sys
import time
from collections.abc import Sequence

import orjson
import uvloop

from benchmarks.bundles import contact_bundles

CONNECTIONS = 32


async def _client(address: tuple[str, int], path: str, bodies: list[bytes], times: list[float]) -> int:
    """Send bodies until there are none left; how many were not answered with 200."""
    reader, writer = await asyncio.open_connection(*address)
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/fhir+json\r\nContent-Length: "
    wrong = 0
    while bodies:
        body = bodies.pop()
        started = time.perf_counter()
        writer.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        times.append(time.perf_counter() - started)
        wrong += answer[9:12] != b"200"
    writer.close()
    return wrong


async def run(host: str, port: int, path: str, count: int) -> dict[str, float]:
    """Send `count` bundles: bundles a second, percentiles in ms, and the number of answers other than 200."""
    bodies, times = list(contact_bundles(count)), []
    started = time.perf_counter()
    wrong = await asyncio.gather(*(_client((host, port), path, bodies, times) for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - started
    times.sort()
    return {
        "rate": count / seconds,
        "p50_ms": 1000 * times[len(times) // 2],
        "p99_ms": 1000 * times[int(len(times) * 0.99)],
        "wrong": float(sum(wrong)),
    }


def main(arguments: Sequence[str]) -> None:
    """HOST PORT PATH COUNT; prints one line of JSON."""
    host, port, path, count = arguments
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(orjson.dumps(runner.run(run(host, int(port), path, int(count)))).decode())


if __name__ == "__main__":
    main(sys.argv[1:])
