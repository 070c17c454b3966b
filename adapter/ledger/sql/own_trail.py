"""What a sender may see of its own messages, and of the audit trail as far as it tells of them.

A page is bounded by what is looked at, not by what is found: among millions of other senders' rows it may be
empty and still have a page after it.
"""

import json
from typing import Any

import msgspec

from adapter.ledger.sql.changes import Changes
from adapter.ledger.sql.changes import sender as audience
from adapter.ledger.sql.database import Database, Row

LOOKED_AT = 10_000
"""Rows that are looked at for one page."""

_MOST_OF_EVENT = 500
"""Rows of one event that are shown."""


class Forwarded(msgspec.Struct, frozen=True, kw_only=True):
    """A message of which a request was sent to its register. `recorded` is when it got into its state."""

    id: int
    event_id: str
    receipt_id: int
    intent: str
    state: str
    edition: str
    register: str
    created_at: float
    recorded: float


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the audit trail that tells of a sender's own. `event_id` is the event that it concerns."""

    id: int
    at: float
    kind: str
    register: str | None
    receipt_id: int | None
    message_id: int | None
    event_id: str | None
    detail: dict[str, Any]


Span = tuple[float, float]
"""Seconds since 1970: from the first to before the second."""


class Period(msgspec.Struct, frozen=True):
    """The times in any of the spans."""

    spans: tuple[Span, ...] = ((0.0, 1e12),)

    def holds(self, at: float) -> bool:
        """Whether a time is in it."""
        return any(begin <= at < end for begin, end in self.spans)


_MESSAGE = (
    "SELECT m.id, m.event_id, m.receipt_id, m.intent, m.state, m.edition, m.register, m.created_at"
    " FROM messages m JOIN events e ON e.event_id = m.event_id"
)
_LAST_CHANGE = "SELECT MAX(at) FROM audit WHERE lane_id = ? AND message_id = ?"
_ENTRY = (
    "SELECT a.id, a.at, a.kind, a.register, a.receipt_id, a.message_id, m.event_id, a.detail_json"
    " FROM {audit} a LEFT JOIN receipts r ON r.id = a.receipt_id LEFT JOIN messages m ON m.id = a.message_id"
    " LEFT JOIN events e ON e.event_id = m.event_id WHERE (r.sender = ? OR e.sender = ?)"
)


def forwarded(
    db: Database, sender: str, period: Period, cursor: str, limit: int
) -> tuple[list[Forwarded], str | None]:
    """Messages in the order in which they got into their state, and where the next page begins.

    They are found by the changes that their sender is told of: these have an index of their own. Raises
    ValueError for what is no cursor.
    """
    changes = Changes(db).after(audience(sender), cursor, LOOKED_AT)
    found: dict[int, Forwarded] = {}
    for change in changes:
        message_id, at = change["message_id"], change["at"]
        if message_id is None or not period.holds(at):
            continue
        message = _sent(db, message_id, sender)
        if message is not None and message[4] == change["state"]:
            found.pop(message_id, None)
            found[message_id] = _forwarded(message, at)
        if len(found) == limit:
            return list(found.values()), change["cursor"]
    return list(found.values()), changes[-1]["cursor"] if len(changes) == LOOKED_AT else None


def forwarded_of(db: Database, sender: str, *, event_id: str = "", message_id: int = 0) -> list[Forwarded]:
    """The messages of one event, or one message, of a sender."""
    if message_id:
        message = _sent(db, message_id, sender)
        rows = [] if message is None else [message]
    else:
        rows = db.execute(
            f"{_MESSAGE} WHERE m.event_id = ? AND e.sender = ? AND m.attempted = 1 ORDER BY m.id LIMIT ?",
            (event_id, sender, _MOST_OF_EVENT),
        ).fetchall()
    return [_forwarded(row, _changed(db, row)) for row in rows]


def entries(
    db: Database, sender: str, period: Period, after: int, limit: int
) -> tuple[list[Entry], int | None]:
    """Entries by number, and the number after which the next page begins."""
    numbers = db.execute(
        "SELECT id FROM audit WHERE id > ? ORDER BY id LIMIT ?", (after, LOOKED_AT)
    ).fetchall()
    if not numbers:
        return [], None
    last = numbers[-1][0]
    times = " OR ".join("(a.at >= ? AND a.at < ?)" for _ in period.spans) or "1 = 0"
    rows = db.execute(
        f"{_ENTRY.format(audit='audit')} AND a.id > ? AND a.id <= ? AND ({times}) ORDER BY a.id LIMIT ?",
        (sender, sender, after, last, *(moment for span in period.spans for moment in span), limit),
    ).fetchall()
    found = [_entry(row) for row in rows]
    if len(found) == limit:
        return found, found[-1].id
    return found, last if len(numbers) == LOOKED_AT else None


def entries_of(db: Database, sender: str, *, event_id: str = "", entry_id: int | None = None) -> list[Entry]:
    """The entries of the lanes of one event's messages, or one entry, of a sender."""
    if entry_id is not None:
        found = db.execute(f"{_ENTRY.format(audit='audit')} AND a.id = ?", (sender, sender, entry_id))
        return [_entry(row) for row in found]
    lanes = "(SELECT * FROM audit WHERE lane_id IN (SELECT lane_id FROM messages WHERE event_id = ?))"
    rows = db.execute(
        f"{_ENTRY.format(audit=lanes)} AND m.event_id = ? ORDER BY a.at, a.id LIMIT ?",
        (event_id, sender, sender, event_id, _MOST_OF_EVENT),
    )
    return [_entry(row) for row in rows]


def _sent(db: Database, message_id: int, sender: str) -> Row | None:
    row: Row | None = db.execute(
        f"{_MESSAGE} WHERE m.id = ? AND e.sender = ? AND m.attempted = 1", (message_id, sender)
    ).fetchone()
    return row


def _changed(db: Database, row: Row) -> float:
    """When something last happened to a message."""
    lane_id = db.execute("SELECT lane_id FROM messages WHERE id = ?", (row[0],)).fetchone()[0]
    at = db.execute(_LAST_CHANGE, (lane_id, row[0])).fetchone()[0]
    return float(row[7] if at is None else at)


def _forwarded(row: Row, recorded: float) -> Forwarded:
    return Forwarded(
        id=row[0],
        event_id=row[1],
        receipt_id=row[2],
        intent=row[3],
        state=row[4],
        edition=row[5],
        register=row[6],
        created_at=row[7],
        recorded=recorded,
    )


def _entry(row: Row) -> Entry:
    return Entry(
        id=row[0],
        at=row[1],
        kind=row[2],
        register=row[3],
        receipt_id=row[4],
        message_id=row[5],
        event_id=row[6],
        detail=json.loads(row[7]),
    )
