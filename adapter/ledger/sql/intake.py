"""Receipts, events and their versions."""

from collections.abc import Iterable
from typing import Any

from adapter.ledger.envelope import seal
from adapter.ledger.model import Disposition, KnownEvent, NewEvent, NewReceipt, StoredReceipt
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.meetings import Meetings
from adapter.ledger.sql.rows import encode

_KNOWN = (
    "SELECT event_id, revision, version, status, content, receipt_id, edited,"
    " EXISTS (SELECT 1 FROM messages WHERE messages.event_id = events.event_id) FROM events"
)


class Receipts:
    """Submissions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def bound(self, sender: str, key: str) -> tuple[int, str] | None:
        """The receipt that answers for a key: its number and its body's hash."""
        found: tuple[int, str] | None = self._db.find(
            "SELECT id, body_hash FROM receipts WHERE sender = ? AND key = ? AND bound = 1",
            (sender, key),
            ("key", sender, key),
        ).fetchone()
        return found

    def unbind(self, receipt_id: int) -> None:
        """Let a receipt answer for its key no longer."""
        self._db.execute("UPDATE receipts SET bound = 0 WHERE id = ?", (receipt_id,))

    def message_of(self, sender: str, bundle: str) -> str | None:
        """The key of the message that a Bundle.id was seen with."""
        row = self._db.execute(
            "SELECT message FROM message_ids WHERE sender = ? AND bundle = ?", (sender, bundle)
        ).fetchone()
        return None if row is None else str(row[0])

    def see(self, sender: str, bundle: str, key: str, now: float) -> None:
        """Note that a Bundle.id, which was never seen, has come with this message."""
        self._db.later(
            "message_ids",
            "INSERT INTO message_ids (sender, bundle, message, seen_at) VALUES (?, ?, ?, ?)",
            (sender, bundle, key, now),
        )

    def next_id(self) -> int:
        """A number for a new receipt."""
        return self._db.next_id("receipts")

    def add(self, receipt_id: int, receipt: NewReceipt, answer: bytes) -> None:
        """Store a receipt with its answer."""
        self._db.later(
            "receipts",
            "INSERT INTO receipts"
            " (id, sender, key, bound, body_hash, size, received_at, status, payload, replayable, answer)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                receipt_id,
                receipt.sender,
                receipt.key,
                int(receipt.key is not None),
                receipt.body_hash,
                receipt.size,
                receipt.received_at,
                receipt.status,
                receipt.payload,
                int(receipt.replayable),
                seal(answer),
            ),
            ("key", receipt.sender, receipt.key),
        )

    def stored(self, sender: str, key: str) -> tuple[StoredReceipt, bytes | None] | None:
        """A receipt by its key; its answer is given apart, still sealed.

        It is its events' newest version as long as none of them has changed its content since.
        """
        row = self._db.execute(
            "SELECT id, body_hash, status, payload, replayable, answer, NOT EXISTS ("
            "  SELECT 1 FROM event_versions v JOIN events e USING (event_id)"
            "  WHERE v.receipt_id = r.id AND (v.content <> e.content OR v.status <> e.status))"
            " FROM receipts r WHERE sender = ? AND key = ? AND bound = 1",
            (sender, key),
        ).fetchone()
        if row is None:
            return None
        stored = StoredReceipt(
            receipt_id=row[0],
            body_hash=row[1],
            status=row[2],
            answer=b"",
            payload=None if row[3] is None else bytes(row[3]),
            replayable=bool(row[4]),
            newest=bool(row[6]),
        )
        return stored, None if row[5] is None else bytes(row[5])


class Events:
    """Events and their versions."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._meetings = Meetings(db)

    def lock(self, event_ids: Iterable[str]) -> None:
        """Let nobody else bring a version of these events until the commit."""
        self._db.lock_events(event_ids)

    def known(self, event_id: str) -> KnownEvent | None:
        """What is known of an event."""
        row = self._db.find(f"{_KNOWN} WHERE event_id = ?", (event_id,), ("event", event_id)).fetchone()
        return None if row is None else _known(row)

    def of_identifier(self, sender: str, identifier: str) -> list[KnownEvent]:
        """What is known of the events that a sender's identifier names: one, or a group's members."""
        rows = self._db.execute(f"{_KNOWN} WHERE identifier = ? AND sender = ?", (identifier, sender))
        return [_known(row) for row in rows]

    def save(self, event: KnownEvent, new: NewEvent) -> None:
        """Insert or replace an event's row; sender and identifier come from `new`."""
        self._db.later(
            "events",
            "INSERT INTO events"
            " (event_id, sender, identifier, revision, version, status, content, receipt_id, edited, unit,"
            " care_date, fates_json, protected, day_key, role, met, unpaired)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (event_id) DO UPDATE SET revision = excluded.revision, version = excluded.version,"
            " status = excluded.status, content = excluded.content, receipt_id = excluded.receipt_id,"
            " edited = excluded.edited, unit = excluded.unit, care_date = excluded.care_date,"
            " fates_json = excluded.fates_json, day_key = excluded.day_key, role = excluded.role,"
            " met = excluded.met, unpaired = excluded.unpaired,"
            # a cancellation does not say it: what was protected stays so
            " protected = CASE WHEN excluded.status = 'cancelled' THEN events.protected"
            " ELSE excluded.protected END",
            (
                event.event_id,
                new.sender,
                new.identifier,
                event.revision,
                event.version,
                event.status,
                event.content,
                event.receipt_id,
                int(event.edited),
                new.unit,
                new.care_date,
                encode({fate.register: (fate.fate, fate.rule) for fate in new.fates}).decode(),
                int(new.protected),
                *self._meetings.columns(new, is_new=event.revision == 1),
            ),
            ("event", event.event_id),
        )

    def add_version(
        self, new: NewEvent, receipt_id: int, revision: int, disposition: Disposition, at: float
    ) -> None:
        """Append a version."""
        self._db.later(
            "event_versions",
            "INSERT INTO event_versions"
            " (id, event_id, receipt_id, revision, version, status, content, disposition, at, edit_json)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._db.next_id("event_versions"),
                new.event_id,
                receipt_id,
                revision,
                new.version,
                new.status,
                new.content,
                disposition,
                at,
                None if new.edit is None else encode(new.edit).decode(),
            ),
        )


def _known(row: tuple[Any, ...]) -> KnownEvent:
    return KnownEvent(
        event_id=row[0],
        revision=row[1],
        version=row[2],
        status=row[3],
        content=row[4],
        receipt_id=row[5],
        edited=bool(row[6]),
        told=bool(row[7]),
    )
