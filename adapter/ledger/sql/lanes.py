"""Lanes, messages and attempts."""

from collections.abc import Iterable, Sequence

from adapter.ledger.envelope import open_envelope, seal
from adapter.ledger.lane import Standing
from adapter.ledger.model import OPEN_STATES, Attempt, Lane, LaneState, Message, NewMessage
from adapter.ledger.sql import rows
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.tally import Tally


def _marks(columns: str) -> str:
    """As many marks as there are columns."""
    return ", ".join("?" for _ in columns.split(","))


_LANE_BY_SLOT = f"SELECT {rows.LANE} FROM lanes WHERE register = ? AND service = ? AND slot = ?"
_LANE_BY_ID = f"SELECT {rows.LANE} FROM lanes WHERE id = ?"
_OPEN = f"SELECT {rows.MESSAGE} FROM messages WHERE lane_id = ? AND open = 1 ORDER BY seq"
_NEWEST = "ORDER BY token DESC LIMIT 1"
_ATTEMPT = f"SELECT {rows.ATTEMPT} FROM attempts"
_ADD_LANE = f"INSERT INTO lanes ({rows.LANE}) VALUES ({_marks(rows.LANE)})"
_SAVE_LANE = (
    "UPDATE lanes SET state = ?, due_at = ?, token = ?, owner = ?, lease_until = ?, tries = ?, asks = ?,"
    " cause = ?, why = ?, unit = ?, since = ?, seq = ?, accepted_message = ?, accepted_event = ?,"
    " accepted_content = ?, accepted_identity = ?, cancelled = ?, accepted_rendering = ?,"
    " known_as = ? WHERE id = ?"
)
_SAVE_MESSAGE = (
    "UPDATE messages SET state = ?, open = ?, cause = ?, attempts = ?, attempted = ?, ambiguous = ?, flag = ?"
    " WHERE id = ?"
)
_ADD_MESSAGE = f"INSERT INTO messages ({rows.MESSAGE}, open, register) VALUES ({_marks(rows.MESSAGE)}, ?, ?)"
_ADD_ATTEMPT = f"INSERT INTO attempts ({rows.ATTEMPT}) VALUES ({_marks(rows.ATTEMPT)})"
_DUE = f"SELECT {rows.LANE} FROM lanes WHERE register = ? AND due_at IS NOT NULL AND due_at <= ?"


