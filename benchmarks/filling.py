"""Fills a ledger with as many messages as wanted, straight into its tables, as the service would leave
them.

Lane e has one message; every tenth has two (a contact that was corrected). One lane in a hundred waits for
somebody (parked, held or unknown in turn), one in a thousand has something to send, the others are idle.
Message m came at second m. Most go to gvr, one lane in fifty to pasis, one in ten thousand to signe.
Payloads are the same bytes again and again, already sealed, so that no store can make them smaller. What is
thinner than real: the audit trail has one entry for each message instead of four, and its hashes are not
hashes.
"""

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from adapter.ledger.envelope import seal
from benchmarks.contenders.job import body
from benchmarks.filling_stores import Filling

GROUP, LANES = 11, 10
"""Eleven messages in ten lanes."""

CHUNK = 500_000
_TAIL = "0123456789abcdef01234567"
_MIX = 2654435761


class Payloads(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes in bytes of what is stored sealed: the bundle, the answer, the trace."""

    bundle: int
    answer: int
    trace: int


REAL = Payloads(bundle=2400, answer=750, trace=1100)
"""What a bundle of 25 kB with 15 resources leaves behind."""

THIN = Payloads(bundle=200, answer=100, trace=100)


def event_id(lane: int) -> str:
    """The id of a lane's event, which is its slot, too."""
    return f"v{lane * _MIX & 0xFFFFFFFF:08x}{_TAIL}"


def identifier(lane: int) -> str:
    """The Encounter.identifier of a lane's event."""
    return f"https://journal.example/vardkontakt|{lane}"


# Expressions of a lane's number e. Whole numbers are divided downwards in either dialect.
_STUCK = "(e % 100 = 1)"
_KIND = "e / 100 % 3"
_WAITING = "(e % 1000 = 2)"
_ACCEPTED = f"(NOT {_STUCK} AND NOT {_WAITING})"
_SENT = f"(NOT {_WAITING} AND NOT ({_STUCK} AND {_KIND} = 1))"
_STATE = (
    f"CASE WHEN {_STUCK} THEN CASE {_KIND} WHEN 0 THEN 'parked' WHEN 1 THEN 'held' ELSE 'unknown' END"
    f" WHEN {_WAITING} THEN 'waiting' ELSE '{{rest}}' END"
)
_CAUSE = (
    f"CASE WHEN {_STUCK} THEN CASE {_KIND} WHEN 0 THEN 'gvr:KOD-' || (e / 300 % 20)"
    " WHEN 1 THEN 'REGEL-' || (e / 300 % 5) ELSE 'read-timeout' END END"
)
_WHY = f"CASE WHEN {_STUCK} THEN CASE {_KIND} WHEN 0 THEN 'rejected' WHEN 2 THEN 'unknown' END END"
_REGISTER = "CASE WHEN e % 50 = 3 THEN 'pasis' WHEN e % 10000 = 4 THEN 'signe' ELSE 'gvr' END"
_UNIT = "'unit-' || (e % 500)"
_IDENTIFIER = "'https://journal.example/vardkontakt|' || e"
_LAST = "(e / 10 * 11 + CASE WHEN e % 10 = 0 THEN 0 ELSE e % 10 END)"
_COUNT = "(CASE WHEN e % 10 = 0 THEN 2 ELSE 1 END)"
# Expressions of a message's number m: its lane, and its place there.
_LANE = "((m - 1) / 11 * 10 + CASE WHEN (m - 1) % 11 = 10 THEN 10 ELSE (m - 1) % 11 + 1 END)"
_SEQ = "CASE WHEN (m - 1) % 11 = 10 THEN 2 ELSE 1 END"

_OUTCOME = '{"cause":"%s","field":null,"kind":"%s","reason":null,"retry_after":null,"status":%d}'
_SETTLED = '{"attempt":1,"cause":"http-201","outcome":"accepted","state":"accepted"}'


def fill(db: Filling, messages: int, payloads: Payloads, now: float) -> tuple[int, int]:
    """Fill an empty ledger. Answers how many messages and lanes it has then."""
    groups = messages // GROUP
    messages, lanes = groups * GROUP, groups * LANES
    indexes = db.indexes()
    for name, _ in indexes:
        db.run(f"DROP INDEX {name}")
    began = now - messages - 100
    for first in range(0, lanes, CHUNK):
        last = min(first + CHUNK, lanes)
        for table, columns in _of_lanes(db, began, now).items():
            _insert(db, table, columns, "i AS e", (first + 1, last))
        for table, columns in _of_messages(db, began, payloads).items():
            which = {"attempts": _SENT, "changes": f"NOT {_WAITING}"}.get(table, "TRUE")
            numbers = (first // LANES * GROUP + 1, last // LANES * GROUP)
            _insert(db, table, columns, f"m, {_LANE} AS e, {_SEQ} AS seq", numbers, which)
    for _, definition in indexes:
        db.run(definition)
    _count(db)
    db.finish(messages)
    return messages, lanes


Columns = dict[str, "str | bytes"]
"""What goes into each column: an expression, or bytes."""


def _of_lanes(db: Filling, began: float, now: float) -> dict[str, Columns]:
    """What there is one of for each lane."""
    name, content = f"'v' || {db.hash('e')} || '{_TAIL}'", f"{db.hash('e + 7')} || '{_TAIL}'"
    at = f"{began!r} + {_LAST}"
    events: Columns = {
        "event_id": name,
        "sender": "'s1'",
        "identifier": _IDENTIFIER,
        "revision": _COUNT,
        "status": "'final'",
        "content": content,
        "receipt_id": _LAST,
        "unit": _UNIT,
        "care_date": db.date(at),
        "fates_json": '\'{"gvr":["message",null]}\'',
    }
    lanes: Columns = {
        "id": "e",
        "register": _REGISTER,
        "service": "'vardkontakt'",
        "slot": name,
        "state": _STATE.replace("{rest}", "idle"),
        "due_at": f"CASE WHEN {_WAITING} THEN {now - 60!r} END",
        "token": f"CASE WHEN {_SENT} THEN {_COUNT} ELSE 0 END",
        "tries": f"CASE WHEN {_STUCK} THEN 1 ELSE 0 END",
        "asks": "0",
        "cause": _CAUSE,
        "why": _WHY,
        "unit": _UNIT,
        "since": at,
        "seq": _COUNT,
        "accepted_message": f"CASE WHEN {_ACCEPTED} THEN {_LAST} END",
        "accepted_event": f"CASE WHEN {_ACCEPTED} THEN {name} END",
        "accepted_content": f"CASE WHEN {_ACCEPTED} THEN {content} END",
        "accepted_identity": f"CASE WHEN {_ACCEPTED} THEN {content} END",
    }
    return {"events": events, "lanes": lanes}


def _of_messages(db: Filling, began: float, sizes: Payloads) -> dict[str, Columns]:
    """What there is one of for each message; `e` is its lane's number, `seq` its place there."""
    name, content = f"'v' || {db.hash('e')} || '{_TAIL}'", f"{db.hash('m + 7')} || '{_TAIL}'"
    identity = f"{db.hash('e + 9')} || '{_TAIL}'"
    at = f"{began!r} + m"
    state = _STATE.replace("{rest}", "accepted")
    sent = f"CASE WHEN {_SENT} THEN 1 ELSE 0 END"
    outcomes = [_OUTCOME % found for found in _ENDS]
    receipts: Columns = {
        "id": "m",
        "sender": "'s1'",
        "key": "'key-' || m",
        "bound": "1",
        "body_hash": f"{content} || {content}",
        "size": "25000",
        "received_at": at,
        "status": "200",
        "payload": _sealed(sizes.bundle),
        "answer": _sealed(sizes.answer),
        "replayable": "1",
    }
    versions: Columns = {
        "id": "m",
        "event_id": name,
        "receipt_id": "m",
        "revision": "seq",
        "status": "'final'",
        "content": content,
        "disposition": "'stored'",
        "at": at,
    }
    messages: Columns = {
        "id": "m",
        "lane_id": "e",
        "seq": "seq",
        "event_id": name,
        "receipt_id": "m",
        "intent": "'report'",
        "state": state,
        "open": f"CASE WHEN {_ACCEPTED} THEN 0 ELSE 1 END",
        "content": content,
        "identity": identity,
        "unit": _UNIT,
        "edition": "'gvr-vardkontakt-2025'",
        "care_date": db.date(at),
        "created_at": at,
        "cause": _CAUSE,
        "attempts": sent,
        "attempted": sent,
        "ambiguous": f"CASE WHEN {_STUCK} AND {_KIND} = 2 THEN 1 ELSE 0 END",
        "register": _REGISTER,
    }
    attempts: Columns = {
        "id": "m",
        "lane_id": "e",
        "message_id": "m",
        "about": "m",
        "identity": identity,
        "number": "1",
        "token": "seq",
        "kind": "'deliver'",
        "operation": "CASE WHEN seq = 1 THEN 'create' ELSE 'update' END",
        "request": seal(body("k", 0)),
        "key": f"{content} || {content}",
        "started_at": at,
        "ended_at": f"{at} + 0.05",
        "outcome_json": f"CASE WHEN NOT {_STUCK} THEN '{outcomes[0]}' WHEN {_KIND} = 0 THEN '{outcomes[1]}'"
        f" ELSE '{outcomes[2]}' END",
        "answer": _sealed(60),
    }
    changes: Columns = {
        "id": "m",
        "tx": "0",
        "at": at,
        "audience": "'sender:s1'",
        "event_id": name,
        "identifier": _IDENTIFIER,
        "register": _REGISTER,
        "service": "'vardkontakt'",
        "lane_id": "e",
        "message_id": "m",
        "state": state,
        "cause": _CAUSE,
        "detail_json": "'{}'",
    }
    audit: Columns = {
        "id": "m",
        "at": at,
        "kind": "'settled'",
        "register": _REGISTER,
        "lane_id": "e",
        "message_id": "m",
        "detail_json": f"'{_SETTLED}'",
        "hash": bytes(32),
    }
    payloads: Columns = {
        "message_id": "m",
        "body": seal(body("k", 0)),
        "trace": _sealed(sizes.trace),
        "findings": seal(b"[]"),
    }
    return {
        "receipts": receipts,
        "event_versions": versions,
        "messages": messages,
        "payloads": payloads,
        "attempts": attempts,
        "changes": changes,
        "audit": audit,
    }


_ENDS: Sequence[tuple[str, str, int]] = (
    ("http-201", "accepted", 201),
    ("gvr:KOD-0", "rejected", 400),
    ("read-timeout", "unknown", 0),
)


def _insert(
    db: Filling, table: str, columns: Columns, numbers: str, span: tuple[int, int], which: str = "TRUE"
) -> None:
    """A row of `table` for each number in `span` of which `which` holds."""
    values: list[Any] = [value for value in columns.values() if isinstance(value, bytes)]
    expressions = ["?" if isinstance(value, bytes) else value for value in columns.values()]
    before, series = db.series(*span)
    db.run(
        f"INSERT INTO {table} ({', '.join(columns)}) {before} SELECT {', '.join(expressions)}"
        f" FROM (SELECT {numbers} FROM (SELECT i, i AS m FROM {series}) AS counted) AS numbered"
        f" WHERE {which}",
        values,
    )


def _count(db: Filling) -> None:
    """Counts and notices, from what there is."""
    db.run("DELETE FROM tallies")
    for what, table in (("lane", "lanes"), ("message", "messages")):
        db.run(
            "INSERT INTO tallies (what, register, state, strand, n)"
            f" SELECT '{what}', register, state, 0, count(*) FROM {table} GROUP BY register, state"
        )
    db.run(
        "INSERT INTO notices (id, register, kind, cause, lanes, started_at)"
        " SELECT MIN(id), register, state, cause, count(*), MIN(since) FROM lanes"
        " WHERE state <> 'idle' AND state IN ('parked', 'held', 'unknown') GROUP BY register, state, cause"
    )


def _sealed(size: int) -> bytes:
    return (seal(b"") + os.urandom(size))[:size]
