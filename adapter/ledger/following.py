"""What a sending system asks of the ledger: where its events stand, and what has changed since."""

from collections.abc import Sequence
from typing import Any

import msgspec

from adapter.ledger.ledger import Ledger
from adapter.ledger.sql.changes import Changes, sender
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.following import Followed, Why, followed, followed_event, why


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change that a sender is told of, with what was known of its cause when it happened.

    `facts` are the columns of the table of changes and ``cursor``.
    """

    facts: dict[str, Any]
    why: Why


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Changes, oldest first. `next` is the cursor to go on from, `more`: there is something after it."""

    changes: list[Change]
    next: str
    more: bool


class Following:
    """Every answer concerns one sender's own events only. Raises LedgerUnavailable."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def events(self, name: str, identifiers: Sequence[str]) -> list[list[Followed]]:
        """For each identifier its events: none, one, or a group's members."""
        return await self._ledger.read(lambda db: [followed(db, name, one) for one in identifiers])

    async def event(self, name: str, event_id: str) -> Followed | None:
        """One of the sender's events, None when there is none of that id."""
        return await self._ledger.read(lambda db: followed_event(db, name, event_id))

    async def changes(self, name: str, cursor: str, limit: int) -> Page:
        """Up to `limit` changes after `cursor`. Raises ValueError for what is no cursor."""
        return await self._ledger.read(lambda db: _page(db, name, cursor, limit))

    async def has_news(self, name: str, cursor: str) -> bool:
        """Whether anything has changed since `cursor`."""
        return await self._ledger.peek(lambda db: bool(Changes(db).after(sender(name), cursor, 1)))


def _page(db: Database, name: str, cursor: str, limit: int) -> Page:
    found = Changes(db).after(sender(name), cursor, limit + 1)
    page = found[:limit]
    return Page(
        changes=[Change(facts=facts, why=_why(db, facts)) for facts in page],
        next=page[-1]["cursor"] if page else cursor,
        more=len(found) > limit,
    )


def _why(db: Database, facts: dict[str, Any]) -> Why:
    return why(db, facts["lane_id"], facts["message_id"], facts["state"], facts["cause"], facts["at"])
