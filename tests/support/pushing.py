"""A process that pushes changes and is killed: ``python -m tests.support.pushing LEDGER URL MODE``.

MODE ``send``: make changes and push them until killed. ``die``: the same, but it kills itself when the first
batch was taken and is not yet recorded as taken. ``end``: push what is left, print every change's cursor as
JSON, and leave.
"""

import asyncio
import json
import logging
import os
import random
import signal
import sys
from itertools import count

import structlog
from msgspec.structs import replace

from adapter.hooks.bodies import of_sender
from adapter.hooks.endpoint import Endpoint
from adapter.hooks.pusher import Pusher
from adapter.hooks.target import Target
from adapter.ledger.hooks import Batch, Ended, HookLedger
from adapter.ledger.model import Fate, NewEvent, NewReceipt
from adapter.ledger.sql.changes import BEGINNING, Changes
from adapter.ledger.sqlite import SqliteLedger

NAME = "sender:s"
RECEIPT = NewReceipt(sender="s", key=None, body_hash="", size=1, received_at=0.0, status=200, payload=None)


class Dying(HookLedger):
    """Kills the process between the answer and its record."""

    async def told(self, batch: Batch) -> Ended:
        os.kill(os.getpid(), signal.SIGKILL)
        return await super().told(batch)


async def send(ledger: SqliteLedger) -> None:
    """Make one change after the other."""
    for n in count():
        name = f"e{os.getpid()}-{n}-{random.randrange(10**9)}"
        await ledger.commit(replace(RECEIPT, key=name), [event(name)], lambda _: b"answer")
        await asyncio.sleep(0.002)


def event(name: str) -> NewEvent:
    """An event that the sender is told of once: no register gets it."""
    return NewEvent(
        event_id=name,
        sender="s",
        identifier=name,
        version=None,
        expected_revision=0,
        status="final",
        content=name,
        fates=(Fate("gvr", "not-reported", "R"),),
    )


async def main(path: str, url: str, mode: str) -> None:
    """Push in one of the modes."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    ledger = SqliteLedger.open(path, reserve=0)
    hooks = (Dying if mode == "die" else HookLedger)(ledger)
    await hooks.begin(NAME, NAME)
    pusher = Pusher(NAME, NAME, hooks, Endpoint(Target(url, b"k" * 32), of_sender), poll=0.01)
    pusher.start()
    print("up", flush=True)
    if mode != "end":
        await send(ledger)
    for _ in range(1500):
        if await hooks.due_in(NAME, NAME) is None:
            break
        await asyncio.sleep(0.02)
    made = await ledger.read(lambda db: Changes(db).after(NAME, BEGINNING, 1_000_000))
    print(json.dumps([change["cursor"] for change in made]), flush=True)
    await pusher.stop()
    await ledger.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
