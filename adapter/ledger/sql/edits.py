"""Operators' edits of events, and what they are made from."""

from typing import Any

import msgspec

from adapter.ledger.envelope import open_envelope, seal
from adapter.ledger.model import Visit
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.referrals import Referrals

_COLUMNS = (
    "id, event_id, based_on, state, actor, reason, proposed_at, decided_by, decided_at, decided_why,"
    " receipt_id"
)
_LANES = "SELECT id, register, service, slot, state, accepted_content FROM lanes"
_INTENT = "SELECT intent FROM messages WHERE lane_id = ? ORDER BY seq DESC LIMIT 1"
_BODY = (
    "SELECT p.body FROM messages m JOIN payloads p ON p.message_id = m.id"
    " WHERE m.lane_id = ? AND m.intent = 'report' AND m.identity <> '' ORDER BY m.seq DESC LIMIT 1"
)

Slot = tuple[str, str, str]
"""Register, service, slot."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The bundle that an event's newest version was made from, sealed; None when it was not kept.

    `content` and `status` are those of that version. `visits` are those that follow on the event, which its
    `identifier` names.
    """

    event_id: str
    sender: str
    revision: int
    edited: bool
    received_at: float
    payload: bytes | None
    body_hash: str = ""
    content: str = ""
    status: str = ""
    identifier: str = ""
    protected: bool = False
    visits: tuple[Visit, ...] = ()

    @property
    def bundle(self) -> bytes | None:
        """The bundle's bytes."""
        return None if self.payload is None else open_envelope(self.payload)


class StoredEdit(msgspec.Struct, frozen=True, kw_only=True):
    """An edit without its content. `receipt_id` is that of the version that it has become."""

    id: int
    event_id: str
    based_on: int
    state: str
    actor: str
    reason: str
    proposed_at: float
    decided_by: str | None = None
    decided_at: float | None = None
    decided_why: str | None = None
    receipt_id: int | None = None


class InLane(msgspec.Struct, frozen=True, kw_only=True):
    """A lane as a new version of the event would find it.

    `intent` is that of its newest message, `body` (JSON) its newest report, ``{}`` where none could be made.
    `accepted` is the content that the register holds, None when it holds nothing.
    """

    lane_id: int
    slot: Slot
    state: str
    accepted: str | None
    intent: str
    body: bytes


class Edits:
    """Edits with their content, which is sealed."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def source(self, event_id: str) -> Source | None:
        """What the event's newest version was made from."""
        row = self._db.execute(
            "SELECT e.sender, e.revision, e.edited, r.received_at, r.payload, e.identifier, r.body_hash,"
            " e.content, e.status, e.protected FROM events e"
            " JOIN receipts r ON r.id = e.receipt_id WHERE e.event_id = ?",
            (event_id,),
        ).fetchone()
        if row is None:
            return None
        return Source(
            event_id=event_id,
            sender=row[0],
            revision=row[1],
            edited=bool(row[2]),
            received_at=row[3],
            payload=None if row[4] is None else bytes(row[4]),
            identifier=row[5],
            body_hash=row[6],
            content=row[7],
            status=row[8],
            protected=bool(row[9]),
            visits=Referrals(self._db).visits(row[0], [row[5]]).get(row[5], ()),
        )

    def in_lanes(self, event_id: str, slots: list[Slot]) -> list[InLane]:
        """The lanes of `slots` and those that have had a message of the event, with their newest messages."""
        lanes = self._db.execute(
            f"{_LANES} WHERE id IN (SELECT lane_id FROM messages WHERE event_id = ?) ORDER BY id", (event_id,)
        ).fetchall()
        for slot in slots:
            lanes += self._db.execute(
                f"{_LANES} WHERE register = ? AND service = ? AND slot = ?", slot
            ).fetchall()
        return [lane for lane in map(self._in_lane, dict.fromkeys(map(tuple, lanes))) if lane is not None]

    def add(self, edit: StoredEdit, bundle: bytes, difference: bytes) -> None:
        """Store an edit under the number that it has."""
        values = (*msgspec.structs.astuple(edit), seal(bundle), seal(difference))
        self._db.execute(
            f"INSERT INTO edits ({_COLUMNS}, payload, difference) VALUES ({', '.join('?' * len(values))})",
            values,
        )

    def next_id(self) -> int:
        """A number for a new edit."""
        return self._db.next_id("edits")

    def one(self, edit_id: int, *, alone: bool = False) -> StoredEdit | None:
        """One edit. `alone`: nobody else may decide it until the commit."""
        lock = self._db.for_update if alone else ""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM edits WHERE id = ?{lock}", (edit_id,)).fetchone()
        return None if row is None else _edit(row)

    def content(self, edit_id: int) -> tuple[bytes, bytes]:
        """The edited bundle and the difference (JSON) of an edit that is there."""
        row = self._db.execute("SELECT payload, difference FROM edits WHERE id = ?", (edit_id,)).fetchone()
        return open_envelope(bytes(row[0])), open_envelope(bytes(row[1]))

    def proposed(self, limit: int, after: int) -> list[StoredEdit]:
        """Edits that wait for a second person, by number."""
        found = self._db.execute(
            f"SELECT {_COLUMNS} FROM edits WHERE state = 'proposed' AND id > ? ORDER BY id LIMIT ?",
            (after, limit),
        )
        return [_edit(row) for row in found]

    def of_event(self, event_id: str) -> list[StoredEdit]:
        """The edits of an event, by number."""
        found = self._db.execute(f"SELECT {_COLUMNS} FROM edits WHERE event_id = ? ORDER BY id", (event_id,))
        return [_edit(row) for row in found]

    def decide(self, edit: StoredEdit) -> None:
        """Write what has been decided of an edit."""
        self._db.execute(
            "UPDATE edits SET state = ?, decided_by = ?, decided_at = ?, decided_why = ?, receipt_id = ?"
            " WHERE id = ?",
            (edit.state, edit.decided_by, edit.decided_at, edit.decided_why, edit.receipt_id, edit.id),
        )

    def _in_lane(self, lane: tuple[Any, ...]) -> InLane | None:
        intent = self._db.execute(_INTENT, (lane[0],)).fetchone()
        if intent is None:
            return None
        body = self._db.execute(_BODY, (lane[0],)).fetchone()
        return InLane(
            lane_id=lane[0],
            slot=(lane[1], lane[2], lane[3]),
            state=lane[4],
            accepted=lane[5],
            intent=intent[0],
            body=b"{}" if body is None else open_envelope(bytes(body[0])),
        )


def _edit(row: tuple[Any, ...]) -> StoredEdit:
    return StoredEdit(**dict(zip(StoredEdit.__struct_fields__, row, strict=True)))
