"""Audit entries, notices and gates in SQLite."""

import json
import sqlite3

import msgspec

from adapter.ledger.audit import GENESIS, Entry, Verdict, chain, verify
from adapter.ledger.gate import Gate
from adapter.ledger.model import Fact
from adapter.ledger.sqlite.rows import encode

_ENTRY = "id, at, kind, register, lane_id, message_id, receipt_id, detail_json, hash"


class Trail:
    """The audit trail and the notices. The chain's end is kept in memory: there is one writer."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.now = 0.0
        self.reload()

    def reload(self) -> None:
        """Read the chain's end."""
        row = self._db.execute("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
        self._head: tuple[int, bytes] = row or (0, GENESIS)
        self._undo = self._head

    def begin_job(self) -> None:
        """Remember where the job began."""
        self._undo = self._head

    def undo_job(self) -> None:
        """Go back there."""
        self._head = self._undo

    def add(
        self,
        fact: Fact,
        *,
        register: str | None = None,
        lane_id: int | None = None,
        receipt_id: int | None = None,
    ) -> None:
        """Append an audit entry."""
        entry = Entry(
            id=self._head[0] + 1,
            at=self.now,
            kind=fact.kind,
            register=register,
            lane_id=lane_id,
            message_id=fact.message_id,
            receipt_id=receipt_id,
            detail=encode(fact.detail).decode(),
        )
        digest = chain(self._head[1], entry)
        self._db.execute(
            f"INSERT INTO audit ({_ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*msgspec.structs.astuple(entry), digest),
        )
        self._head = (entry.id, digest)

    def block(self, register: str, kind: str, cause: str, now: float) -> None:
        """One lane more is blocked for this cause: the first one starts a notice."""
        self._db.execute(
            "INSERT INTO notices (register, kind, cause, lanes, started_at) VALUES (?, ?, ?, 1, ?)"
            " ON CONFLICT (register, kind, cause) WHERE cleared_at IS NULL DO UPDATE SET lanes = lanes + 1",
            (register, kind, cause, now),
        )

    def unblock(self, register: str, kind: str, cause: str, now: float) -> None:
        """One lane less is blocked for this cause: the last one clears the notice."""
        self._db.execute(
            "UPDATE notices SET lanes = lanes - 1, cleared_at = CASE WHEN lanes = 1 THEN ? END"
            " WHERE register = ? AND kind = ? AND cause = ? AND cleared_at IS NULL",
            (now, register, kind, cause),
        )


class Gates:
    """Gates of registers, kept in memory: every attempt asks for one, and there is one writer."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._cache: dict[str, Gate] = {}

    def forget(self) -> None:
        """Read gates anew: what was written may have been rolled back."""
        self._cache.clear()

    def gate(self, register: str) -> Gate:
        """A register's gate; a register that was never paused has an open one."""
        found = self._cache.get(register)
        if found is None:
            found = self._cache[register] = self._read(register)
        return found

    def _read(self, register: str) -> Gate:
        row = self._db.execute(
            "SELECT paused, cause, since, probe_at, not_before, forbidden_json, forbidden_since, throttled"
            " FROM gates WHERE register = ?",
            (register,),
        ).fetchone()
        if row is None:
            return Gate(register=register)
        return Gate(
            register=register,
            paused=row[0],
            cause=row[1],
            since=row[2],
            probe_at=row[3],
            not_before=row[4],
            forbidden=tuple(json.loads(row[5])),
            forbidden_since=row[6],
            throttled=row[7],
        )

    def all(self) -> list[Gate]:
        """Every gate that was ever shut."""
        return [self.gate(row[0]) for row in self._db.execute("SELECT register FROM gates").fetchall()]

    def save(self, gate: Gate) -> None:
        """Write a gate."""
        self._cache[gate.register] = gate
        self._db.execute(
            "INSERT OR REPLACE INTO gates (register, paused, cause, since, probe_at, not_before,"
            " forbidden_json, forbidden_since, throttled) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                gate.register,
                gate.paused,
                gate.cause,
                gate.since,
                gate.probe_at,
                gate.not_before,
                json.dumps(gate.forbidden),
                gate.forbidden_since,
                gate.throttled,
            ),
        )


def verify_trail(db: sqlite3.Connection) -> Verdict:
    """Check the whole trail."""
    found = db.execute(f"SELECT {_ENTRY} FROM audit ORDER BY id")
    return verify(
        (Entry(**dict(zip(Entry.__struct_fields__, row[:-1], strict=True))), row[-1]) for row in found
    )
