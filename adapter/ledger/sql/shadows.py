"""Messages that were stored in shadow mode: what would have been sent."""

from collections.abc import Iterator

import msgspec

from adapter.ledger.envelope import open_envelope
from adapter.ledger.sql.database import Database

_PAGE = 1000
_SHADOW = "m.state = 'shadow' AND m.open = 0 AND m.state <> 'accepted'"
"""Word for word the condition of the partial index of ended messages."""


class Shadow(msgspec.Struct, frozen=True, kw_only=True):
    """The newest message of a lane in shadow mode. `body` is JSON."""

    id: int
    event_id: str
    service: str
    intent: str
    unit: str
    care_date: str
    body: bytes


def newest(
    db: Database,
    register: str,
    *,
    since: str = "",
    until: str = "",
    after: int = 0,
    limit: int | None = None,
) -> Iterator[Shadow]:
    """The newest shadow message of each lane by number, of care dates from `since` to `until` (inclusive;
    empty: any), read page by page."""
    given = 0
    while limit is None or given < limit:
        size = _PAGE if limit is None else min(_PAGE, limit - given)
        found = _page(db, register, since, until, after, size)
        yield from found
        if len(found) < size:
            return
        given, after = given + len(found), found[-1].id


def releasable(db: Database, register: str, since: float, after: int, limit: int) -> list[tuple[int, int]]:
    """Number and lane of messages that are their lane's last and were made since then, by number."""
    return [
        (row[0], row[1])
        for row in db.execute(
            "SELECT m.id, m.lane_id FROM messages m JOIN lanes l ON l.id = m.lane_id"
            f" WHERE {_SHADOW} AND m.id > ? AND l.register = ? AND m.seq = l.seq AND m.created_at >= ?"
            " ORDER BY m.id LIMIT ?",
            (after, register, since, limit),
        )
    ]


def _page(db: Database, register: str, since: str, until: str, after: int, size: int) -> list[Shadow]:
    found = db.execute(
        "SELECT m.id, m.event_id, l.service, m.intent, m.unit, m.care_date, p.body FROM messages m"
        " JOIN lanes l ON l.id = m.lane_id JOIN payloads p ON p.message_id = m.id"
        f" WHERE {_SHADOW} AND m.id > ? AND l.register = ? AND m.care_date >= ?"
        " AND (CAST(? AS TEXT) = '' OR m.care_date <= ?)"
        " AND NOT EXISTS (SELECT 1 FROM messages n WHERE n.lane_id = m.lane_id AND n.seq > m.seq"
        " AND n.state = 'shadow') ORDER BY m.id LIMIT ?",
        (after, register, since, until, until, size),
    )
    return [
        Shadow(
            id=row[0],
            event_id=row[1],
            service=row[2],
            intent=row[3],
            unit=row[4],
            care_date=row[5],
            body=open_envelope(bytes(row[6])),
        )
        for row in found
    ]
