"""Lanes, messages and attempts in SQLite."""

import sqlite3
from collections.abc import Iterable, Sequence

from adapter.ledger.envelope import open_envelope, seal
from adapter.ledger.lane import Standing
from adapter.ledger.model import OPEN_STATES, Attempt, Lane, LaneState, Message, NewMessage
from adapter.ledger.sqlite import rows
from adapter.ledger.sqlite.tally import Tally

_LANE_BY_SLOT = f"SELECT {rows.LANE} FROM lanes WHERE register = ? AND service = ? AND slot = ?"
_LANE_BY_ID = f"SELECT {rows.LANE} FROM lanes WHERE id = ?"
_OPEN = f"SELECT {rows.MESSAGE} FROM messages WHERE lane_id = ? AND open = 1 ORDER BY seq"
_ATTEMPT = f"SELECT {rows.ATTEMPT} FROM attempts"
_SAVE_LANE = (
    "UPDATE lanes SET state = ?, due_at = ?, token = ?, owner = ?, lease_until = ?, tries = ?, asks = ?,"
    " cause = ?, why = ?, unit = ?, since = ?, seq = ?, accepted_message = ?, accepted_event = ?,"
    " accepted_content = ?, accepted_identity = ?, cancelled = ? WHERE id = ?"
)
_SAVE_MESSAGE = (
    "UPDATE messages SET state = ?, open = ?, cause = ?, attempts = ?, attempted = ?, ambiguous = ?, flag = ?"
    " WHERE id = ?"
)
_ADD_MESSAGE = f"INSERT INTO messages ({rows.MESSAGE}, open) VALUES ({', '.join('?' * 19)})"
_ADD_ATTEMPT = f"INSERT INTO attempts ({rows.ATTEMPT}) VALUES ({', '.join('?' * 16)})"
_DUE = f"SELECT {rows.LANE} FROM lanes WHERE register = ? AND due_at IS NOT NULL AND due_at <= ?"


