"""Events of several senders, for those who follow what becomes of them."""

from typing import Any
from uuid import uuid4

from msgspec.structs import replace

from adapter.ledger.ledger import Ledger
from adapter.ledger.model import Committed, Fate, NewMessage
from tests.support.world import World, message, receipt

SYSTEM = "https://journal.example/kontakt"


async def submit(
    ledger: Ledger,
    event_id: str = "e1",
    n: int = 1,
    *messages: NewMessage,
    sender: str = "s",
    identifier: str | None = None,
    fates: tuple[Fate, ...] = (),
    decides: tuple[str, ...] = (),
    status: Any = None,
    version: str | None = None,
    silent: bool = False,
    **members: Any,
) -> Committed:
    """Commit a version of an event: with these messages, else with one (`silent`: with none)."""
    known = (await ledger.known([event_id])).get(event_id)
    given = messages or (() if silent else (message(event_id, n, **members),))
    event = World.event_of(
        *given, known=known, event_id=event_id, version=version, status=status, decides=decides
    )
    event = replace(
        event,
        sender=sender,
        identifier=identifier or f"{SYSTEM}|{event_id}",
        fates=fates,
        content=f"{event.content} {fates}",
    )
    new = replace(receipt(uuid4().hex, sender=sender), received_at=1_700_000_000.0)
    return await ledger.commit(new, [event], lambda _: b"answer")
