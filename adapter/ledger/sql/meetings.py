"""Contacts and visits of one patient, unit and day that nothing links: suggestions for operators.

Intake writes with each event whom it met (`Meetings.columns`); who suggests looks at those later, many at
once: nobody waits for it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from adapter.ledger.model import NewEvent, Visit
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.own_secrets import MEETINGS, secret
from adapter.ledger.sql.referrals import opened, sealed

Json = dict[str, Any]
Columns = tuple[str | None, str | None, bytes | None, int]
"""day_key, role, met, unpaired."""


class Met(msgspec.Struct, frozen=True):
    """An event that may belong with another one of its day."""

    event_id: str
    day_key: str
    role: str
    facts: Visit


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

    def columns(self, event: NewEvent, *, is_new: bool) -> Columns:
        """What an event's row says of it. An event that says nothing any more is looked at once more."""
        meeting = event.meeting
        if meeting is None or event.visit is None or event.status not in ("final", "corrected"):
            return None, None, None, int(not is_new)
        return self._hashed(meeting.day), meeting.role, sealed(event.visit), 1

    def pair_up(self, limit: int, now: float) -> int:
        """Suggest what may belong together, for up to so many events. Answers how many were looked at."""
        rows = self._db.execute(
            "SELECT event_id, day_key, role, met FROM events WHERE unpaired = 1 ORDER BY event_id LIMIT ?"
            f"{self._db.skip_locked}",
            (limit,),
        ).fetchall()
        if not rows:
            return 0
        self._close([row[0] for row in rows if row[1] is None], now)
        fresh = [_met(row) for row in rows if row[1] is not None]
        days: dict[str, list[Met]] = {}
        for other in self._of_days(sorted({one.day_key for one in fresh})):
            days.setdefault(other.day_key, []).append(other)
        for one in fresh:
            for other in days[one.day_key]:
                if one.role != other.role and _may_belong(one.facts, other.facts):
                    ids = (one.event_id, other.event_id)
                    self._suggest(*(ids if one.role == "contact" else ids[::-1]), now)
        seen = [(row[0],) for row in rows]
        self._db.executemany("UPDATE events SET unpaired = 0 WHERE event_id = ?", seen)
        return len(rows)

    def _of_days(self, keys: Sequence[str]) -> Iterable[Met]:
        if not keys:
            return []
        marks = ", ".join("?" * len(keys))
        found = self._db.execute(
            f"SELECT event_id, day_key, role, met FROM events WHERE day_key IN ({marks})", tuple(keys)
        )
        return map(_met, found.fetchall())

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

    def _close(self, event_ids: Sequence[str], now: float) -> None:
        """What was suggested of events that say nothing of a meeting any more is no longer true."""
        for event_id in event_ids:
            self._db.execute(
                "UPDATE suggestions SET state = 'closed', since = ? WHERE (contact = ? OR visit = ?)"
                " AND state = 'open'",
                (now, event_id, event_id),
            )

    def _hashed(self, day: str) -> str:
        if self._key is None:
            self._key = secret(self._db, MEETINGS)
        return hashlib.blake2b(day.encode(), key=self._key, digest_size=16).hexdigest()


def _met(row: tuple[Any, ...]) -> Met:
    return Met(row[0], row[1], row[2], opened(row[3]))


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
        "SELECT s.contact, s.visit, s.state, c.sender, c.identifier, v.met FROM suggestions s"
        " JOIN events c ON c.event_id = s.contact JOIN events v ON v.event_id = s.visit"
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
