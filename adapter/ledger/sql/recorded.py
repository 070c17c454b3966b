"""What was recorded of contacts: the bundle of each event's newest version, and what registers are told."""

import json
from typing import Any

import msgspec

from adapter.ledger.envelope import open_envelope
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.edits import Edits, Source

_TOLD = (
    "SELECT l.id, l.register, l.service, l.slot, m.intent, m.state, m.cause, m.edition, p.body, p.trace"
    " FROM messages m JOIN lanes l ON l.id = m.lane_id JOIN payloads p ON p.message_id = m.id"
    " WHERE m.event_id = ? ORDER BY l.id, m.seq"
)


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Contacts by date of care (ISO, inclusive, empty: any), and by sender."""

    since: str = ""
    until: str = ""
    sender: str | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The newest message of an event in one lane. `held` is the cause for which none could be made; then
    `body` is empty, else it is JSON, as `trace` is."""

    register: str
    service: str
    slot: str
    intent: str
    state: str
    edition: str
    held: str | None
    body: bytes
    trace: bytes


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One contact. `fates` says by register what it got and, where it got nothing, by which rule."""

    source: Source
    unit: str
    care_date: str
    fates: dict[str, tuple[str, str | None]]
    told: tuple[Told, ...]


def page(db: Database, chosen: Chosen, after: str, limit: int) -> list[Recorded]:
    """Contacts by event id, from `after` on."""
    where, values = ["event_id > ?"], [after]
    for column, sign, value in (
        ("care_date", ">=", chosen.since),
        ("care_date", "<=", chosen.until),
        ("sender", "=", chosen.sender),
    ):
        if value:
            where.append(f"{column} {sign} ?")
            values.append(value)
    found = db.execute(
        f"SELECT event_id, unit, care_date, fates_json FROM events WHERE {' AND '.join(where)}"
        " ORDER BY event_id LIMIT ?",
        (*values, limit),
    ).fetchall()
    return [recorded for row in found if (recorded := _recorded(db, *row)) is not None]


def _recorded(db: Database, event_id: str, unit: str, care_date: str, fates: str | None) -> Recorded | None:
    source = Edits(db).source(event_id)
    if source is None:
        return None
    told: dict[int, Told] = {}
    for lane, *row in db.execute(_TOLD, (event_id,)):
        told[lane] = _told(row)
    return Recorded(
        source=source,
        unit=unit or "",
        care_date=care_date or "",
        fates={name: (fate[0], fate[1]) for name, fate in json.loads(fates or "{}").items()},
        told=tuple(told.values()),
    )


def _told(row: list[Any]) -> Told:
    register, service, slot, intent, state, cause, edition, body, trace = row
    opened = open_envelope(bytes(body))
    return Told(
        register=register,
        service=service,
        slot=slot,
        intent=intent,
        state=state,
        edition=edition,
        held=(cause or "unknown") if not opened else None,
        body=opened,
        trace=open_envelope(bytes(trace)),
    )
