"""Delivery against its yardstick, in the same run: bare httpx posting the same bodies to the same stub.

Run: ``python benchmarks/delivery.py [MESSAGES]``. Prints messages a second for both, their ratio (the aim is
0.6), and what it ran on. Both use uvloop as the service does; the ledger commits with fsync on.
"""

import asyncio
import logging
import os
import platform
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import orjson
import structlog
import uvloop

from adapter.delivery.courier import Courier
from adapter.domain.message import Found, Operation, Outcome, OutcomeClass
from adapter.ledger.model import LaneState, NewEvent, NewMessage, NewReceipt
from adapter.ledger.protocol import Work
from adapter.ledger.sqlite import SqliteLedger
from adapter.registers.protocol import Answer, RegisterSettings, Request
from adapter.registers.rest import RestTransport

CONCURRENCY = 8
ROUNDS = 3
_STUB = Path(__file__).parent / "stub_register.py"


def body(number: int) -> bytes:
    """A vårdkontakt of ordinary size (about 600 bytes)."""
    return orjson.dumps(
        {
            "handelseId": f"benchmark-{number}",
            "patientId": "191212121212",
            "enhet": {"inr": "30216", "klin": "311", "avd": "002"},
            "datum": "2025-03-03",
            "tid": "10:15",
            "slutdatum": "2025-03-03",
            "besokTyp": "1",
            "taxa": "01",
            "akut": "N",
            "vardgivare": ["01", "70"],
            "diagnoser": [{"kod": f"J18{n}", "ordning": n + 1} for n in range(6)],
            "atgarder": [
                {"kod": "XS012", "datum": "2025-03-03", "ordning": n + 1, "diagnos": 1} for n in range(4)
            ],
        }
    )


class Receiver:
    """The plainest receiver: what is measured is the delivery, not a register's reading of answers."""

    name = "gvr"

    def service(self, event: Any) -> str:
        return "vardkontakt"

    def render(self, event: Any, provenance: Any, edition: str) -> list[Any]:
        return []

    def request(
        self, operation: Operation, service: str, content: dict[str, Any], key: str | None
    ) -> Request:
        return Request(method="POST", path="/besok", body=orjson.dumps(content), key=key)

    def lookup(self, service: str, content: dict[str, Any]) -> Request | None:
        return None

    def read(self, operation: Operation, content: dict[str, Any], answer: Answer) -> Outcome:
        kind = OutcomeClass.ACCEPTED if answer.status == 201 else OutcomeClass.UNKNOWN
        return Outcome(kind=kind, cause=f"http-{answer.status}")

    def read_lookup(self, operation: Operation, content: dict[str, Any], answer: Answer) -> Found | Outcome:
        return Found.UNREADABLE


async def yardstick(url: str, count: int) -> float:
    """Messages a second of bare httpx with as many requests at once."""
    numbers = iter(range(count))
    limits = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:

        async def post() -> None:
            for number in numbers:
                response = await client.post(
                    url, content=body(number), headers={"Content-Type": "application/json"}
                )
                assert response.status_code == 201

        began = time.perf_counter()
        await asyncio.gather(*(post() for _ in range(CONCURRENCY)))
        return count / (time.perf_counter() - began)


async def fill(ledger: SqliteLedger, count: int) -> None:
    """Commit `count` events of one message each."""
    for start in range(0, count, 100):
        events = [event(number) for number in range(start, min(start + 100, count))]
        receipt = NewReceipt(
            sender="s", key=f"k{start}", body_hash="h", size=1, received_at=0.0, status=200, payload=None
        )
        await ledger.commit(receipt, events, lambda _: b"")


def event(number: int) -> NewEvent:
    """One event with its message."""
    message = NewMessage(
        register="gvr",
        service="vardkontakt",
        slot=f"benchmark-{number}",
        event_id=f"benchmark-{number}",
        intent="report",
        body=body(number),
        trace=b"[]",
        content=f"{number:032x}",
        identity="p",
        unit="u",
        edition="2025",
        care_date="2025-03-03",
    )
    return NewEvent(
        event_id=message.event_id,
        sender="s",
        identifier=message.event_id,
        version=None,
        expected_revision=0,
        status="final",
        content=message.content,
        messages=(message,),
    )


class Counting(SqliteLedger):
    """A ledger that says when everything is settled: asking it all the time would be part of the work."""

    def expect(self, count: int) -> asyncio.Event:
        """An event that is set when so many attempts have been settled."""
        self._left, self._done = count, asyncio.Event()
        return self._done

    async def settle(
        self, work: Work, outcome: Outcome, retry_in: float | None, answer: bytes = b""
    ) -> LaneState:
        """Settle, and count."""
        state = await super().settle(work, outcome, retry_in, answer)
        self._left -= 1
        if self._left == 0:
            self._done.set()
        return state


async def delivered(base: str, count: int, folder: Path, *, lookup: bool) -> float:
    """Messages a second of a courier with a ledger, from the start until every message is accepted."""
    ledger = Counting.open(folder / "ledger.db")
    await fill(ledger, count)
    done = ledger.expect(count)
    settings = RegisterSettings(url=base, concurrency=CONCURRENCY, lookup="/besok" if lookup else None)
    courier = Courier(
        register="gvr",
        ledger=ledger,
        receiver=Receiver(),
        transport=RestTransport(settings),
        settings=settings,
    )
    began = time.perf_counter()
    courier.start()
    await done.wait()
    rate = count / (time.perf_counter() - began)
    assert (await ledger.summary())["messages"] == {"accepted": count}
    await courier.stop(5)
    assert (await ledger.audit_verify()).broken_at is None
    await ledger.close()
    return rate


async def measure(port: int, count: int) -> None:
    """Alternate yardstick and deliveries, and print the medians."""
    base = f"http://127.0.0.1:{port}"
    await yardstick(f"{base}/besok", 200)
    bare, plain, ahead = [], [], []
    for _ in range(ROUNDS):
        bare.append(await yardstick(f"{base}/besok", count))
        for rates, lookup in ((plain, False), (ahead, True)):
            with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
                rates.append(await delivered(base, count, Path(folder), lookup=lookup))
    stick = statistics.median(bare)
    for name, rates in (("delivered, no look-up", plain), ("delivered, claimed ahead", ahead)):
        rate = statistics.median(rates)
        print(f"{name:26} {rate:7.0f} messages/s  ratio {rate / stick:.2f}")
    print(f"{'bare httpx':26} {stick:7.0f} messages/s")
    print(
        f"{count} messages of {len(body(0))} bytes, {CONCURRENCY} at once, median of {ROUNDS};"
        f" {os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}, httpx {httpx.__version__}, SQLite {sqlite3.sqlite_version}"
        f" (WAL, synchronous=FULL)"
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def main() -> None:
    """Start the stub, measure, stop the stub."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    port = free_port()
    stub = subprocess.Popen([sys.executable, str(_STUB), str(port)], stdout=subprocess.PIPE)
    try:
        assert stub.stdout is not None
        stub.stdout.readline()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(port, count))
    finally:
        stub.terminate()
        stub.wait()


if __name__ == "__main__":
    main()
