"""How many lanes and messages are in each state, kept up to date so that nobody has to count millions."""

from enum import StrEnum

from adapter.ledger.sql.database import Database

Key = tuple[str, str, str]


class Tally:
    """Gathers the changes of a batch and writes each count once, before the commit.

    Each connection that writes has rows of its own (its strand): the counts are their sums.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._changes: dict[Key, int] = {}
        self._undo: dict[Key, int] = {}

    def add(self, what: str, register: str, state: StrEnum) -> None:
        """One more."""
        self._count((what, register, state.value), 1)

    def move(self, what: str, register: str, before: StrEnum, after: StrEnum) -> None:
        """From one state to another."""
        if before is not after:
            self._count((what, register, before.value), -1)
            self._count((what, register, after.value), 1)

    def begin_job(self) -> None:
        """Remember where the job began."""
        self._undo = dict(self._changes)

    def undo_job(self) -> None:
        """Forget what the job counted."""
        self._changes = self._undo

    def clear(self) -> None:
        """Forget the batch."""
        self._changes = {}

    def write(self) -> None:
        """Write the batch's changes."""
        changes = [(*key, self._db.strand, change) for key, change in self._changes.items() if change]
        if changes:
            self._db.executemany(
                "INSERT INTO tallies (what, register, state, strand, n) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (what, register, state, strand) DO UPDATE SET n = tallies.n + excluded.n",
                changes,
            )
        self.clear()

    def _count(self, key: Key, change: int) -> None:
        self._changes[key] = self._changes.get(key, 0) + change
