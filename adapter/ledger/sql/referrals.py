"""Visits that follow on earlier contacts, whichever bundle brought which."""

from collections.abc import Collection, Mapping

import msgspec

from adapter.ledger.envelope import open_envelope, seal
from adapter.ledger.model import NewEvent, Visit
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.rows import encode

_MOST_MARKS = 500
_decode = msgspec.json.Decoder(Visit).decode


def sealed(visit: Visit) -> bytes:
    """A visit's facts, which name the patient, as they are stored."""
    return seal(encode(visit))


def opened(facts: bytes) -> Visit:
    """The facts of a visit as they were stored."""
    return _decode(open_envelope(bytes(facts)))


class Pending(msgspec.Struct, frozen=True):
    """An earlier contact (a sender's identifier) that is to be looked at again."""

    sender: str
    contact: str


class Referrals:
    """Which visits follow on which contacts. A visit stays linked until it is cancelled or names another
    contact: a correction that does not repeat the link does not undo it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def visits(self, sender: str, contacts: Collection[str]) -> dict[str, tuple[Visit, ...]]:
        """The visits that follow on these contacts; contacts without any are missing."""
        found: dict[str, tuple[Visit, ...]] = {}
        wanted = sorted(contacts)
        for start in range(0, len(wanted), _MOST_MARKS):
            some = wanted[start : start + _MOST_MARKS]
            for contact, facts in self._db.execute(
                "SELECT contact, facts FROM referrals WHERE sender = ? AND standing = 1"
                f" AND contact IN ({', '.join('?' * len(some))}) ORDER BY contact, visit",
                (sender, *some),
            ).fetchall():
                found[contact] = (*found.get(contact, ()), opened(facts))
        return found

    def take(self, event: NewEvent, now: float) -> bool:
        """Note what a version of an event says of the contacts that it follows on. Whether that is news."""
        known = self._of_visit(event.event_id)
        stands = event.status in ("final", "corrected") and event.visit is not None
        named = event.follows or tuple(contact for contact, (standing, _) in known.items() if standing)
        news = False
        for contact in dict.fromkeys((*named, *known)):
            wanted = stands and contact in named
            standing, before = known.get(contact, (False, None))
            facts = event.visit if wanted else before
            if facts is not None and (wanted != standing or facts != before):
                self._write(event.sender, contact, facts, now, standing=wanted)
                news = True
        return news

    def link(self, sender: str, contact: str, visit: Visit, now: float) -> None:
        """Let a visit follow on a contact, whatever its sender says of it."""
        self._write(sender, contact, visit, now, standing=True)

    def pending(self, limit: int) -> list[Pending]:
        """Contacts that are to be looked at again, the oldest first."""
        rows = self._db.execute(
            "SELECT DISTINCT sender, contact FROM (SELECT sender, contact FROM referrals WHERE pending = 1"
            " ORDER BY since LIMIT ?) AS oldest",
            (limit,),
        )
        return [Pending(*row) for row in rows.fetchall()]

    def done(self, one: Pending, visits: Collection[str]) -> bool:
        """The contact has been looked at with these visits. False: there are others now, look again."""
        standing = {visit.event_id for visit in self.visits(one.sender, [one.contact]).get(one.contact, ())}
        if standing != set(visits):
            return False
        self._db.execute(
            "UPDATE referrals SET pending = 0 WHERE sender = ? AND contact = ? AND pending = 1",
            (one.sender, one.contact),
        )
        return True

    def _of_visit(self, visit: str) -> Mapping[str, tuple[bool, Visit]]:
        rows = self._db.execute(
            f"SELECT contact, standing, facts FROM referrals WHERE visit = ?{self._db.for_update}",
            (visit,),
        )
        return {contact: (bool(standing), opened(facts)) for contact, standing, facts in rows.fetchall()}

    def _write(self, sender: str, contact: str, visit: Visit, now: float, *, standing: bool) -> None:
        self._db.execute(
            "INSERT INTO referrals (sender, contact, visit, standing, pending, since, facts)"
            " VALUES (?, ?, ?, ?, 1, ?, ?) ON CONFLICT (sender, contact, visit) DO UPDATE SET"
            " standing = excluded.standing, pending = 1, since = excluded.since,"
            " facts = excluded.facts",
            (sender, contact, visit.event_id, int(standing), now, sealed(visit)),
        )
