"""The same job on our ledger, on DBOS and on Procrastinate, in one run.

    pip install -e '.[rivals]' -c constraints.txt
    python -m benchmarks.rivals [--messages N] [--keys K] [--rounds R] [--backlog] [--only NAME ...]

The job (contenders/job.py): accept messages, each by one call that returns when it is on disk, and deliver
them to a register in order per key. Afterwards the register's log is compared with what was accepted.
Contenders take turns, medians count; each runs in a process of its own, as does the register.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import orjson

from benchmarks import postgres
from benchmarks.contenders.job import Job
from benchmarks.delivery import free_port
from benchmarks.keyed_register import Verdict, arrivals, judge, register
from benchmarks.machine import machine

CONTENDERS = (
    "vardbro sqlite",
    "dbos sqlite",
    "dbos-bare sqlite",
    "vardbro postgresql",
    "dbos postgresql",
    "dbos-bare postgresql",
    "procrastinate postgresql",
)
PROMISES = {
    "vardbro": "also keeps the submission with its answer, event versions, an audit trail chained by hashes"
    " and each attempt before it is sent; a lane whose outcome is not known, or that was refused, stops with"
    " all that is behind in it; what was sent and not answered is not sent again blindly",
    "dbos": "at least once: a step that was cut off runs again by itself, whatever it may have done; a"
    " workflow that failed ends, and the next one of its partition goes on",
    "dbos-bare": "the same, against the advice that a workflow calls others in steps only",
    "procrastinate": "at least once, where one's own code retries stalled jobs; a job that failed frees its"
    " lock, and the next one goes on",
}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One run. Seconds from the first call: until the last was accepted, had arrived, and was settled.

    `cpu` is the time that the contender's own process was at work (PostgreSQL's not counted).
    """

    accepted: float
    arrived: float
    settled: float
    cpu: float
    verdict: Verdict
    settings: dict[str, Any]


def main() -> None:
    """Run all contenders in turn and print what came of it."""
    options = _options()
    results: dict[str, list[Result]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder) as folder, ExitStack() as stack:
        server = None
        if any("postgresql" in name for name in options.only):
            server = stack.enter_context(postgres.server(Path(folder) / "pg"))
        print(machine())
        if server:
            print(f"for all contenders {server.settings()}")
        for number in range(options.rounds):
            for name in (
                options.only[number % len(options.only) :] + options.only[: number % len(options.only)]
            ):
                result = _run(name, options, Path(folder), server)
                results[name].append(result)
                _print_run(number, name, result, options.messages)
    _print_medians(results, options)
    if any(result.verdict != Verdict(0, 0, 0, 0) for found in results.values() for result in found):
        sys.exit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--keys", type=int, default=500)
    parser.add_argument("--senders", type=int, default=32)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--register-ms", type=float, default=0.0, help="the register's time for an answer")
    parser.add_argument("--backlog", action="store_true", help="accept everything before delivery begins")
    parser.add_argument("--only", nargs="+", default=list(CONTENDERS), choices=CONTENDERS)
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="where the stores lie")
    return parser.parse_args()


def _run(name: str, options: argparse.Namespace, folder: Path, server: postgres.Server | None) -> Result:
    contender, store = name.split()
    port = free_port()
    if store == "sqlite":
        place = folder / "store"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        where = str(place / "store.db")
    else:
        assert server is not None
        where = server.empty_database("contender")
    job = Job(
        store=where,
        register=f"http://127.0.0.1:{port}",
        messages=options.messages,
        keys=options.keys,
        senders=options.senders,
        concurrency=options.concurrency,
        backlog=options.backlog,
    )
    with register(port, options.register_ms), _process(contender, job) as process:
        settings = _heard(process)["settings"]
        _tell(process, "go")
        times = _heard(process)
        log = arrivals(job.register, job.messages)
        _tell(process, "all arrived")
        end = _heard(process)
        process.wait(60)
    arrived = max(at for at, *_ in log)
    began = times["began"]
    verdict = judge(log, job.keys, job.messages)
    return Result(
        accepted=times["accepted"] - began,
        arrived=arrived - began,
        settled=end["settled"] - began,
        cpu=end["cpu"],
        verdict=verdict,
        settings=settings,
    )


@contextmanager
def _process(contender: str, job: Job) -> Iterator["subprocess.Popen[bytes]"]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.contenders.job",
        contender,
        msgspec.json.encode(job).decode(),
    ]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _heard(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit("a contender ended before its time")
    found: dict[str, Any] = orjson.loads(line)
    return found


def _tell(process: "subprocess.Popen[bytes]", word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(word.encode() + b"\n")
    process.stdin.flush()


def _print_run(number: int, name: str, result: Result, messages: int) -> None:
    print(
        f"round {number + 1} {name:25} accepted {messages / result.accepted:6.0f}/s,"
        f" all delivered after {result.settled:6.2f} s, end to end {messages / result.settled:6.0f}/s,"
        f" {1000 * result.cpu / messages:5.2f} ms of processor a message;"
        f" {result.verdict}",
        flush=True,
    )


def _print_medians(results: dict[str, list[Result]], options: argparse.Namespace) -> None:
    print(
        f"\n{options.messages} messages over {options.keys} keys, {options.senders} senders,"
        f" {options.concurrency} requests at once, the register answers after {options.register_ms} ms,"
        f" {'delivery begins when all are accepted' if options.backlog else 'delivery goes on meanwhile'};"
        f" median of {options.rounds}"
    )
    for store in ("sqlite", "postgresql"):
        found = {name: runs for name, runs in results.items() if name.endswith(store)}
        ours = found.get(f"vardbro {store}")
        for name, runs in found.items():
            accepted = statistics.median(options.messages / run.accepted for run in runs)
            whole = statistics.median(options.messages / run.settled for run in runs)
            print(f"{name:25} accepted {accepted:6.0f}/s, end to end {whole:6.0f}/s", end="")
            if ours and ours is not runs:
                first = statistics.median(options.messages / run.accepted for run in ours)
                last = statistics.median(options.messages / run.settled for run in ours)
                print(f"; ours is {first / accepted:.2f} and {last / whole:.2f} times that", end="")
            print(f"\n    {runs[0].settings}")
    for name in dict.fromkeys(name.split()[0] for name in results):
        print(f"{name} promises: {PROMISES[name]}")


if __name__ == "__main__":
    main()
