"""How claim, settle, search and lists keep up as the ledger grows from ten thousand messages to ten
million.

    python -m benchmarks.scale [--stores sqlite postgresql] [--sizes 10000 1000000] [--payloads real|thin]

Ledgers of all sizes are filled straight into their tables (filling.py says with what), and then asked
through the ledger's own interface, one call after the other: first cold (nothing in the memory of store or
system), then warm, the sizes in turn, so that whatever else the machine does concerns all of them.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
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
from benchmarks.filling_stores import Filling, PostgresFilling, SqliteFilling
from benchmarks.machine import machine

CALLS, COLD_CALLS = 300, 30
CLAIMED = 4
"""Lanes that a worker claims at once here."""

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


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger that was filled: where it is, what it holds, and what it took."""

    store: str
    messages: int
    lanes: int
    seconds: float
    bytes: int


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
        with tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder) as folder:
            run = _sqlite if store == "sqlite" else _postgresql
            run(Path(folder), options.sizes, payloads)


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


def _sqlite(folder: Path, sizes: Sequence[int], payloads: filling.Payloads) -> None:
    places = []
    for size in sizes:
        store = str(folder / f"{size}.db")
        asyncio.run(_make(store))
        filled = _fill(SqliteFilling(store), size, payloads)
        places.append(Place(store=store, bytes=Path(store).stat().st_size, **filled))
        _print_filled("sqlite", places[-1])
    _compare("sqlite", _measure(places, lambda: _drop_caches(folder)))


def _postgresql(folder: Path, sizes: Sequence[int], payloads: filling.Payloads) -> None:
    with postgres.server(folder / "pg") as server:
        print(server.settings())
        places = []
        for size in sizes:
            store = server.empty_database(f"ledger{size}")
            asyncio.run(_make(store))
            filled = _fill(PostgresFilling(store), size, payloads)
            with psycopg.connect(store) as db:
                row = db.execute("SELECT pg_database_size(current_database())").fetchone()
            assert row is not None
            places.append(Place(store=store, bytes=row[0], **filled))
            _print_filled("postgresql", places[-1])

        def forget() -> None:
            server.restart()
            _drop_caches(folder)

        _compare("postgresql", _measure(places, forget))


async def _make(store: str) -> None:
    """Make the tables."""
    await open_ledger(store).close()


def _fill(store: Filling, size: int, payloads: filling.Payloads) -> dict[str, Any]:
    began = time.perf_counter()
    messages, lanes = filling.fill(store, size, payloads, time.time())
    return {"messages": messages, "lanes": lanes, "seconds": time.perf_counter() - began}


def _measure(places: Sequence[Place], forget: Callable[[], None]) -> dict[int, dict[str, Measured]]:
    """By number of messages, and by kind of call."""
    forget()
    cold = asyncio.run(_ask(places, COLD_CALLS))
    warm = asyncio.run(_ask(places, CALLS))
    return {
        size: {
            name: Measured(statistics.median(times), _p95(times), _p95(cold[size][name]))
            for name, times in found.items()
        }
        for size, found in warm.items()
    }


async def _ask(places: Sequence[Place], calls: int) -> dict[int, dict[str, list[float]]]:
    """Milliseconds of each call, by number of messages and kind; the ledgers take turns."""
    times: dict[int, dict[str, list[float]]] = {place.messages: defaultdict(list) for place in places}
    ledgers = [(open_ledger(place.store), place, times[place.messages]) for place in places]
    try:
        for _ in range(calls // CLAIMED):
            for ledger, _, found in ledgers:
                await _deliver(ledger, found)
        kinds = [(_questions(ledger, place), found) for ledger, place, found in ledgers]
        for name in kinds[0][0]:
            began = time.perf_counter()
            for _ in range(calls):
                for questions, found in kinds:
                    await _timed(found[name], questions[name])
                if time.perf_counter() - began > PATIENCE:
                    break
    finally:
        for ledger, _, _ in ledgers:
            await ledger.close()
    return times


def _questions(ledger: Ledger, place: Place) -> dict[str, Call]:
    return {
        **_searches(ledger, place.lanes),
        **_pages_of_lanes(ledger, place.lanes),
        **_pages_of_messages(ledger, place.messages),
        **_others(ledger, place.messages),
    }


async def _deliver(ledger: Ledger, times: dict[str, list[float]]) -> None:
    """As many messages are taken in as are claimed and settled, so that the backlog stays."""
    claim = Claim(
        register="gvr",
        owner="bench",
        limit=CLAIMED,
        lease=60.0,
        frame=lambda kind, operation, lane, message, content: (content, None),
        abilities=Abilities(can_look_up=True),
        fresh=1,
    )
    for _ in range(CLAIMED):
        await _timed(times["take in"], _taking_in(ledger))
    works: list[Work] = []

    async def take() -> None:
        works.extend(await ledger.claim(claim))

    await _timed(times[f"claim {CLAIMED} lanes"], take)
    assert len(works) == CLAIMED
    for work in works:
        await _timed(times["settle"], partial(ledger.settle, work, ACCEPTED, None, b"{}"))


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


async def _timed(times: list[float], call: Call) -> None:
    began = time.perf_counter()
    await call()
    times.append((time.perf_counter() - began) * 1000)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def _print_filled(store: str, place: Place) -> None:
    print(
        f"{store}, {place.messages} messages: filled in {place.seconds:.0f} s,"
        f" {place.bytes / 1e9:.2f} GB on disk, {place.bytes / place.messages:.0f} bytes a message",
        flush=True,
    )


def _compare(store: str, found: dict[int, dict[str, Measured]]) -> None:
    sizes = list(found)
    print(
        f"\n{store}: for each size p50/p95 warm, then p95 cold; the factor is that of the warm p95 from"
        f" {sizes[0]} to {sizes[-1]} messages"
        f" (flat: below {FLAT_MS:.0f} ms and below {FLAT_FACTOR:.0f} times)"
    )
    print(f"  {'':36} {' '.join(f'{size:>26}' for size in sizes)}")
    for name in found[sizes[0]]:
        each = [found[size][name] for size in sizes]
        factor = each[-1].p95 / each[0].p95
        verdict = "flat" if each[-1].p95 < FLAT_MS and factor < FLAT_FACTOR else "NOT FLAT"
        columns = " ".join(f"{one.p50:8.2f}/{one.p95:8.2f} {one.cold_p95:8.2f}" for one in each)
        print(f"  {name:36} {columns}  x {factor:5.2f} {verdict}")


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
