"""How claim, settle, search and lists keep up as the ledger grows from ten thousand messages to ten million.

    python -m benchmarks.scale [--stores sqlite postgresql] [--sizes 10000 100000 1000000] [--payloads real|thin]

Each ledger is filled straight into its tables (filling.py says with what) and then asked through the ledger's own
interface, one call after the other: once cold (nothing in the memory of the store or the system), then warm.
"""

import argparse
import asyncio
import os
import platform
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import psycopg

from adapter.domain.message import Outcome, OutcomeClass
from adapter.ledger.following import Following
from adapter.ledger.ledger import Ledger
from adapter.ledger.model import Abilities, NewReceipt
from adapter.ledger.protocol import Claim, LaneFilter, Work
from benchmarks import postgres
from benchmarks.contenders.job import body
from benchmarks.contenders.with_vardbro import new_event, open_ledger
from benchmarks.filling import (
    REAL,
    THIN,
    Payloads,
    PostgresFilling,
    SqliteFilling,
    event_id,
    fill,
    identifier,
)

CALLS, COLD_CALLS = 300, 30
PATIENCE = 30.0
"""Seconds after which no more calls of one kind are made: it is not flat anyway."""

FLAT_MS, FLAT_FACTOR = 200.0, 3.0
HOUR = 3600.0
ACCEPTED = Outcome(kind=OutcomeClass.ACCEPTED, cause="http-201")

Call = Callable[[], Awaitable[object]]


class Measured(msgspec.Struct, frozen=True):
    """Milliseconds of one kind of call."""

    p50: float
    p95: float
    cold_p95: float


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """One ledger: what it holds, what it took, and how long calls take."""

    store: str
    messages: int
    seconds: float
    bytes: int
    calls: dict[str, Measured]


def main() -> None:
    """Fill, ask, print, and throw away, one ledger after the other."""
    options = _options()
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}, Python"
        f" {platform.python_version()}, SQLite {sqlite3.sqlite_version}; stored sealed for each message, in bytes:"
        f" {options.payloads} (filling.py: bundle {options.sizes_of.bundle}, answer {options.sizes_of.answer},"
        f" trace {options.sizes_of.trace}, body and request about 300 each); {CALLS} calls warm, {COLD_CALLS} cold"
    )
    for store in options.stores:
        found = []
        for size in options.sizes:
            with tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder) as folder:
                filled = (_sqlite if store == "sqlite" else _postgresql)(Path(folder), size, options.sizes_of)
            found.append(filled)
            print(
                f"\n{store}, {filled.messages} messages: filled in {filled.seconds:.0f} s,"
                f" {filled.bytes / 1e9:.2f} GB on disk, {filled.bytes / filled.messages:.0f} bytes a message",
                flush=True,
            )
            for name, measured in filled.calls.items():
                print(
                    f"  {name:44} p50 {measured.p50:8.2f} p95 {measured.p95:8.2f}  cold p95 {measured.cold_p95:8.2f} ms"
                )
        if len(found) > 1:
            _compare(store, found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--stores", nargs="+", default=["sqlite", "postgresql"], choices=("sqlite", "postgresql")
    )
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--payloads", default="real", choices=("real", "thin"))
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="where the ledgers lie")
    options = parser.parse_args()
    options.sizes_of = REAL if options.payloads == "real" else THIN
    return options


def _sqlite(folder: Path, size: int, payloads: Payloads) -> Filled:
    store = str(folder / "ledger.db")
    asyncio.run(_once(store))
    began = time.perf_counter()
    messages, lanes = fill(SqliteFilling(store), size, payloads, time.time())
    seconds = time.perf_counter() - began
    size_on_disk = _size(folder)

    def forget() -> None:
        _drop_caches(folder)

    calls = _measure(store, messages, lanes, forget)
    return Filled(store="sqlite", messages=messages, seconds=seconds, bytes=size_on_disk, calls=calls)


def _postgresql(folder: Path, size: int, payloads: Payloads) -> Filled:
    with postgres.server(folder / "pg") as server:
        store = server.empty_database("ledger")
        asyncio.run(_once(store))
        began = time.perf_counter()
        messages, lanes = fill(PostgresFilling(store), size, payloads, time.time())
        seconds = time.perf_counter() - began
        with psycopg.connect(store) as db:
            row = db.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None

        def forget() -> None:
            server.restart()
            _drop_caches(folder)

        calls = _measure(store, messages, lanes, forget)
    return Filled(store="postgresql", messages=messages, seconds=seconds, bytes=row[0], calls=calls)


async def _once(store: str) -> None:
    """Make the tables."""
    await open_ledger(store).close()


def _measure(store: str, messages: int, lanes: int, forget: Callable[[], None]) -> dict[str, Measured]:
    forget()
    cold = asyncio.run(_ask(store, messages, lanes, COLD_CALLS))
    warm = asyncio.run(_ask(store, messages, lanes, CALLS))
    return {
        name: Measured(statistics.median(times), _p95(times), _p95(cold[name]))
        for name, times in warm.items()
    }


async def _ask(store: str, messages: int, lanes: int, calls: int) -> dict[str, list[float]]:
    """Milliseconds of each call, by kind."""
    ledger = open_ledger(store)
    try:
        times = await _deliveries(ledger, calls)
        for name, call in _questions(ledger, messages, lanes).items():
            times[name] = await _repeat(call, calls)
    finally:
        await ledger.close()
    return times


