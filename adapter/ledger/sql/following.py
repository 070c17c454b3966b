"""What a sender asks: where its events stand at each register, and why."""

import json
from math import inf
from typing import Any

import msgspec

from adapter.domain.message import Outcome
from adapter.ledger.envelope import open_envelope
from adapter.ledger.model import Message, MessageState
from adapter.ledger.sql import rows
from adapter.ledger.sql.database import Database

_EVENTS = (
    "SELECT event_id, revision, version, e.status, fates_json, received_at FROM events e"
    " JOIN receipts r ON r.id = receipt_id WHERE e.sender = ?"
)
_LANE = "SELECT register, service, accepted_message, accepted_event FROM lanes WHERE id = ?"
_ATTEMPTS = (
    "SELECT outcome_json, evidence_json FROM attempts WHERE lane_id = ? AND message_id = ?"
    " AND ended_at IS NOT NULL AND ended_at <= ? ORDER BY token DESC LIMIT 20"
)
_OPERATION = (
    "SELECT operation FROM attempts WHERE lane_id = ? AND message_id = ? AND kind <> 'lookup'"
    " ORDER BY token DESC LIMIT 1"
)
_FACTS = (
    "SELECT at, kind, detail_json FROM audit WHERE lane_id = ? AND message_id = ? ORDER BY at DESC, id DESC"
)
_ASKING = frozenset({"attempted", "looked-up", "not-looked-up"})
"""Facts that leave an unknown outcome unknown."""

_EXPLAINED = frozenset(
    {MessageState.HELD, MessageState.PARKED, MessageState.UNKNOWN, MessageState.WAITING, MessageState.SKIPPED}
)
"""States whose cause has more to it than the token."""

_outcome = msgspec.json.Decoder(Outcome).decode


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why a message is where it is: the outcome that put it there, or the findings (JSON) that hold it."""

    outcome: Outcome | None = None
    findings: bytes = b"[]"


class AtRegister(msgspec.Struct, frozen=True, kw_only=True):
    """An event in one lane: its newest message there.

    `since` is when the message got into its state. `accepted_at` is when the register accepted what it holds
    of the event now, None when it holds nothing. `operation` is what was last asked of the register.
    """

    register: str
    service: str
    message: Message
    why: Why
    since: float
    accepted_at: float | None
    operation: str | None


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """An event's newest version: ``fates`` by register are fate and rule as intake has decided them."""

    event_id: str
    revision: int
    version: str | None
    status: str
    received_at: float
    fates: dict[str, tuple[str, str | None]]
    lanes: tuple[AtRegister, ...]


def followed(db: Database, sender: str, identifier: str) -> list[Followed]:
    """A sender's events of this identifier: none, one, or a group's members."""
    found = db.execute(f"{_EVENTS} AND identifier = ? ORDER BY event_id", (sender, identifier))
    return [_followed(db, row) for row in found.fetchall()]


def followed_event(db: Database, sender: str, event_id: str) -> Followed | None:
    """A sender's event of this id."""
    row = db.execute(f"{_EVENTS} AND event_id = ?", (sender, event_id)).fetchone()
    return None if row is None else _followed(db, row)


def _followed(db: Database, row: tuple[Any, ...]) -> Followed:
    event_id, revision, version, status, fates, received_at = row
    return Followed(
        event_id=event_id,
        revision=revision,
        version=version,
        status=status,
        received_at=received_at,
        fates={name: (fate, rule) for name, (fate, rule) in json.loads(fates).items()},
        lanes=_lanes(db, event_id),
    )


def why(
    db: Database, lane_id: int | None, message_id: int | None, state: str, cause: str | None, at: float
) -> Why:
    """What was known by `at` of the cause for which a message is in its state."""
    if state not in _EXPLAINED or cause is None or lane_id is None or message_id is None:
        return Why()
    if state == MessageState.HELD:
        row = db.execute("SELECT findings FROM payloads WHERE message_id = ?", (message_id,)).fetchone()
        return Why(findings=open_envelope(bytes(row[0])))
    for stored in db.execute(_ATTEMPTS, (lane_id, message_id, at)):
        for outcome in (_outcome(one) for one in stored if one is not None):
            if outcome.cause == cause:
                return Why(outcome=outcome)
    return Why()


def _lanes(db: Database, event_id: str) -> tuple[AtRegister, ...]:
    found = db.execute(f"SELECT {rows.MESSAGE} FROM messages WHERE event_id = ? ORDER BY seq", (event_id,))
    newest = {message.lane_id: message for message in map(rows.message, found.fetchall())}
    return tuple(_at_register(db, newest[lane_id]) for lane_id in sorted(newest))


def _at_register(db: Database, message: Message) -> AtRegister:
    lane_id = message.lane_id
    register, service, accepted, accepted_event = db.execute(_LANE, (lane_id,)).fetchone()
    operation = db.execute(_OPERATION, (lane_id, message.id)).fetchone()
    since = _since(db, lane_id, message.id, message.state) or message.created_at
    accepted_at = None
    if accepted is not None and accepted_event == message.event_id:
        accepted_at = _since(db, lane_id, accepted, MessageState.ACCEPTED)
    return AtRegister(
        register=register,
        service=service,
        message=message,
        why=why(db, lane_id, message.id, message.state, message.cause, inf),
        since=since,
        accepted_at=accepted_at,
        operation=None if operation is None else operation[0],
    )


def _since(db: Database, lane_id: int, message_id: int, state: MessageState) -> float | None:
    """When the message got into its state: the last fact of it that can have moved it."""
    for at, kind, detail in db.execute(_FACTS, (lane_id, message_id)):
        if not _leaves(state, kind, json.loads(detail)):
            return float(at)
    return None


def _leaves(state: MessageState, kind: str, detail: dict[str, Any]) -> bool:
    """Whether a fact has left the message where it was."""
    if kind == "evidence":
        return not detail.get("applied")
    return state is MessageState.UNKNOWN and kind in _ASKING
