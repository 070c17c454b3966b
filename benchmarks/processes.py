"""A backlog on one PostgreSQL, delivered by one, two and four worker processes.

    python -m benchmarks.processes [--messages N] [--keys K] [--rounds R] [--workers 1 2 4]

A worker is what `vardbro work` runs: a ledger and a courier in a process of their own. They begin together,
when everything has been taken in; the time from there until the register has got the last message counts.
Afterwards the register's log is compared with what was taken in.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import uvloop

from adapter.delivery.courier import Courier
from adapter.ledger.model import NewReceipt
from adapter.registers.protocol import RegisterSettings
from adapter.registers.rest import RestTransport
from benchmarks import postgres
from benchmarks.contenders.job import Job, body, told
from benchmarks.contenders.with_vardbro import Receiver, hush, new_event, open_ledger
from benchmarks.delivery import free_port
from benchmarks.keyed_register import Verdict, arrivals, judge, register
from benchmarks.machine import machine

BUNDLE = 50
"""Events in one submission of the backlog."""

CONCURRENCY = 8
"""Requests at once of each worker."""


def main() -> None:
    """Measure, in turn, and print the medians."""
    options = _options()
    rates: dict[int, list[float]] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder) as folder,
        postgres.server(Path(folder) / "pg") as server,
    ):
        print(machine())
        print(server.settings())
        for number in range(options.rounds):
            for workers in options.workers:
                rate, verdict = _run(workers, options, server.empty_database("ledger"))
                rates[workers].append(rate)
                print(f"round {number + 1}, {workers} workers: {rate:.0f} messages/s; {verdict}", flush=True)
                if verdict != Verdict(0, 0, 0, 0):
                    sys.exit("a promise was broken")
    print(
        f"\n{options.messages} messages of {options.keys} lanes, {CONCURRENCY} requests at once for each"
        f" worker, median of {options.rounds}; workers, PostgreSQL and register share {os.cpu_count()} cores"
    )
    one = statistics.median(rates[options.workers[0]])
    for workers, found in rates.items():
        rate = statistics.median(found)
        print(f"{workers} workers {rate:7.0f} messages/s  {rate / one:.2f} times {options.workers[0]}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="where PostgreSQL's data lie")
    return parser.parse_args()


def _run(workers: int, options: argparse.Namespace, store: str) -> tuple[float, Verdict]:
    port = free_port()
    job = Job(
        store=store,
        register=f"http://127.0.0.1:{port}",
        messages=options.messages,
        keys=options.keys,
        concurrency=CONCURRENCY,
    )
    uvloop.run(_take_in(job))
    command = [sys.executable, "-m", "benchmarks.processes", "work", job.store, job.register]
    with register(port), ExitStack() as stack:
        processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(workers)
        ]
        for process in processes:
            stack.callback(_end, process)
            assert process.stdout is not None
            process.stdout.readline()
        began = time.monotonic()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
        log = arrivals(job.register, job.messages)
    seconds = max(at for at, *_ in log) - began
    return job.messages / seconds, judge(log, job.keys, job.messages)


async def _take_in(job: Job) -> None:
    """Everything, in submissions of many events each."""
    ledger = open_ledger(job.store)
    for first in range(0, job.messages, BUNDLE):
        numbers = range(first, min(first + BUNDLE, job.messages))
        places = [(str(number % job.keys), number // job.keys) for number in numbers]
        events = [new_event(key, f"{key}/{place}", body(key, place)) for key, place in places]
        receipt = NewReceipt(
            sender="s", key=f"k{first}", body_hash="h", size=1, received_at=0.0, status=200, payload=None
        )
        await ledger.commit(receipt, events, lambda _: b"{}")
    await ledger.close()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(60)


async def _work(store: str, url: str) -> None:
    """One worker: deliver from the word on until killed."""
    hush()
    settings = RegisterSettings(url=url, concurrency=CONCURRENCY, lookup="/count")
    courier = Courier(
        register="gvr",
        ledger=open_ledger(store),
        receiver=Receiver(),
        transport=RestTransport(settings),
        settings=settings,
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await told()
    courier.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        uvloop.run(_work(*sys.argv[2:]))
    else:
        main()