class Lanes:
    """Lanes with their messages and attempts."""

    def __init__(self, db: sqlite3.Connection, tally: Tally) -> None:
        self._db = db
        self._tally = tally
        self._message_id = _last_id(db, "messages")
        self._attempt_id = _last_id(db, "attempts")

    def of_slot(self, register: str, service: str, slot: str, now: float) -> Standing:
        """The lane of a slot, made if it is new."""
        row = self._db.execute(_LANE_BY_SLOT, (register, service, slot)).fetchone()
        if row is not None:
            return self._standing(rows.lane(row))
        cursor = self._db.execute(
            "INSERT INTO lanes (register, service, slot, state, token, tries, asks, unit, since, seq)"
            " VALUES (?, ?, ?, 'idle', 0, 0, 0, '', ?, 0)",
            (register, service, slot, now),
        )
        self._tally.add("lane", register, LaneState.IDLE)
        lane_id = cursor.lastrowid or 0
        return Standing(Lane(id=lane_id, register=register, service=service, slot=slot, since=now))

    def of_event(self, event_id: str, registers: Sequence[str]) -> list[Standing]:
        """The lanes at `registers` that have had a message of the event."""
        found = self._db.execute(
            f"SELECT {rows.LANE} FROM lanes WHERE id IN (SELECT lane_id FROM messages WHERE event_id = ?)"
            " ORDER BY id",
            (event_id,),
        ).fetchall()
        return [self._standing(lane) for lane in map(rows.lane, found) if lane.register in registers]

    def standing(self, lane_id: int, *, with_last: bool = False) -> Standing | None:
        """One lane; its newest attempt only where asked for, or where the outcome is unknown."""
        row = self._db.execute(_LANE_BY_ID, (lane_id,)).fetchone()
        return None if row is None else self._standing(rows.lane(row), with_last=with_last)

    def due(
        self, register: str, now: float, limit: int, fresh: int, shun: Sequence[str] = ()
    ) -> list[Standing]:
        """Lanes that are due: the oldest, and `fresh` of the newest; those of units in `shun` come last."""
        found = self._due(register, now, limit, shun)
        if fresh > 0 and len(found) == limit:
            newest = self._db.execute(f"{_DUE} ORDER BY due_at DESC LIMIT ?", (register, now, fresh))
            found = {**dict(list(found.items())[: limit - fresh]), **{row[0]: row for row in newest}}
        return [self._standing(rows.lane(row)) for row in found.values()]

    def _due(self, register: str, now: float, limit: int, shun: Sequence[str]) -> dict[int, rows.Row]:
        marks = ", ".join("?" * len(shun))
        last = f"unit IN ({marks}), " if shun else ""
        found = self._db.execute(f"{_DUE} ORDER BY {last}due_at LIMIT ?", (register, now, *shun, limit))
        return {row[0]: row for row in found}

    def expired(self, register: str, now: float) -> list[Standing]:
        """Lanes whose lease has run out."""
        return self._select(
            "WHERE register = ? AND lease_until IS NOT NULL AND lease_until < ?", register, now
        )

    def leased(self) -> list[Standing]:
        """Every leased lane."""
        return self._select("WHERE lease_until IS NOT NULL")

    def forbidden(self, register: str, since: float) -> list[Standing]:
        """Lanes that a 403 has stopped since then."""
        return self._select(
            "WHERE state IN ('parked', 'unknown') AND state <> 'idle' AND register = ?"
            " AND why = 'forbidden-unit'"
            " AND since >= ?",
            register,
            since,
        )

    def save(self, before: Standing, after: Lane, messages: Iterable[Message]) -> None:
        """Write what differs from `before`; messages are those that differ. None of them is new."""
        if after is not before.lane:
            self._db.execute(_SAVE_LANE, (*rows.lane_values(after), after.id))
            self._tally.move("lane", after.register, before.lane.state, after.state)
        states = {message.id: message.state for message in before.open}
        for message in messages:
            self._db.execute(
                _SAVE_MESSAGE,
                (
                    message.state.value,
                    message.state in OPEN_STATES,
                    message.cause,
                    message.attempts,
                    message.attempted,
                    message.ambiguous,
                    message.flag,
                    message.id,
                ),
            )
            self._tally.move("message", after.register, states[message.id], message.state)

    def next_message_id(self) -> int:
        """A number for a new message."""
        self._message_id += 1
        return self._message_id

    def add_message(self, message: Message, new: NewMessage) -> None:
        """Insert a message with its payloads."""
        self._db.execute(_ADD_MESSAGE, rows.message_values(message))
        self._db.execute(
            "INSERT INTO payloads (message_id, body, trace, findings) VALUES (?, ?, ?, ?)",
            (message.id, seal(new.body), seal(new.trace), seal(new.findings)),
        )
        self._tally.add("message", new.register, message.state)

    def newest_message(self, lane_id: int) -> Message | None:
        """The lane's last message, whatever its state."""
        return self._message("WHERE lane_id = ? ORDER BY seq DESC LIMIT 1", lane_id)

    def message(self, message_id: int) -> Message | None:
        """One message."""
        return self._message("WHERE id = ?", message_id)

    def body(self, message_id: int) -> bytes:
        """A message's body."""
        row = self._db.execute("SELECT body FROM payloads WHERE message_id = ?", (message_id,)).fetchone()
        return open_envelope(row[0])

    def next_attempt_id(self) -> int:
        """A number for a new attempt."""
        self._attempt_id += 1
        return self._attempt_id

    def attempt(self, attempt_id: int) -> Attempt | None:
        """One attempt."""
        return self._attempt("WHERE id = ?", attempt_id)

    def open_attempt(self, lane_id: int) -> Attempt | None:
        """The attempt that a leased lane's holder is making."""
        found = self._attempt("WHERE lane_id = ? ORDER BY id DESC LIMIT 1", lane_id)
        return found if found is not None and found.ended_at is None else None

    def add_attempt(self, attempt: Attempt) -> None:
        """Insert an attempt."""
        self._db.execute(_ADD_ATTEMPT, rows.attempt_values(attempt, seal(attempt.request)))

    def end_attempt(self, attempt: Attempt, answer: bytes) -> None:
        """Write an attempt's end, its outcome and evidence; `answer` empty: leave what is stored."""
        self._db.execute(
            "UPDATE attempts SET ended_at = ?, outcome_json = ?, found = ?, evidence_json = ?,"
            " answer = COALESCE(?, answer) WHERE id = ?",
            (attempt.ended_at, *rows.attempt_end(attempt), seal(answer) if answer else None, attempt.id),
        )

    def _select(self, where: str, *values: object) -> list[Standing]:
        found = self._db.execute(f"SELECT {rows.LANE} FROM lanes {where}", values).fetchall()
        return [self._standing(rows.lane(row)) for row in found]

    def _standing(self, lane: Lane, *, with_last: bool = False) -> Standing:
        messages = tuple(map(rows.message, self._db.execute(_OPEN, (lane.id,))))
        last = None
        if with_last or lane.state is LaneState.UNKNOWN:
            last = self._attempt("WHERE lane_id = ? AND kind <> 'lookup' ORDER BY id DESC LIMIT 1", lane.id)
        return Standing(lane, messages, last)

    def _message(self, where: str, value: int) -> Message | None:
        row = self._db.execute(f"SELECT {rows.MESSAGE} FROM messages {where}", (value,)).fetchone()
        return None if row is None else rows.message(row)

    def _attempt(self, where: str, value: int) -> Attempt | None:
        row = self._db.execute(f"{_ATTEMPT} {where}", (value,)).fetchone()
        return None if row is None else rows.attempt(row, open_envelope(row[9]))


def _last_id(db: sqlite3.Connection, table: str) -> int:
    found: int = db.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchone()[0]
    return found
