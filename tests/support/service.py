"""A small service to be killed: ledger, courier and a sender that notes what was acknowledged.

Run: ``python -m tests.support.service LEDGER URL ACKNOWLEDGED MODE`` with MODE ``send`` (commit new versions
until killed) or ``end`` (deliver what there is, print the lanes' states as JSON, and leave). A URL that ends
in ``?lookup`` says that the register can be asked.
"""

import asyncio
import json
import logging
import os
import random
import sys
from typing import Any

import structlog

from adapter.delivery.courier import Courier
from adapter.ledger.protocol import LaneFilter
from adapter.ledger.sqlite import SqliteLedger
from adapter.registers.protocol import RegisterSettings
from adapter.registers.rest import RestTransport
from tests.support.register import FakeReceiver
from tests.support.world import World, message, receipt

EVENTS = 25
GRACE = 0.3


async def send(ledger: SqliteLedger, acknowledged: int) -> None:
    """Commit one new version after the other; note each one only when it is committed."""
    chance = random.Random()
    while True:
        event_id = f"e{chance.randrange(EVENTS)}"
        known = (await ledger.known([event_id])).get(event_id)
        n = (known.revision if known else 0) + 1
        cancel = chance.random() < 0.1
        new = World.event_of(message(event_id, n, intent="cancel" if cancel else "report"), known=known)
        await ledger.commit(receipt(f"{event_id}-{n}"), [new], lambda _: b"ok")
        os.write(acknowledged, f"{json.dumps([event_id, n, cancel])}\n".encode())
        await asyncio.sleep(0.002)


async def rest(ledger: SqliteLedger) -> list[dict[str, Any]]:
    """Wait until nothing moves by itself any more; then say of each lane its state and newest message."""
    while True:
        lanes = (await ledger.lanes(LaneFilter(limit=1000)))["lanes"]
        if all(
            lane["state"] in ("idle", "parked") or (lane["state"] == "unknown" and lane["due_at"] is None)
            for lane in lanes
        ):
            found = [await ledger.lane(lane["id"]) for lane in lanes]
            return [
                {
                    "event": lane["slot"],
                    "state": lane["state"],
                    "n": lane["messages"][-1]["seq"],
                    "intent": lane["messages"][-1]["intent"],
                }
                for lane in found
                if lane is not None
            ]
        await asyncio.sleep(0.02)


async def main(path: str, url: str, acknowledged: str, mode: str) -> None:
    """Serve in one of the modes."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    url, _, lookup = url.partition("?")
    settings = RegisterSettings(url=url, timeout=0.5, grace=GRACE, lookup="/besok" if lookup else None)
    ledger = SqliteLedger.open(path, reserve=0)
    courier = Courier(
        register="gvr",
        ledger=ledger,
        receiver=FakeReceiver(looks_up=bool(lookup)),
        transport=RestTransport(settings),
        settings=settings,
        schedule=(0.0, *[0.05] * 30),
    )
    ledger.on_messages(lambda _: courier.wake())
    courier.start()
    print("up", flush=True)
    if mode == "send":
        await send(ledger, os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    print(json.dumps(await rest(ledger)), flush=True)
    await courier.stop(5)
    verdict = await ledger.audit_verify()
    print(json.dumps(verdict.broken_at), flush=True)
    await ledger.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
