"""The writer's connection with its tables: the transaction of the use cases, for SQLite."""

import sqlite3
from collections.abc import Callable

from adapter.ledger.sqlite.intake_tables import Events, Receipts
from adapter.ledger.sqlite.lane_tables import Lanes
from adapter.ledger.sqlite.tally import Tally
from adapter.ledger.sqlite.trail_tables import Gates, Trail


class SqliteSession:
    """One for the life of the writer's connection. `now` is the time at which the present job began."""

    def __init__(self, db: sqlite3.Connection, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.now = clock()
        self._tally = Tally(db)
        self.receipts = Receipts(db)
        self.events = Events(db)
        self.lanes = Lanes(db, self._tally)
        self.gates = Gates(db)
        self.trail = Trail(db)

    def begin_job(self) -> None:
        """A job begins: what it changes in memory may have to be undone."""
        self.now = self.trail.now = self._clock()
        self._tally.begin_job()
        self.trail.begin_job()

    def undo_job(self) -> None:
        """The job has failed."""
        self._tally.undo_job()
        self.trail.undo_job()
        self.gates.forget()

    def before_commit(self) -> None:
        """Write what the batch has counted."""
        self._tally.write()

    def reload(self) -> None:
        """The batch was rolled back."""
        self._tally.clear()
        self.trail.reload()
        self.gates.forget()


def connect(path: str, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection as the ledger uses them: explicit transactions, durable at each commit."""
    mode = "ro" if read_only else "rw"
    db = sqlite3.connect(
        f"file:{path}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA cache_size = -32000")
    if read_only:
        db.execute("PRAGMA query_only = ON")
        return db
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA wal_autocheckpoint = 2000")
    db.execute("PRAGMA journal_size_limit = 67108864")
    return db
