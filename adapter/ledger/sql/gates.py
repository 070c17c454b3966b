"""Gates of registers."""

import json

from adapter.errors import WriteConflict
from adapter.ledger.gate import Gate
from adapter.ledger.sql.database import Database

_COLUMNS = (
    "paused, cause, since, probe_at, not_before, forbidden_json, forbidden_since, throttled, allowance,"
    " allowance_at, revision"
)


class Gates:
    """Gates, kept in memory for as long as nobody else can have changed them (see `forget`)."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._cache: dict[str, tuple[Gate, int | None]] = {}

    def forget(self) -> None:
        """Read gates anew: what was written may have been rolled back, or another node may have written."""
        self._cache.clear()

    def gate(self, register: str, *, alone: bool = False) -> Gate:
        """A register's gate; a register that was never paused has an open one.

        `alone`: nobody else may write it until the commit.
        """
        if register not in self._cache or (alone and self._db.for_update):
            self._cache[register] = self._read(register, alone=alone)
        return self._cache[register][0]

    def all(self) -> list[Gate]:
        """Every gate that was ever shut."""
        return [self.gate(row[0]) for row in self._db.execute("SELECT register FROM gates").fetchall()]

    def save(self, gate: Gate) -> None:
        """Write a gate. Raises WriteConflict when another node has written it since it was read."""
        _, revision = self._cache.get(gate.register, (gate, None))
        values = (
            gate.paused,
            gate.cause,
            gate.since,
            gate.probe_at,
            gate.not_before,
            json.dumps(gate.forbidden),
            gate.forbidden_since,
            gate.throttled,
            gate.allowance,
            gate.allowance_at,
        )
        if revision is None:
            written = self._db.execute(
                f"INSERT INTO gates ({_COLUMNS}, register) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)"
                " ON CONFLICT (register) DO NOTHING",
                (*values, gate.register),
            )
        else:
            written = self._db.execute(
                "UPDATE gates SET paused = ?, cause = ?, since = ?, probe_at = ?, not_before = ?,"
                " forbidden_json = ?, forbidden_since = ?, throttled = ?, allowance = ?, allowance_at = ?,"
                " revision = revision + 1 WHERE register = ? AND revision = ?",
                (*values, gate.register, revision),
            )
        if written.rowcount != 1:
            raise WriteConflict("Another node has changed the register's gate.")
        self._cache[gate.register] = (gate, (revision or 0) + 1)

    def _read(self, register: str, *, alone: bool) -> tuple[Gate, int | None]:
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM gates WHERE register = ?{self._db.for_update if alone else ''}",
            (register,),
        ).fetchone()
        if row is None:
            return Gate(register=register), None
        gate = Gate(
            register=register,
            paused=row[0],
            cause=row[1],
            since=row[2],
            probe_at=row[3],
            not_before=row[4],
            forbidden=tuple(json.loads(row[5])),
            forbidden_since=row[6],
            throttled=row[7],
            allowance=row[8],
            allowance_at=row[9],
        )
        return gate, row[10]
