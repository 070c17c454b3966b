"""How claim, settle, search and lists keep up as the ledger grows from ten thousand messages to ten
million.

    python -m benchmarks.scale [--stores sqlite postgresql] [--sizes 10000 1000000] [--payloads real|thin]

Each ledger is filled straight into its tables (filling.py says with what), and then asked through the
ledger's own interface, one call after the other: first cold (nothing in the memory of store or system),
then warm.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from adapter.domain.message import Outcome, OutcomeClass
from adapter.ledger.following import Following
from adapter.ledger.ledger import Ledger
from adapter.ledger.model import Abilities, NewReceipt
from adapter.ledger.protocol import Claim, LaneFilter, Work
from benchmarks import filling, postgres
from benchmarks.contenders.job import body
from benchmarks.contenders.with_vardbro import new_event, open_ledger
from benchmarks.filling_stores import PostgresFilling, SqliteFilling
from benchmarks.machine import machine

CALLS, COLD_CALLS = 300, 30
PAGE = 20
"""Lanes or messages on a page: so many of each state are there among ten thousand, too."""

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

    messages: int
    seconds: float
    bytes: int
    calls: dict[str, Measured]


def main() -> None:
    """Fill, ask, print, and throw away, one ledger after the other."""
    options = _options()
    payloads = filling.REAL if options.payloads == "real" else filling.THIN
    print(machine())
    print(
        f"stored sealed for each message ({options.payloads}): bundle {payloads.bundle}, answer"
        f" {payloads.answer}, trace {payloads.trace}, body and request about 300 bytes each;"
        f" pages of {PAGE}; {CALLS} calls warm, {COLD_CALLS} cold; milliseconds"
    )
    for store in options.stores:
        found = []
        for size in options.sizes:
            with tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder) as folder:
                filled = (_sqlite if store == "sqlite" else _postgresql)(Path(folder), size, payloads)
            found.append(filled)
            _print(store, filled)
        if len(found) > 1:
            _compare(store, found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    stores = ("sqlite", "postgresql")
    parser.add_argument("--stores", nargs="+", default=list(stores), choices=stores)
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--payloads", default="real", choices=("real", "thin"))
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="where the ledgers lie")
    return parser.parse_args()


def _sqlite(folder: Path, size: int, payloads: filling.Payloads) -> Filled:
    store = str(folder / "ledger.db")
    asyncio.run(_make(store))
    began = time.perf_counter()
    messages, lanes = filling.fill(SqliteFilling(store), size, payloads, time.time())
    seconds = time.perf_counter() - began
    on_disk = (folder / "ledger.db").stat().st_size
    calls = _measure(store, messages, lanes, lambda: _drop_caches(folder))
    return Filled(messages=messages, seconds=seconds, bytes=on_disk, calls=calls)


def _postgresql(folder: Path, size: int, payloads: filling.Payloads) -> Filled:
    with postgres.server(folder / "pg") as server:
        print(server.settings())
        store = server.empty_database("ledger")
        asyncio.run(_make(store))
        began = time.perf_counter()
        messages, lanes = filling.fill(PostgresFilling(store), size, payloads, time.time())
        seconds = time.perf_counter() - began
        with psycopg.connect(store) as db:
            row = db.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None

        def forget() -> None:
            server.restart()
            _drop_caches(folder)

        calls = _measure(store, messages, lanes, forget)
    return Filled(messages=messages, seconds=seconds, bytes=row[0], calls=calls)


async def _make(store: str) -> None:
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
        questions = {**_searches(ledger, lanes), **_pages_of_lanes(ledger, lanes)}
        questions |= {**_pages_of_messages(ledger, messages), **_others(ledger, messages)}
        for name, call in questions.items():
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
            await _timed(times["settle"], lambda work=work: ledger.settle(work, ACCEPTED, None, b"{}"))
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


def _searches(ledger: Ledger, lanes: int) -> dict[str, Call]:
    """Other ones for each call."""
    following = Following(ledger)

    def lane() -> int:
        return random.randint(1, lanes)

    return {
        "event by its id": lambda: ledger.event(filling.event_id(lane())),
        "status by Encounter.identifier": lambda: following.events("s1", [filling.identifier(lane())]),
        "lanes of a slot": lambda: ledger.lanes(LaneFilter(lane=filling.event_id(lane()))),
        "messages of a slot": lambda: ledger.messages(LaneFilter(lane=filling.event_id(lane()))),
        "one lane with its history": lambda: ledger.lane(lane()),
    }


def _pages_of_lanes(ledger: Ledger, lanes: int) -> dict[str, Call]:
    def page(share: float = 0.0, **chosen: Any) -> Call:
        """Somewhere in the first `share` of all lanes."""
        return lambda: ledger.lanes(
            LaneFilter(limit=PAGE, after=int(random.random() * share * lanes), **chosen)
        )

    recently = time.time() - HOUR
    return {
        "parked lanes": page(state="parked"),
        "parked lanes, somewhere": page(0.1, state="parked"),
        "unknown lanes": page(state="unknown"),
        "idle lanes, somewhere": page(1.0, state="idle"),
        "all lanes, somewhere": page(1.0),
        "lanes of a cause": page(cause="read-timeout"),
        "parked lanes of a cause": page(state="parked", cause="gvr:KOD-13"),
        "lanes of a register with few": page(register="signe"),
        "lanes of a register with most": page(register="gvr"),
        "lanes since an hour ago": page(since=recently),
        "parked lanes since an hour ago": page(state="parked", since=recently),
    }


def _pages_of_messages(ledger: Ledger, messages: int) -> dict[str, Call]:
    def page(share: float = 0.0, limit: int = PAGE, **chosen: Any) -> Call:
        """Somewhere in the first `share` of all messages."""
        return lambda: ledger.messages(
            LaneFilter(limit=limit, after=int(random.random() * share * messages), **chosen)
        )

    recently = time.time() - HOUR
    return {
        "waiting messages, five": page(limit=5, state="waiting"),
        "parked messages, somewhere": page(0.1, state="parked"),
        "held messages": page(state="held"),
        "accepted messages, somewhere": page(1.0, state="accepted"),
        "discarded messages (there are none)": page(state="discarded"),
        "messages of a cause": page(cause="read-timeout"),
        "messages of a register with few": page(register="signe"),
        "messages of a register with most": page(register="gvr"),
        "messages since an hour ago": page(since=recently),
        "accepted messages since an hour ago": page(state="accepted", since=recently),
        "parked messages since an hour ago": page(state="parked", since=recently),
    }


def _others(ledger: Ledger, messages: int) -> dict[str, Call]:
    following = Following(ledger)
    return {
        "a sender's changes, somewhere": lambda: following.changes(
            "s1", f"0-{random.randint(0, messages)}", PAGE
        ),
        "dead letters by cause": ledger.dead_letters,
        "summary": ledger.summary,
        "when the next lane is due": lambda: ledger.due_in("gvr"),
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
    return sorted(times)[int(len(times) * 0.95)]


def _print(store: str, filled: Filled) -> None:
    print(
        f"\n{store}, {filled.messages} messages: filled in {filled.seconds:.0f} s,"
        f" {filled.bytes / 1e9:.2f} GB on disk, {filled.bytes / filled.messages:.0f} bytes a message"
    )
    for name, found in filled.calls.items():
        print(f"  {name:36} p50 {found.p50:8.2f}  p95 {found.p95:8.2f}  cold p95 {found.cold_p95:8.2f}")


def _compare(store: str, found: list[Filled]) -> None:
    first, last = found[0], found[-1]
    print(
        f"\n{store}: p95 warm by size, and the factor from {first.messages} to {last.messages} messages"
        f" (flat: below {FLAT_MS:.0f} ms and below {FLAT_FACTOR:.0f} times)"
    )
    for name in first.calls:
        times = [filled.calls[name].p95 for filled in found]
        factor = times[-1] / times[0]
        verdict = "flat" if times[-1] < FLAT_MS and factor < FLAT_FACTOR else "NOT FLAT"
        print(f"  {name:36} {' '.join(f'{each:9.2f}' for each in times)}  x {factor:6.2f}  {verdict}")


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
