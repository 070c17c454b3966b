"""What the ledger knows of some events, in the order in which it happened: who looked, changed, sent."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from adapter.ledger.envelope import EnvelopeError, open_envelope
from adapter.ledger.sql.database import Database, Row
from adapter.ledger.sql.own_secrets import PATIENTS, secret

_PAGE = 5000
_MOST = 400
"""Values of one IN list."""

_BY = ("actor", "by")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a log. `at` is in seconds since 1970, `who` a sender, an operator or ``vardbro``."""

    at: float
    what: str
    who: str
    event: str | None = None
    register: str | None = None
    lane: int | None = None
    message: int | None = None
    receipt: int | None = None
    detail: dict[str, Any] = {}


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle in which a text occurs. `payload` is as it was received."""

    id: int
    sender: str
    at: float
    status: int
    payload: bytes


def mark_of(db: Database, number: str) -> str:
    """What stands for a patient in the audit trail: a keyed hash."""
    return hashlib.blake2b(number.encode(), key=secret(db, PATIENTS), digest_size=16).hexdigest()


def mentioning(
    db: Database, says: Callable[[bytes], bool], after: int, limit: int
) -> tuple[list[Received], int, int | None]:
    """Of the next `limit` receipts those whose bundle `says` so, how many bundles cannot be read or are not
    kept any longer, and the last receipt that was looked at (None: there are no more)."""
    rows = db.execute(
        "SELECT id, sender, received_at, status, payload FROM receipts WHERE id > ? ORDER BY id LIMIT ?",
        (after, limit),
    ).fetchall()
    found, unread = [], 0
    for number, sender, at, status, sealed in rows:
        payload = _opened(sealed)
        if payload is None:
            unread += 1
        elif says(payload):
            found.append(Received(id=number, sender=sender, at=at, status=status, payload=payload))
    return found, unread, rows[-1][0] if len(rows) == limit else None


def of_events(db: Database, events: Sequence[str], mark: str) -> list[Entry]:
    """All entries of these events, and of earlier logs of the patient with this mark, the oldest first."""
    found = [*_versions(db, events)]
    receipts = {entry.receipt for entry in found}
    found += _lanes(db, events)
    found += _others(db, frozenset(events), frozenset(filter(None, receipts)), mark)
    return sorted(found, key=lambda entry: entry.at)


def protected(db: Database, events: Sequence[str]) -> bool:
    """Whether the patient of one of them has a protected identity."""
    return any(_in(db, "SELECT 1 FROM events WHERE protected = 1 AND event_id IN ({})", events))


def _versions(db: Database, events: Sequence[str]) -> Iterator[Entry]:
    """The versions of events: received from a sender, or made by an operator's edit."""
    chosen = (
        "SELECT v.event_id, v.receipt_id, v.at, v.revision, v.status, v.disposition, v.edit_json, r.sender"
        " FROM event_versions v JOIN receipts r ON r.id = v.receipt_id WHERE v.event_id IN ({})"
    )
    for event, receipt, at, revision, status, disposition, edit, sender in _in(db, chosen, events):
        by = json.loads(edit) if edit else {}
        yield Entry(
            at=at,
            what="edited" if edit else "received",
            who=str(by.get("actor") or sender),
            event=event,
            receipt=receipt,
            detail={"revision": revision, "status": status, "disposition": disposition},
        )


def _lanes(db: Database, events: Sequence[str]) -> Iterator[Entry]:
    """What became of their messages, and what operators did to their lanes."""
    own: dict[int, dict[int, str]] = {}
    chosen = "SELECT lane_id, id, event_id FROM messages WHERE event_id IN ({})"
    for lane, message, event in _in(db, chosen, events):
        own.setdefault(lane, {})[message] = event
    for lane, messages in own.items():
        rows = db.execute(
            "SELECT at, kind, register, message_id, detail_json FROM audit WHERE lane_id = ? ORDER BY id",
            (lane,),
        )
        for at, kind, register, message, detail in rows.fetchall():
            if message is None or message in messages:
                told = json.loads(detail)
                yield Entry(
                    at=at,
                    what=kind,
                    who=_who(told),
                    event=messages.get(message),
                    register=register,
                    lane=lane,
                    message=message,
                    detail=told,
                )


def _others(db: Database, events: frozenset[str], receipts: frozenset[int], mark: str) -> Iterator[Entry]:
    """Entries of no lane that name one of the events, its receipt or the patient's mark: looks above all."""
    for at, kind, register, receipt, detail in _of_no_lane(db):
        told = json.loads(detail)
        event = next((value for value in told.values() if isinstance(value, str) and value in events), None)
        if event is not None or receipt in receipts or told.get("patient") == mark:
            yield Entry(
                at=at,
                what=kind,
                who=_who(told),
                event=event,
                register=register,
                receipt=receipt,
                detail={name: value for name, value in told.items() if name != "patient"},
            )


def _of_no_lane(db: Database) -> Iterator[Row]:
    last = -(1 << 62)
    while True:
        page = db.execute(
            "SELECT id, at, kind, register, receipt_id, detail_json FROM audit"
            " WHERE id > ? AND lane_id IS NULL AND kind <> 'received' ORDER BY id LIMIT ?",
            (last, _PAGE),
        ).fetchall()
        yield from (row[1:] for row in page)
        if len(page) < _PAGE:
            return
        last = page[-1][0]


def _in(db: Database, statement: str, values: Sequence[str]) -> Iterable[Row]:
    for start in range(0, len(values), _MOST):
        some = values[start : start + _MOST]
        yield from db.execute(statement.format(", ".join("?" * len(some))), tuple(some)).fetchall()


def _who(detail: dict[str, Any]) -> str:
    return next((detail[name] for name in _BY if isinstance(detail.get(name), str)), "vardbro")


def _opened(sealed: Any) -> bytes | None:
    try:
        return None if sealed is None else open_envelope(bytes(sealed))
    except EnvelopeError:
        return None
