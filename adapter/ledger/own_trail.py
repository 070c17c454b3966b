"""What a sending system may see of its own messages and of the audit trail."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

from adapter.ledger.ledger import Ledger
from adapter.ledger.sql import own_trail as sql
from adapter.ledger.sql.changes import BEGINNING
from adapter.ledger.sql.own_trail import Entry, Forwarded, Period

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """What was found, and the cursor to go on from, None at the end."""

    found: Sequence[T]
    next: str | None


class OwnTrail:
    """Every answer concerns one sender's own only. Raises LedgerUnavailable; ValueError for a bad cursor."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def forwarded(self, sender: str, period: Period, cursor: str, limit: int) -> Page[Forwarded]:
        """Messages that were sent to a register, in the order in which they got into their state."""
        begin = cursor or BEGINNING
        found, then = await self._ledger.read(lambda db: sql.forwarded(db, sender, period, begin, limit))
        return Page(found, then)

    async def forwarded_of_event(self, sender: str, event_id: str) -> list[Forwarded]:
        """Those of one event."""
        return await self._ledger.read(lambda db: sql.forwarded_of(db, sender, event_id=event_id))

    async def message(self, sender: str, number: int) -> Forwarded | None:
        """One of them."""
        found = await self._ledger.read(lambda db: sql.forwarded_of(db, sender, message_id=number))
        return found[0] if found else None

    async def entries(self, sender: str, period: Period, cursor: str, limit: int) -> Page[Entry]:
        """Entries of the audit trail, by number."""
        after = number_of(cursor) if cursor else 0
        found, then = await self._ledger.read(lambda db: sql.entries(db, sender, period, after, limit))
        return Page(found, None if then is None else str(then))

    async def entries_of_event(self, sender: str, event_id: str) -> list[Entry]:
        """Those of one event's messages."""
        return await self._ledger.read(lambda db: sql.entries_of(db, sender, event_id=event_id))

    async def entry(self, sender: str, number: int) -> Entry | None:
        """One of them."""
        found = await self._ledger.read(lambda db: sql.entries_of(db, sender, entry_id=number))
        return found[0] if found else None


def number_of(text: str) -> int:
    """A number of a row. Raises ValueError for what is none that a store can hold."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError("no number of a row")
    return int(text)
