"""``python -m tests.support.launch CHANGES ARGUMENTS...``: the command ``vardbro``, sooner than in production.

CHANGES is a JSON object. A test cannot wait half a minute for a probe, nor set the machine's clock:

    margin          seconds that a lease outlives the time-out (adapter.delivery.sending.MARGIN)
    probe_every     seconds between the probes of a paused register
    breaker         members of adapter.delivery.breaker.Breaker
    hook_wait       seconds before a webhook that failed is tried again
    hook_timeout    seconds that a webhook's endpoint may take
    max_waiting     how many submissions may wait for the disk
    reserve         bytes that intake leaves free on the ledger's disk
    lock_wait       seconds that the ledger waits for another program's lock on its file
    mappings        a folder that takes the place of the packs, maps and tables that ship with the program
    wall_clock      a file with the seconds by which the wall clock is wrong; read each time that it is asked
    fatal_courier   a file: where it is, the courier's loop ends with an error that nobody foresaw
"""

import functools
import json
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def change_margin(seconds: float) -> None:
    from adapter.delivery import sending

    sending.MARGIN = seconds


def change_probe_every(seconds: float) -> None:
    from adapter.delivery import courier
    from adapter.ledger.ledger import Ledger

    courier.Claim = functools.partial(courier.Claim, probe_every=seconds)  # type: ignore[misc]
    make = Ledger.__init__

    def init(self: Ledger) -> None:
        make(self)
        self.probe_every = seconds

    Ledger.__init__ = init  # type: ignore[method-assign]


def change_breaker(members: dict[str, float]) -> None:
    from adapter.delivery.breaker import Breaker

    assert Breaker.__init__.__kwdefaults__ is not None
    Breaker.__init__.__kwdefaults__.update(members)


def change_hook_wait(seconds: float) -> None:
    from adapter.hooks import telling

    telling.WAITS = (seconds,) * 5


def change_hook_timeout(seconds: float) -> None:
    from adapter.hooks.endpoint import Endpoint

    assert Endpoint.__init__.__kwdefaults__ is not None
    Endpoint.__init__.__kwdefaults__["timeout"] = seconds


def change_max_waiting(count: int) -> None:
    from adapter.ledger.jobs import Jobs

    make = Jobs.__init__

    def init(self: Jobs, *given: Any, **options: Any) -> None:
        make(self, *given, **{**options, "max_waiting": count})

    Jobs.__init__ = init  # type: ignore[method-assign]


def change_reserve(size: int) -> None:
    from adapter.ledger.sqlite import SqliteLedger

    defaults = SqliteLedger.open.__func__.__kwdefaults__  # type: ignore[attr-defined]
    defaults["reserve"] = size


def change_lock_wait(seconds: float) -> None:
    sqlite3.connect = functools.partial(sqlite3.connect, timeout=seconds)


def change_mappings(folder: str) -> None:
    from adapter import resources

    resources._CHECKOUT["mappings"] = folder


def change_wall_clock(file: str) -> None:
    right = time.time
    time.time = lambda: right() + float(Path(file).read_text() or 0)


def change_fatal_courier(file: str) -> None:
    from adapter.delivery.courier import Courier

    turn = Courier._turn

    async def fatal(self: Courier) -> None:
        if Path(file).exists():
            raise GeneratorExit
        await turn(self)

    Courier._turn = fatal  # type: ignore[method-assign]


CHANGES: dict[str, Callable[[Any], None]] = {
    name.removeprefix("change_"): change for name, change in globals().items() if name.startswith("change_")
}


if __name__ == "__main__":
    asked = json.loads(sys.argv.pop(1))
    for name in sorted(asked, key=lambda name: name != "wall_clock"):
        CHANGES[name](asked[name])
    from adapter.cli import main

    sys.exit(main())
