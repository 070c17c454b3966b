"""Contacts that another system has reported, as an operator's list names them."""

from collections.abc import Collection
from typing import Any

import msgspec

from adapter.ledger.envelope import open_envelope, seal
from adapter.ledger.model import Listing, Message, NewMessage
from adapter.ledger.sql import rows
from adapter.ledger.sql.database import Database

_COLUMNS = "c.sender, c.identifier, c.register, c.reported, c.known_as"
_MOST_MARKS = 500
Place = tuple[str, str, str]
"""Where a contact stands in the list: sender, identifier, register."""
_decode = msgspec.json.Decoder(NewMessage).decode


class Cutovers:
    """The list. A row is used once, by the first message that could have been sent for its contact."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._is_used_up: bool | None = None

    def begin(self) -> None:
        """A transaction begins: ask anew whether any row waits."""
        self._is_used_up = None

    def of_event(self, event_id: str, register: str, now: float) -> Listing | None:
        """The row that waits for a message of this event, if its contact is listed.

        A row that was used in this very transaction (at `now`) still counts: a group's members share one.
        """
        if self._is_used_up is None:
            found = self._db.execute("SELECT 1 FROM cutovers WHERE used_at IS NULL LIMIT 1").fetchone()
            self._is_used_up = found is None
        if self._is_used_up:
            return None
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM events e JOIN cutovers c ON c.sender = e.sender"
            " AND c.identifier = e.identifier WHERE e.event_id = ? AND c.register = ?"
            " AND (c.used_at IS NULL OR c.used_at = ?)",
            (event_id, register, now),
        ).fetchone()
        return None if row is None else _listing(row)

    def registers(self, sender: str, identifiers: Collection[str]) -> dict[str, frozenset[str]]:
        """The registers at which rows wait for a message, by identifier."""
        found: dict[str, frozenset[str]] = {}
        wanted = sorted(identifiers)
        for start in range(0, len(wanted), _MOST_MARKS):
            some = wanted[start : start + _MOST_MARKS]
            for identifier, register in self._db.execute(
                "SELECT identifier, register FROM cutovers WHERE sender = ? AND used_at IS NULL"
                f" AND identifier IN ({', '.join('?' * len(some))})",
                (sender, *some),
            ).fetchall():
                found[identifier] = found.get(identifier, frozenset()) | {register}
        return found

    def is_used(self, listing: Listing) -> bool:
        """Whether the contact was listed and has found its message."""
        row = self._db.execute(
            "SELECT used_at FROM cutovers WHERE sender = ? AND identifier = ? AND register = ?",
            (listing.sender, listing.identifier, listing.register),
        ).fetchone()
        return row is not None and row[0] is not None

    def save(self, listing: Listing, now: float, *, used: bool) -> None:
        """Add a contact, or what is newly known of one that is listed already."""
        self._is_used_up = False
        self._db.execute(
            "INSERT INTO cutovers (sender, identifier, register, loaded_at, used_at, reported, known_as)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sender, identifier, register) DO UPDATE SET"
            " used_at = COALESCE(cutovers.used_at, excluded.used_at),"
            " reported = COALESCE(excluded.reported, cutovers.reported),"
            " known_as = COALESCE(excluded.known_as, cutovers.known_as)",
            (
                listing.sender,
                listing.identifier,
                listing.register,
                now,
                now if used else None,
                None if listing.reported is None else seal(rows.encode(listing.reported)),
                listing.known_as,
            ),
        )

    def use(self, listing: Listing, now: float) -> None:
        """The contact has found its message."""
        self._db.execute(
            "UPDATE cutovers SET used_at = ? WHERE sender = ? AND identifier = ? AND register = ?",
            (now, listing.sender, listing.identifier, listing.register),
        )

    def forget(self, listing: Listing) -> None:
        """Take a contact from the list again that has found no message."""
        self._db.execute(
            "DELETE FROM cutovers WHERE sender = ? AND identifier = ? AND register = ? AND used_at IS NULL",
            (listing.sender, listing.identifier, listing.register),
        )

    def candidate(self, lane_id: int, event_id: str) -> Message | None:
        """The newest report of an event in a lane that could have been sent and was not."""
        row = self._db.execute(
            f"SELECT {rows.MESSAGE} FROM messages WHERE lane_id = ? AND event_id = ? AND intent = 'report'"
            " AND state IN ('shadow', 'waiting', 'parked') ORDER BY seq DESC LIMIT 1",
            (lane_id, event_id),
        ).fetchone()
        return None if row is None else rows.message(row)


def page(
    db: Database,
    sender: str | None,
    register: str | None,
    *,
    used: bool | None,
    after: Place,
    limit: int,
) -> list[dict[str, Any]]:
    """Listed contacts in the order of their places, after one."""
    where, values = ["(sender, identifier, register) > (?, ?, ?)"], list(after)
    for name, value in (("sender", sender), ("register", register)):
        if value is not None:
            where.append(f"{name} = ?")
            values.append(value)
    if used is not None:
        where.append(f"used_at IS {'NOT NULL' if used else 'NULL'}")
    names = ("sender", "identifier", "register", "loaded_at", "used_at")
    found = db.execute(
        f"SELECT {', '.join(names)} FROM cutovers WHERE {' AND '.join(where)}"
        " ORDER BY sender, identifier, register LIMIT ?",
        (*values, limit),
    )
    return [dict(zip(names, row, strict=True)) for row in found]


def counts(db: Database) -> list[dict[str, Any]]:
    """How many contacts are listed for each sender and register, and how many of them are used."""
    names = ("sender", "register", "listed", "used")
    found = db.execute(
        "SELECT sender, register, COUNT(*), COUNT(used_at) FROM cutovers GROUP BY sender, register"
        " ORDER BY sender, register"
    )
    return [dict(zip(names, row, strict=True)) for row in found]


def _listing(row: rows.Row) -> Listing:
    return Listing(
        sender=row[0],
        identifier=row[1],
        register=row[2],
        reported=None if row[3] is None else _decode(open_envelope(bytes(row[3]))),
        known_as=row[4],
    )
