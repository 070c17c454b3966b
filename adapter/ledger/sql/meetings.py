"""Contacts and visits of one patient, unit and day that nothing links: suggestions for operators."""

import hashlib
import secrets
from typing import Any

import msgspec

from adapter.ledger.envelope import open_envelope, seal
from adapter.ledger.model import NewEvent, Visit
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.referrals import opened, sealed

_SECRET = "meetings"  # noqa: S105 - its name

Json = dict[str, Any]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A suggestion, with the contact's sender and identifier and the visit's facts."""

    contact: str
    visit: str
    state: str
    sender: str
    identifier: str
    facts: Visit | None


class Meetings:
    """Who was met where on which day, as keyed hashes."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._key: bytes | None = None

    def take(self, event: NewEvent, *, is_new: bool, now: float) -> None:
        """Note the event's meeting, and suggest what it may belong with."""
        meeting = event.meeting
        if meeting is None or event.visit is None or event.status not in ("final", "corrected"):
            if not is_new:
                self._forget(event.event_id, now)
            return
        day_key = self._hashed(meeting.day)
        self._db.execute(
            "INSERT INTO meetings (event_id, day_key, role, facts) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (event_id) DO UPDATE SET day_key = excluded.day_key, role = excluded.role,"
            " facts = excluded.facts",
            (event.event_id, day_key, meeting.role, sealed(event.visit)),
        )
        others = self._db.execute(
            "SELECT event_id, facts FROM meetings WHERE day_key = ? AND role <> ?",
            (day_key, meeting.role),
        ).fetchall()
        for other, their_facts in others:
            if _may_belong(event.visit, opened(their_facts)):
                contact, visit = (
                    (event.event_id, other) if meeting.role == "contact" else (other, event.event_id)
                )
                self._suggest(contact, visit, now)

    def _suggest(self, contact: str, visit: str, now: float) -> None:
        """Once: what an operator has dismissed is not suggested again."""
        linked = self._db.execute(
            "SELECT 1 FROM referrals r JOIN events e ON e.sender = r.sender AND e.identifier = r.contact"
            " WHERE r.visit = ? AND e.event_id = ?",
            (visit, contact),
        ).fetchone()
        if linked is None:
            self._db.execute(
                "INSERT INTO suggestions (contact, visit, state, since) VALUES (?, ?, 'open', ?)"
                " ON CONFLICT (contact, visit) DO UPDATE SET state = CASE WHEN suggestions.state = 'closed'"
                " THEN 'open' ELSE suggestions.state END",
                (contact, visit, now),
            )

    def _forget(self, event_id: str, now: float) -> None:
        gone = self._db.execute("DELETE FROM meetings WHERE event_id = ?", (event_id,))
        if gone.rowcount:
            self._db.execute(
                "UPDATE suggestions SET state = 'closed', since = ? WHERE (contact = ? OR visit = ?)"
                " AND state = 'open'",
                (now, event_id, event_id),
            )

    def _hashed(self, day: str) -> str:
        if self._key is None:
            self._key = self._secret()
        return hashlib.blake2b(day.encode(), key=self._key, digest_size=16).hexdigest()

    def _secret(self) -> bytes:
        row = self._db.execute("SELECT secret FROM secrets WHERE name = ?", (_SECRET,)).fetchone()
        return open_envelope(bytes(row[0]))


def make_secret(db: Database) -> None:
    """Make the ledger's own secret, if it has none yet."""
    db.execute(
        "INSERT INTO secrets (name, secret) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        (_SECRET, seal(secrets.token_bytes(32))),
    )


def _may_belong(one: Visit, other: Visit) -> bool:
    """Whether they were with other staff; where nobody knows who it was nothing is suggested."""
    return bool(one.staff and other.staff) and set(one.staff).isdisjoint(other.staff)


def suggestions(db: Database, state: str, limit: int) -> list[Json]:
    """Suggestions in a state, the oldest first, with unit and day of the visit."""
    rows = db.execute(
        "SELECT s.contact, s.visit, s.state, s.since, s.actor, s.reason, c.identifier, v.identifier, v.unit,"
        " v.care_date, c.sender FROM suggestions s JOIN events c ON c.event_id = s.contact"
        " JOIN events v ON v.event_id = s.visit WHERE s.state = ? ORDER BY s.since, s.contact, s.visit"
        " LIMIT ?",
        (state, limit),
    )
    names = (
        "contact", "visit", "state", "since", "actor", "reason", "contact_identifier", "visit_identifier",
        "unit", "date", "sender",
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def pair(db: Database, contact: str, visit: str) -> Pair | None:
    """One suggestion."""
    row = db.execute(
        "SELECT s.contact, s.visit, s.state, e.sender, e.identifier, m.facts FROM suggestions s"
        " JOIN events e ON e.event_id = s.contact LEFT JOIN meetings m ON m.event_id = s.visit"
        " WHERE s.contact = ? AND s.visit = ?",
        (contact, visit),
    ).fetchone()
    if row is None:
        return None
    return Pair(
        contact=row[0],
        visit=row[1],
        state=row[2],
        sender=row[3],
        identifier=row[4],
        facts=None if row[5] is None else opened(row[5]),
    )


def decide(db: Database, found: Pair, state: str, actor: str, reason: str) -> None:
    """An operator has decided."""
    db.execute(
        "UPDATE suggestions SET state = ?, actor = ?, reason = ? WHERE contact = ? AND visit = ?",
        (state, actor, reason, found.contact, found.visit),
    )
