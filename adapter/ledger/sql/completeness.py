"""Which contacts of a sender there are, and how each stands at a register."""

import json
from collections.abc import Iterator, Sequence

import msgspec

from adapter.ledger.sql.database import Database

_MOST_MARKS = 500
_EVENT = "e.event_id, e.identifier, e.status, e.unit, e.care_date, e.fates_json"
_STANDS = (
    "(SELECT CASE WHEN m.open = 1 THEN l.state ELSE m.state END FROM messages m"
    " JOIN lanes l ON l.id = m.lane_id WHERE m.event_id = e.event_id AND l.register = ?"
    " ORDER BY CASE WHEN m.state = 'shadow' AND m.seq = l.seq THEN 2 ELSE m.open END DESC, m.seq DESC"
    " LIMIT 1)"
)
"""The state of a lane in which something of the event is open, else of the event's newest message."""


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A contact that was received. `state` is how it stands at the register (of its lane while something is
    open, else of its newest message), None when no message was made; `fate` and `rule` are what the rules
    made of it there."""

    event_id: str
    identifier: str
    status: str
    unit: str
    care_date: str
    fate: str | None
    rule: str | None
    state: str | None


def of_unit(
    db: Database, sender: str, unit: str, since: str, until: str, register: str
) -> Iterator[Received]:
    """A sender's contacts of a unit (HSA-id) with care dates from `since` to `until`, inclusive."""
    for row in db.execute(
        f"SELECT {_EVENT}, {_STANDS} FROM events e WHERE e.unit = ? AND e.care_date >= ? AND e.care_date <= ?"
        " AND e.sender = ? ORDER BY e.care_date, e.event_id",
        (register, unit, since, until, sender),
    ):
        yield _received(row, register)


def of_identifiers(
    db: Database, sender: str, identifiers: Sequence[str], register: str
) -> Iterator[Received]:
    """A sender's contacts that these identifiers name, wherever and whenever they were."""
    for start in range(0, len(identifiers), _MOST_MARKS):
        some = identifiers[start : start + _MOST_MARKS]
        for row in db.execute(
            f"SELECT {_EVENT}, {_STANDS} FROM events e WHERE e.sender = ?"
            f" AND e.identifier IN ({', '.join('?' * len(some))})",
            (register, sender, *some),
        ):
            yield _received(row, register)


def _received(row: tuple[str, str, str, str, str, str, str | None], register: str) -> Received:
    fate, rule = json.loads(row[5]).get(register, (None, None))
    return Received(
        event_id=row[0],
        identifier=row[1],
        status=row[2],
        unit=row[3],
        care_date=row[4],
        fate=fate,
        rule=rule,
        state=row[6],
    )
