"""``python -m tests.support.launch CHANGES ARGUMENTS...``: the command ``vardbro``, in a hurry.

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

Nothing of the program is imported before the wall clock is changed.
"""

import functools
import json
import sqlite3
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def change_margin(seconds: float) -> None:
    part("delivery.sending").MARGIN = seconds


def change_probe_every(seconds: float) -> None:
    courier, ledger = part("delivery.courier"), part("ledger.ledger").Ledger
    courier.Claim = functools.partial(courier.Claim, probe_every=seconds)
    make = ledger.__init__

    def init(self: Any) -> None:
        make(self)
        self.probe_every = seconds

    ledger.__init__ = init


def change_breaker(members: dict[str, float]) -> None:
    part("delivery.breaker").Breaker.__init__.__kwdefaults__.update(members)


def change_hook_wait(seconds: float) -> None:
    part("hooks.telling").WAITS = (seconds,) * 5


def change_hook_timeout(seconds: float) -> None:
    part("hooks.endpoint").Endpoint.__init__.__kwdefaults__["timeout"] = seconds


def change_max_waiting(count: int) -> None:
    jobs = part("ledger.jobs").Jobs
    make = jobs.__init__

    def init(self: Any, *given: Any, **options: Any) -> None:
        make(self, *given, **{**options, "max_waiting": count})

    jobs.__init__ = init


def change_reserve(size: int) -> None:
    part("ledger.sqlite").SqliteLedger.open.__func__.__kwdefaults__["reserve"] = size


def change_lock_wait(seconds: float) -> None:
    sqlite3.connect = functools.partial(sqlite3.connect, timeout=seconds)


def change_mappings(folder: str) -> None:
    part("resources")._CHECKOUT["mappings"] = folder


def change_wall_clock(file: str) -> None:
    right = time.time
    time.time = lambda: right() + float(Path(file).read_text() or 0)


def change_fatal_courier(file: str) -> None:
    courier = part("delivery.courier").Courier
    turn, is_fatal = courier._turn, Path(file).exists

    async def fatal(self: Any) -> None:
        if is_fatal():
            raise GeneratorExit
        await turn(self)

    courier._turn = fatal


def part(name: str) -> Any:
    """A module of the program."""
    return import_module(f"adapter.{name}")


CHANGES: dict[str, Callable[[Any], None]] = {
    name.removeprefix("change_"): change for name, change in globals().items() if name.startswith("change_")
}


if __name__ == "__main__":
    asked = json.loads(sys.argv.pop(1))
    for name in sorted(asked, key=lambda name: name != "wall_clock"):
        CHANGES[name](asked[name])
    sys.exit(part("cli").main())