async def _deliveries(ledger: Ledger, calls: int) -> dict[str, list[float]]:
    """As many messages are taken in as are claimed and settled, so that the backlog stays."""
    claim = Claim(
        register="gvr",
        owner="bench",
        limit=4,
        lease=60.0,
        frame=lambda kind, operation, lane, message, content: (content, None),
        abilities=Abilities(can_look_up=True),
        fresh=1,
    )
    times: dict[str, list[float]] = {"take in": [], "claim 4 lanes": [], "settle": []}
    for _ in range(calls // claim.limit):
        for _ in range(claim.limit):
            await _timed(times["take in"], _taking_in(ledger))
        works: list[Work] = []

        async def take(works: list[Work] = works) -> None:
            works += await ledger.claim(claim)

        await _timed(times["claim 4 lanes"], take)
        assert len(works) == claim.limit
        for work in works:
            await _timed(times["settle"], lambda work=work: ledger.settle(work, ACCEPTED, None, b"{}"))  # type: ignore[misc]
    return times


def _taking_in(ledger: Ledger) -> Call:
    name = f"v{random.getrandbits(128):032x}"
    event = new_event(name, name, body(name, 0))
    receipt = NewReceipt(
        sender="s",
        key=name,
        body_hash=name,
        size=25000,
        received_at=time.time(),
        status=200,
        payload=bytes(2400),
    )
    return lambda: ledger.commit(receipt, (event,), lambda _: b"{}")


def _questions(ledger: Ledger, messages: int, lanes: int) -> dict[str, Call]:
    """What is asked; the numbers are chosen anew for each call."""

    def of_lanes(**chosen: object) -> Call:
        return lambda: ledger.lanes(LaneFilter(**chosen))  # type: ignore[arg-type]

    def of_messages(**chosen: object) -> Call:
        return lambda: ledger.messages(LaneFilter(**chosen))  # type: ignore[arg-type]

    def lane() -> int:
        return random.randint(1, lanes)

    following = Following(ledger)
    recently = time.time() - HOUR
    return {
        "event by its id": lambda: ledger.event(event_id(lane())),
        "events by Encounter.identifier, with status": lambda: following.events("s1", [identifier(lane())]),
        "lanes of a slot": lambda: ledger.lanes(LaneFilter(lane=event_id(lane()))),
        "messages of a slot": lambda: ledger.messages(LaneFilter(lane=event_id(lane()))),
        "one lane with its history": lambda: ledger.lane(lane()),
        "page of parked lanes": of_lanes(state="parked"),
        "page of parked lanes, somewhere": lambda: ledger.lanes(LaneFilter(state="parked", after=lane())),
        "page of unknown lanes": of_lanes(state="unknown"),
        "page of idle lanes, somewhere": lambda: ledger.lanes(LaneFilter(state="idle", after=lane())),
        "page of all lanes, somewhere": lambda: ledger.lanes(LaneFilter(after=lane())),
        "lanes of a cause": of_lanes(cause="gvr:KOD-13"),
        "parked lanes of a cause": of_lanes(state="parked", cause="gvr:KOD-13"),
        "lanes of a register, a rare one": of_lanes(register="signe"),
        "lanes of a register, the usual one": of_lanes(register="gvr"),
        "lanes since an hour ago": of_lanes(since=recently),
        "parked lanes since an hour ago": of_lanes(state="parked", since=recently),
        "page of waiting messages": of_messages(state="waiting"),
        "page of parked messages, somewhere": lambda: ledger.messages(
            LaneFilter(state="parked", after=random.randint(1, messages))
        ),
        "page of held messages": of_messages(state="held"),
        "page of accepted messages, somewhere": lambda: ledger.messages(
            LaneFilter(state="accepted", after=random.randint(1, messages))
        ),
        "page of discarded messages (none)": of_messages(state="discarded"),
        "messages of a cause": of_messages(cause="gvr:KOD-13"),
        "messages of a register, a rare one": of_messages(register="signe"),
        "messages of a register, the usual one": of_messages(register="gvr"),
        "messages since an hour ago": of_messages(since=recently),
        "accepted messages since an hour ago": of_messages(state="accepted", since=recently),
        "parked messages since an hour ago": of_messages(state="parked", since=recently),
        "a sender's changes, somewhere": lambda: following.changes(
            "s1", f"0-{random.randint(0, messages)}", 100
        ),
        "dead letters by cause": ledger.dead_letters,
        "summary": ledger.summary,
        "when is the next lane due": lambda: ledger.due_in("gvr"),
    }


async def _repeat(call: Call, calls: int) -> list[float]:
    times: list[float] = []
    began = time.perf_counter()
    while len(times) < calls and time.perf_counter() - began < PATIENCE:
        await _timed(times, call)
    return times


async def _timed(times: list[float], call: Call) -> None:
    began = time.perf_counter()
    await call()
    times.append((time.perf_counter() - began) * 1000)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] if len(times) > 1 else times[0]


def _compare(store: str, found: list[Filled]) -> None:
    first, last = found[0], found[-1]
    print(
        f"\n{store}: p95 in ms by size, warm, and the factor from {first.messages} to {last.messages} messages"
        f" (flat: below {FLAT_MS:.0f} ms and below {FLAT_FACTOR:.0f} times)"
    )
    for name in first.calls:
        times = [filled.calls[name].p95 for filled in found]
        factor = times[-1] / times[0]
        verdict = "flat" if times[-1] < FLAT_MS and factor < FLAT_FACTOR else "NOT FLAT"
        print(f"  {name:44} {' '.join(f'{time_:9.2f}' for time_ in times)}  x {factor:6.2f}  {verdict}")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _drop_caches(folder: Path) -> None:
    """Make the system forget what it has read of these files."""
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


if __name__ == "__main__":
    main()
