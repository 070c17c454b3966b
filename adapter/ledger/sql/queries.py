"""What operators and senders ask, from a connection that can only read. No payloads, no identities."""

import json
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from adapter.ledger.gate import passes_at
from adapter.ledger.protocol import LaneFilter
from adapter.ledger.sql import pages, rows
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.gates import Gates

Json = dict[str, Any]

_LANE_NAMES = rows.LANE.replace(" ", "").split(",")
_MESSAGE_NAMES = rows.MESSAGE.replace(" ", "").split(",")
_ATTEMPT_COLUMNS = (
    "id, message_id, number, token, kind, operation, started_at, ended_at, outcome_json, found, evidence_json"
)
_HIDDEN = frozenset(
    {"content", "identity", "accepted_content", "accepted_identity", "cancelled", "known_as", "owner"}
)


def summary(db: Database) -> Json:
    """Counts of lanes and messages by state, and for each register its lanes, pause and standing notices."""
    lanes: dict[str, int] = defaultdict(int)
    messages: dict[str, int] = defaultdict(int)
    registers: dict[str, Json] = {}
    for what, register, state, n in db.execute(
        "SELECT what, register, state, SUM(n) FROM tallies GROUP BY what, register, state HAVING SUM(n) <> 0"
    ):
        facts = registers.setdefault(register, {"lanes": {}, "messages": {}, "paused": None, "notices": []})
        n = int(n)
        facts["lanes" if what == "lane" else "messages"][state] = n
        (lanes if what == "lane" else messages)[state] += n
    for gate in Gates(db).all():
        facts = registers.setdefault(gate.register, {"lanes": {}, "messages": {}, "notices": []})
        facts["paused"] = gate.paused
        facts["cause"] = gate.cause
        facts["since"] = gate.since
        facts["not_before"] = gate.not_before
    for notice in notices(db, standing=True):
        registers[notice["register"]]["notices"].append(notice)
    return {"lanes": dict(lanes), "messages": dict(messages), "registers": registers}


def lanes(db: Database, chosen: LaneFilter) -> Json:
    """A page of lanes by number: ``{"lanes": [...], "next": number or None}``."""
    page = [_lane(row) for row in pages.lanes(db, chosen)]
    return {"lanes": page, "next": page[-1]["id"] if len(page) == chosen.limit else None}


def messages(db: Database, chosen: LaneFilter) -> Json:
    """A page of messages, oldest first: ``{"messages": [...], "next": number or None}``."""
    page = [_message(row) for row in pages.messages(db, chosen)]
    places = _places(db, {message["lane_id"] for message in page})
    for message in page:
        message.update(places[message["lane_id"]])
    return {"messages": page, "next": page[-1]["id"] if len(page) == chosen.limit else None}


def lane(db: Database, lane_id: int) -> Json | None:
    """One lane with its messages, attempts and audit entries, oldest first."""
    row = db.execute(f"SELECT {rows.LANE} FROM lanes WHERE id = ?", (lane_id,)).fetchone()
    if row is None:
        return None
    found = _lane(row)
    found["messages"] = [
        _message(message)
        for message in db.execute(
            f"SELECT {rows.MESSAGE} FROM messages WHERE lane_id = ? ORDER BY seq", (lane_id,)
        )
    ]
    _tell_of_edits(db, found["messages"])
    found["attempts"] = [
        _attempt(attempt)
        for attempt in db.execute(
            f"SELECT {_ATTEMPT_COLUMNS} FROM attempts WHERE lane_id = ? ORDER BY token", (lane_id,)
        )
    ]
    found["causes"] = [
        {"at": at, "kind": kind, "message_id": message_id, "detail": json.loads(detail)}
        for at, kind, message_id, detail in db.execute(
            "SELECT at, kind, message_id, detail_json FROM audit WHERE lane_id = ? ORDER BY at, id",
            (lane_id,),
        )
    ]
    return found


def _tell_of_edits(db: Database, messages: list[Json]) -> None:
    """Add to each message of a lane the operator's edit that it comes from, if it does."""
    edits: dict[tuple[str, int], Json] = {}
    for event_id in {message["event_id"] for message in messages}:
        for receipt_id, edit in db.execute(
            "SELECT receipt_id, edit_json FROM event_versions WHERE event_id = ? AND edit_json IS NOT NULL",
            (event_id,),
        ):
            edits[event_id, receipt_id] = json.loads(edit)
    for message in messages:
        message["edit"] = edits.get((message["event_id"], message["receipt_id"]))