class Lanes:
    """Lanes with their messages and attempts."""

    def __init__(self, db: Database, tally: Tally) -> None:
        self._db = db
        self._tally = tally
        self._new: set[int] = set()

    def of_slot(self, register: str, service: str, slot: str, now: float) -> Standing:
        """The lane of a slot. A new one is written when it is saved."""
        place = (register, service, slot)
        found = self._of_slot(place)
        if found is not None:
            return found
        lane_id = self._db.next_id("lanes")
        self._new.add(lane_id)
        return Standing(Lane(id=lane_id, register=register, service=service, slot=slot, since=now))

    def _of_slot(self, place: tuple[str, str, str]) -> Standing | None:
        row = self._db.find(_LANE_BY_SLOT + self._db.for_update, place, ("slot", *place)).fetchone()
        return None if row is None else self._standing(rows.lane(row))

    def of_event(self, event_id: str, registers: Sequence[str]) -> list[Standing]:
        """The lanes at `registers` that have had a message of the event."""
        found = self._db.execute(
            f"SELECT {rows.LANE} FROM lanes WHERE id IN (SELECT lane_id FROM messages WHERE event_id = ?)"
            f" ORDER BY id{self._db.for_update}",
            (event_id,),
        ).fetchall()
        return self._standings([lane for lane in map(rows.lane, found) if lane.register in registers])

    def standing(self, lane_id: int, *, with_last: bool = False) -> Standing | None:
        """One lane; its newest attempt only where asked for, or where the outcome is unknown."""
        row = self._db.find(_LANE_BY_ID + self._db.for_update, (lane_id,), ("lane", lane_id)).fetchone()
        return None if row is None else self._standing(rows.lane(row), with_last=with_last)

    def due(
        self,
        register: str,
        now: float,
        limit: int,
        fresh: int,
        shun: Sequence[str] = (),
        *,
        doubts_only: bool = False,
    ) -> list[Standing]:
        """Lanes that are due: the oldest, and `fresh` of the newest; those of units in `shun` come last.

        `doubts_only`: only those whose outcome is not known.
        """
        which = f"{_DUE} AND state = 'unknown'" if doubts_only else _DUE
        found = self._due(which, register, now, limit, shun)
        if fresh > 0 and len(found) == limit:
            newest = self._db.execute(
                f"{which} ORDER BY due_at DESC, id DESC LIMIT ?{self._db.skip_locked}", (register, now, fresh)
            )
            found = {**dict(list(found.items())[: limit - fresh]), **{row[0]: row for row in newest}}
        return self._standings([rows.lane(row) for row in found.values()])

    def _due(
        self, which: str, register: str, now: float, limit: int, shun: Sequence[str]
    ) -> dict[int, rows.Row]:
        marks = ", ".join("?" * len(shun))
        last = f"unit IN ({marks}), " if shun else ""
        found = self._db.execute(
            f"{which} ORDER BY {last}due_at, id LIMIT ?{self._db.skip_locked}", (register, now, *shun, limit)
        )
        return {row[0]: row for row in found}

    def expired(self, register: str, now: float, latest: float) -> list[Standing]:
        """Lanes whose lease has run out, or ends after `latest`."""
        return self._select(
            "WHERE register = ? AND lease_until IS NOT NULL AND (lease_until < ? OR lease_until > ?)"
            f"{self._db.skip_locked}",
            register,
            now,
            latest,
        )

    def leased(self) -> list[Standing]:
        """Every leased lane."""
        return self._select(f"WHERE lease_until IS NOT NULL{self._db.for_update}")

    def leased_count(self, register: str, *, living: bool = False) -> int:
        """How many lanes of a register are in workers' hands; `living`: of workers that are still there."""
        more = f" AND {self._db.living}" if living else ""
        row = self._db.execute(
            f"SELECT count(*) FROM lanes WHERE register = ? AND lease_until IS NOT NULL{more}", (register,)
        ).fetchone()
        return int(row[0])

    def forbidden(self, register: str, since: float) -> list[Standing]:
        """Lanes that a 403 has stopped since then."""
        return self._select(
            "WHERE state IN ('parked', 'unknown') AND state <> 'idle' AND register = ?"
            " AND why = 'forbidden-unit'"
            f" AND since >= ? ORDER BY id{self._db.for_update}",
            register,
            since,
        )

    def save(self, before: Standing, after: Lane, messages: Iterable[Message]) -> None:
        """Write what differs from `before`; messages are those that differ. None of them is new."""
        if after.id in self._new:
            self._new.discard(after.id)
            place = (after.register, after.service, after.slot)
            values = (after.id, *place, *rows.lane_values(after))
            self._db.later("lanes", _ADD_LANE, values, ("lane", after.id), ("slot", *place))
            self._tally.add("lane", after.register, after.state)
        elif after is not before.lane:
            place = (after.register, after.service, after.slot)
            values = (*rows.lane_values(after), after.id)
            self._db.later("lanes", _SAVE_LANE, values, ("lane", after.id), ("slot", *place))
            self._tally.move("lane", after.register, before.lane.state, after.state)
        states = {message.id: message.state for message in before.open}
        for message in messages:
            self._db.later(
                "messages",
                _SAVE_MESSAGE,
                (
                    message.state.value,
                    int(message.state in OPEN_STATES),
                    message.cause,
                    message.attempts,
                    int(message.attempted),
                    int(message.ambiguous),
                    message.flag,
                    message.id,
                ),
                ("lane", message.lane_id),
                ("message", message.id),
            )
            self._tally.move("message", after.register, states[message.id], message.state)

    def next_message_id(self) -> int:
        """A number for a new message."""
        return self._db.next_id("messages")

    def add_message(self, message: Message, new: NewMessage) -> None:
        """Insert a message with its payloads."""
        about = (("lane", message.lane_id), ("message", message.id))
        self._db.later("messages", _ADD_MESSAGE, (*rows.message_values(message), new.register), *about)
        self._db.later(
            "payloads",
            "INSERT INTO payloads (message_id, body, trace, findings) VALUES (?, ?, ?, ?)",
            (message.id, seal(new.body), seal(new.trace), seal(new.findings)),
            ("message", message.id),
        )
        self._tally.add("message", new.register, message.state)

    def newest_message(self, lane_id: int) -> Message | None:
        """The lane's last message, whatever its state."""
        return self._message("WHERE lane_id = ? ORDER BY seq DESC LIMIT 1", lane_id)

    def message(self, message_id: int) -> Message | None:
        """One message."""
        return self._message("WHERE id = ?", message_id)

    def body(self, message_id: int, rendering: int) -> bytes:
        """A message's body, as it is or as it was before it was remapped."""
        row = self._db.find(
            "SELECT COALESCE((SELECT r.body FROM renderings r WHERE r.message_id = p.message_id AND r.n = ?),"
            " p.body) FROM payloads p WHERE p.message_id = ?",
            (rendering, message_id),
            ("message", message_id),
        ).fetchone()
        return open_envelope(bytes(row[0]))

    def next_attempt_id(self) -> int:
        """A number for a new attempt."""
        return self._db.next_id("attempts")

    def attempt(self, attempt_id: int) -> Attempt | None:
        """One attempt."""
        return self._attempt("WHERE id = ?", attempt_id)

    def open_attempt(self, lane_id: int) -> Attempt | None:
        """The attempt that a leased lane's holder is making."""
        found = self._attempt(f"WHERE lane_id = ? {_NEWEST}", lane_id)
        return found if found is not None and found.ended_at is None else None

    def add_attempt(self, attempt: Attempt) -> None:
        """Insert an attempt."""
        values = rows.attempt_values(attempt, seal(attempt.request))
        self._db.later("attempts", _ADD_ATTEMPT, values, ("lane", attempt.lane_id))

    def end_attempt(self, attempt: Attempt, answer: bytes) -> None:
        """Write an attempt's end, its outcome and evidence; `answer` empty: leave what is stored."""
        self._db.later(
            "attempts",
            "UPDATE attempts SET ended_at = ?, outcome_json = ?, found = ?, evidence_json = ?,"
            " answer = COALESCE(?, answer) WHERE id = ?",
            (attempt.ended_at, *rows.attempt_end(attempt), seal(answer) if answer else None, attempt.id),
            ("lane", attempt.lane_id),
        )

    def _select(self, where: str, *values: object) -> list[Standing]:
        found = self._db.execute(f"SELECT {rows.LANE} FROM lanes {where}", values).fetchall()
        return self._standings([rows.lane(row) for row in found])

    def _standings(self, lanes: list[Lane]) -> list[Standing]:
        """Several lanes, with one question after all their open messages."""
        if not lanes:
            return []
        marks = ", ".join("?" * len(lanes))
        found: dict[int, list[Message]] = {lane.id: [] for lane in lanes}
        statement = (
            f"SELECT {rows.MESSAGE} FROM messages WHERE lane_id IN ({marks}) AND open = 1 ORDER BY seq"
        )
        for row in self._db.find(statement, tuple(found), *(("lane", lane.id) for lane in lanes)):
            message = rows.message(row)
            found[message.lane_id].append(message)
        return [Standing(lane, tuple(found[lane.id]), self._last(lane)) for lane in lanes]

    def _last(self, lane: Lane, *, wanted: bool = False) -> Attempt | None:
        if not wanted and lane.state is not LaneState.UNKNOWN:
            return None
        return self._attempt(f"WHERE lane_id = ? AND kind <> 'lookup' {_NEWEST}", lane.id)

    def _standing(self, lane: Lane, *, with_last: bool = False) -> Standing:
        messages = tuple(map(rows.message, self._db.find(_OPEN, (lane.id,), ("lane", lane.id))))
        return Standing(lane, messages, self._last(lane, wanted=with_last))

    def _message(self, where: str, value: int) -> Message | None:
        row = self._db.execute(f"SELECT {rows.MESSAGE} FROM messages {where}", (value,)).fetchone()
        return None if row is None else rows.message(row)

    def _attempt(self, where: str, value: int) -> Attempt | None:
        row = self._db.execute(f"{_ATTEMPT} {where}", (value,)).fetchone()
        return None if row is None else rows.attempt(row, open_envelope(bytes(row[9])))
