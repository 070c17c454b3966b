"""What was published, and what the receiver's receipts say of it: the transport's memory, in one SQLite file.

It lies in the delivery folder's own state folder, so that whoever delivers there knows it, and is opened only
under the folder's lock. Nothing in it is patient data: keys are opaque, contents are fingerprints.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from adapter.registers.files.batch import Handelse

Verdict = Literal["accepted", "rejected"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
    id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, published_at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, record TEXT NOT NULL, batch TEXT NOT NULL, handelse TEXT NOT NULL,
    digest TEXT NOT NULL, verdict TEXT, reason TEXT, UNIQUE (batch, record)
) STRICT;
CREATE INDEX IF NOT EXISTS entries_of_record ON entries (record, id);
CREATE TABLE IF NOT EXISTS days (day TEXT PRIMARY KEY) STRICT;
"""

KEEP = 400 * 86_400.0
"""Seconds for which everything is kept: the longest that a message can wait for somebody."""

_SETTLED = (
    "(:receipts = 0 OR NOT EXISTS (SELECT 1 FROM entries u WHERE u.batch = e.batch AND u.verdict IS NULL))"
)
_OVERTAKEN = (
    "EXISTS (SELECT 1 FROM entries n WHERE n.record = e.record AND n.id > e.id"
    " AND (n.verdict = 'accepted' OR (:receipts = 0 AND n.verdict IS NULL)))"
)
_NOTHING_BEFORE = (
    "NOT EXISTS (SELECT 1 FROM entries o"
    " WHERE o.record = e.record AND o.id < e.id AND o.verdict IS NOT 'rejected')"
)
_PRUNE = f"""
DELETE FROM entries WHERE id IN (
    SELECT e.id FROM entries e JOIN batches b ON b.id = e.batch
    WHERE b.published_at < :before AND {_SETTLED} AND (
        e.verdict = 'rejected' OR {_OVERTAKEN} OR (e.handelse = 'makulerad' AND {_NOTHING_BEFORE})
    ) ORDER BY e.id LIMIT :most
)
"""  # noqa: S608 - constants


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One record of one published batch. `verdict` None: no receipt has spoken of it."""

    record: str
    batch: str
    handelse: Handelse
    digest: str
    verdict: Verdict | None = None
    reason: str | None = None


class Index:
    """An open index. Raises sqlite3.Error."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def next_number(self) -> int:
        """The number of the next batch."""
        found = self._db.execute("SELECT COALESCE(MAX(number), 0) + 1 FROM batches").fetchone()
        return int(found[0])

    def add(self, batch: str, number: int, at: float, entries: Sequence[Entry]) -> None:
        """Enter a published batch; nothing happens when it is there already. All or nothing."""
        with self._db:
            self._db.execute("INSERT OR IGNORE INTO batches VALUES (?, ?, ?)", (batch, number, at))
            self._db.executemany(
                "INSERT OR IGNORE INTO entries (record, batch, handelse, digest) VALUES (?, ?, ?, ?)",
                [(entry.record, batch, entry.handelse, entry.digest) for entry in entries],
            )

    def of_record(self, record: str) -> Iterator[Entry]:
        """What was published of a record, newest first."""
        return self._entries("WHERE record = ? ORDER BY id DESC", record)

    def of_batch(self, batch: str) -> list[Entry]:
        """The records of a batch; empty when it is not known."""
        return list(self._entries("WHERE batch = ? ORDER BY id", batch))

    def judge(self, batch: str, verdicts: Iterable[tuple[str, Verdict, str | None]]) -> None:
        """Enter what a receipt says: record, verdict and reason. All or nothing."""
        with self._db:
            self._db.executemany(
                "UPDATE entries SET verdict = ?, reason = ? WHERE batch = ? AND record = ?",
                [(verdict, reason, batch, record) for record, verdict, reason in verdicts],
            )

    def unanswered(self) -> int:
        """How many published records no receipt has spoken of."""
        found = self._db.execute("SELECT COUNT(*) FROM entries WHERE verdict IS NULL").fetchone()
        return int(found[0])

    def prune(self, now: float, *, receipts: bool, most: int) -> int:
        """Forget up to `most` records of batches that are older than KEEP and answered as a whole, where no
        question's answer depends on them. Answers how many. `receipts`: the receiver answers.

        What stands at the receiver is never forgotten, however old: a look-up that does not find it would
        say that a withdrawal has had its effect. Age counts from the newest batch, so that a service that
        has stood still for long forgets nothing before it has asked.
        """
        newest = self._db.execute("SELECT MAX(published_at) FROM batches").fetchone()[0]
        if newest is None:
            return 0
        before = min(now, newest) - KEEP
        with self._db:
            done = self._db.execute(_PRUNE, {"before": before, "receipts": int(receipts), "most": most})
            self._db.execute(
                "DELETE FROM batches WHERE published_at < ? AND number < (SELECT MAX(number) FROM batches)"
                " AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.batch = batches.id)",
                (before,),
            )
        return done.rowcount

    def last_day(self) -> str | None:
        """The last day (``YYYY-MM-DD``) whose batch is done, None before the first."""
        found = self._db.execute("SELECT MAX(day) FROM days").fetchone()
        day: str | None = found[0]
        return day

    def end_day(self, day: str) -> None:
        """Note that a day's batch is done."""
        with self._db:
            self._db.execute("DELETE FROM days")
            self._db.execute("INSERT INTO days VALUES (?)", (day,))

    def _entries(self, where: str, value: str) -> Iterator[Entry]:
        names = "record, batch, handelse, digest, verdict, reason"
        for row in self._db.execute(f"SELECT {names} FROM entries {where}", (value,)):  # noqa: S608 - constants
            yield Entry(**dict(zip(names.split(", "), row, strict=True)))


@contextmanager
def opened(path: Path) -> Iterator[Index]:
    """Open the index file, which is made when it is not there. Raises sqlite3.Error."""
    db = sqlite3.connect(path, timeout=5.0)
    try:
        db.execute("PRAGMA synchronous = FULL")
        db.executescript(_SCHEMA)
        yield Index(db)
    finally:
        db.close()