def event(db: Database, event_id: str) -> Json | None:
    """An event with its versions, and for each register the lane and the newest message."""
    row = db.execute(
        "SELECT event_id, revision, version, status, receipt_id, edited FROM events WHERE event_id = ?",
        (event_id,),
    ).fetchone()
    if row is None:
        return None
    names = ("event_id", "revision", "version", "status", "receipt_id")
    versions = db.execute(
        "SELECT revision, version, status, disposition, at, receipt_id, edit_json FROM event_versions"
        " WHERE event_id = ? ORDER BY revision, at, id",
        (event_id,),
    ).fetchall()
    registers: dict[str, list[Json]] = defaultdict(list)
    for (lane_id,) in db.execute(
        "SELECT DISTINCT lane_id FROM messages WHERE event_id = ? ORDER BY lane_id", (event_id,)
    ).fetchall():
        registers_lane = lane(db, lane_id)
        if registers_lane is not None:
            newest = registers_lane["messages"][-1]
            registers[registers_lane["register"]].append(
                {
                    "lane": lane_id,
                    "service": registers_lane["service"],
                    "lane_state": registers_lane["state"],
                    "cause": registers_lane["cause"],
                    "message": newest["id"],
                    "state": newest["state"],
                    "intent": newest["intent"],
                    "edition": newest["edition"],
                    "flag": newest["flag"],
                    "accepted": registers_lane["accepted_message"],
                }
            )
    return {
        **dict(zip(names, row[:5], strict=True)),
        "edited": bool(row[5]),
        "versions": _versions(versions),
        "registers": dict(registers),
    }


def _versions(found: list[rows.Row]) -> list[Json]:
    """The versions of an event. `edit` says who made it from which revision and why, where an operator did;
    `undoes_edit` that a sender's version has taken the place of such a one."""
    names = ("revision", "version", "status", "disposition", "at", "receipt_id")
    versions: list[Json] = []
    edited = False
    for row in found:
        edit = None if row[6] is None else json.loads(row[6])
        undoes = edited and edit is None and row[3] == "stored"
        versions.append({**dict(zip(names, row[:6], strict=True)), "edit": edit, "undoes_edit": undoes})
        edited = edit is not None or (edited and row[3] != "stored")
    return versions


def next_due(db: Database, register: str) -> float | None:
    """When the register's next lane can be claimed or taken over, None when nothing waits."""
    due_at, lease_until = (
        db.execute(
            f"SELECT {column} FROM lanes WHERE register = ? AND {column} IS NOT NULL"
            f" ORDER BY {column} LIMIT 1",
            (register,),
        ).fetchone()
        for column in ("due_at", "lease_until")
    )
    times = [] if lease_until is None else [lease_until[0]]
    if due_at is not None:
        times.append(passes_at(Gates(db).gate(register), due_at[0]))
    return min((time for time in times if time is not None), default=None)


def notices(db: Database, *, standing: bool, limit: int = 100) -> list[Json]:
    """Notices, newest first: one for each cause that blocks lanes or a register."""
    where = "WHERE cleared_at IS NULL" if standing else ""
    names = ("id", "register", "kind", "cause", "lanes", "started_at", "cleared_at")
    found = db.execute(f"SELECT {', '.join(names)} FROM notices {where} ORDER BY id DESC LIMIT ?", (limit,))
    return [dict(zip(names, row, strict=True)) for row in found]


def receipts(db: Database, *, limit: int = 100, after: int = 0) -> list[Json]:
    """Receipts by number, without payloads."""
    names = ("id", "sender", "body_hash", "size", "received_at", "status")
    found = db.execute(
        f"SELECT {', '.join(names)} FROM receipts WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
    )
    return [dict(zip(names, row, strict=True)) for row in found]


def _lane(row: rows.Row) -> Json:
    return {name: value for name, value in zip(_LANE_NAMES, row, strict=True) if name not in _HIDDEN}


def _message(row: rows.Row) -> Json:
    found = {name: value for name, value in zip(_MESSAGE_NAMES, row, strict=True) if name not in _HIDDEN}
    found["attempted"] = bool(found["attempted"])
    found["ambiguous"] = bool(found["ambiguous"])
    return found


def _attempt(row: rows.Row) -> Json:
    names = _ATTEMPT_COLUMNS.split(", ")
    found: Json = dict(zip(names, row, strict=True))
    for name in ("outcome", "evidence"):
        stored = found.pop(f"{name}_json")
        found[name] = None if stored is None else json.loads(stored)
    return found


def _places(db: Database, lane_ids: Collection[int]) -> dict[int, Json]:
    """Where each of these lanes is: ``{"register": ..., "service": ..., "slot": ...}`` by number."""
    marks = ", ".join("?" * len(lane_ids)) or "NULL"
    found = db.execute(
        f"SELECT id, register, service, slot FROM lanes WHERE id IN ({marks})", tuple(lane_ids)
    )
    return {row[0]: dict(zip(("register", "service", "slot"), row[1:], strict=True)) for row in found}
