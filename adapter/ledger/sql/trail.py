"""The audit trail."""

from collections.abc import Iterator

import msgspec

from adapter.ledger.audit import GENESIS, Entry, Verdict, chain, first_of, verify
from adapter.ledger.model import Fact
from adapter.ledger.sql.database import Database, Row
from adapter.ledger.sql.rows import encode

_ENTRY = "id, at, kind, register, lane_id, message_id, receipt_id, detail_json, hash"
_PAGE = 5000
_BEFORE_ALL = -(1 << 62)


class Trail:
    """Writes the strand of this connection. Its end is kept in memory: nobody else writes it."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.now = 0.0
        self.reload()

    def reload(self) -> None:
        """Read the strand's end."""
        first = first_of(self._db.strand)
        row = self._db.execute(
            "SELECT id, hash FROM audit WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1",
            (first, first_of(self._db.strand + 1)),
        ).fetchone()
        self._head: tuple[int, bytes] = (first, GENESIS) if row is None else (row[0], bytes(row[1]))
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
        self._db.later(
            "audit",
            f"INSERT INTO audit ({_ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*msgspec.structs.astuple(entry), digest),
        )
        self._head = (entry.id, digest)


def verify_trail(db: Database) -> Verdict:
    """Check the whole trail, strand by strand. What is written meanwhile comes at the strands' ends."""
    return verify(
        (Entry(**dict(zip(Entry.__struct_fields__, row[:-1], strict=True))), bytes(row[-1]))
        for row in _entries(db)
    )


def _entries(db: Database) -> Iterator[Row]:
    """Page by page: a trail need not fit into the memory."""
    chosen = f"SELECT {_ENTRY} FROM audit WHERE id > ? ORDER BY id LIMIT {_PAGE}"
    page = db.execute(chosen, (_BEFORE_ALL,)).fetchall()
    while page:
        yield from page
        page = db.execute(chosen, (page[-1][0],)).fetchall()
