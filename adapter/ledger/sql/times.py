"""Every stored time that decides when something happens; the others only say when something happened."""

from adapter.ledger.sql.database import Database

_PLANNED = {
    "lanes": ("due_at",),
    "gates": ("since", "probe_at", "not_before", "forbidden_since", "allowance_at"),
    "hooks": ("due_at", "lease_until"),
    "replays": ("lease_until",),
    "pulses": ("at",),
}
"""Tables and their columns that hold such times. Leases of lanes are ended when the ledger is opened."""

_DOUBTED = "SELECT id FROM lanes WHERE state <> 'idle' AND state IN ('unknown', 'leased')"


class Times:
    """Reads and shifts them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def beat(self, now: float) -> None:
        """Write that it can be written. (A transaction that changes nothing succeeds on a dead disk too.)"""
        self._db.execute(
            "INSERT INTO pulses (strand, at) VALUES (?, ?)"
            " ON CONFLICT (strand) DO UPDATE SET at = excluded.at",
            (self._db.strand, now),
        )

    def newest(self) -> float | None:
        """When this store's only writer last wrote, by its own clock; None when it never has."""
        found = [
            self._db.execute(f"SELECT at FROM {last}").fetchone()
            for last in ("audit ORDER BY id DESC LIMIT 1", "pulses ORDER BY at DESC LIMIT 1")
        ]
        return max((float(row[0]) for row in found if row is not None), default=None)

    def clip(self, latest: float, now: float) -> None:
        """Let what was planned for later than `latest` be due at `now`."""
        for table, columns in _PLANNED.items():
            for column in columns:
                self._db.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {column} IS NOT NULL AND {column} > ?",
                    (now, latest),
                )

    def shift(self, seconds: float, now: float) -> None:
        """Move every time that lies after `now` so many seconds towards the past: waits keep their lengths.

        Of attempts only those are moved whose outcome is in doubt: it is asked how long ago they were. For a
        store that nobody else has open.
        """
        for table, columns in _PLANNED.items():
            for column in columns:
                self._db.execute(
                    f"UPDATE {table} SET {column} = {column} - ? WHERE {column} IS NOT NULL AND {column} > ?",
                    (seconds, now),
                )
        for column in ("started_at", "ended_at"):
            self._db.execute(
                f"UPDATE attempts SET {column} = {column} - ? WHERE lane_id IN ({_DOUBTED}) AND {column} > ?",
                (seconds, now),
            )
