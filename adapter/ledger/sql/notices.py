"""What operators must know of: one notice for each cause that blocks lanes or a register."""

import json
from typing import Any

from adapter.ledger.settlement import PAUSED
from adapter.ledger.sql.changes import OPERATORS, Changes
from adapter.ledger.sql.database import Database

Key = tuple[str, str, str]
"""Register, kind, cause."""


class Notices:
    """Counts the lanes that a cause blocks. The first one starts a notice, the last one clears it.

    The changes of a batch are gathered and written at its end, in a fixed order: transactions that concern
    the same causes then never wait for each other in a circle.
    """

    def __init__(self, db: Database, changes: Changes) -> None:
        self._db = db
        self._told = changes
        self._changes: dict[Key, int] = {}
        self._undo: dict[Key, int] = {}

    def block(self, register: str, kind: str, cause: str) -> None:
        """One lane more is blocked for this cause."""
        self._count((register, kind, cause), 1)

    def unblock(self, register: str, kind: str, cause: str) -> None:
        """One lane less is blocked for this cause."""
        self._count((register, kind, cause), -1)

    def begin_job(self) -> None:
        """Remember where the job began."""
        self._undo = dict(self._changes)

    def undo_job(self) -> None:
        """Forget what the job counted."""
        self._changes = self._undo

    def clear(self) -> None:
        """Forget the batch."""
        self._changes = {}

    def write(self, now: float) -> None:
        """Write the batch's changes, and tell operators of notices that start or end."""
        for key in sorted(key for key, change in self._changes.items() if change):
            self._write(key, self._changes[key], now)
        self.clear()

    def _write(self, key: Key, change: int, now: float) -> None:
        if change > 0:
            row = self._db.execute(
                "INSERT INTO notices (id, register, kind, cause, lanes, started_at) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (register, kind, cause) WHERE cleared_at IS NULL"
                " DO UPDATE SET lanes = notices.lanes + excluded.lanes RETURNING id, lanes, started_at",
                (self._db.next_id("notices"), *key, change, now),
            ).fetchone()
            is_news = row is not None and row[1] == change
        else:
            row = self._db.execute(
                "UPDATE notices SET lanes = lanes + ?, cleared_at = CASE WHEN lanes + ? <= 0 THEN"
                " CAST(? AS DOUBLE PRECISION) END"
                " WHERE register = ? AND kind = ? AND cause = ? AND cleared_at IS NULL"
                " RETURNING id, lanes, started_at",
                (change, change, now, *key),
            ).fetchone()
            is_news = row is not None and row[1] <= 0
        if is_news:
            self._tell(key, row, now, started=change > 0)

    def _tell(self, key: Key, row: tuple[Any, ...], now: float, *, started: bool) -> None:
        register, kind, cause = key
        detail = {
            "kind": kind,
            "notice": row[0],
            "lanes": self._waiting(register) if kind == PAUSED else max(0, row[1]),
            "since": row[2],
        }
        self._told.add(
            now,
            OPERATORS,
            register=register,
            state="started" if started else "cleared",
            cause=cause,
            detail=json.dumps(detail),
        )

    def _waiting(self, register: str) -> int:
        """How many lanes wait for a register, as far as that is committed."""
        row = self._db.execute(
            "SELECT COALESCE(SUM(n), 0) FROM tallies"
            " WHERE what = 'lane' AND register = ? AND state IN ('waiting', 'leased')",
            (register,),
        ).fetchone()
        return int(row[0])

    def _count(self, key: Key, change: int) -> None:
        self._changes[key] = self._changes.get(key, 0) + change
