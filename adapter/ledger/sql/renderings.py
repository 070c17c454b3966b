"""What messages say, and what they said before they were remapped. No rendering is ever overwritten."""

from collections.abc import Sequence
from typing import Any

import msgspec

from adapter.errors import StaleEvent
from adapter.ledger.envelope import seal
from adapter.ledger.lane import Standing
from adapter.ledger.model import Fate, Message, NewEvent, NewMessage, Visit
from adapter.ledger.sql import rows
from adapter.ledger.sql.cutovers import Cutovers
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.referrals import Referrals

_OPEN = f"SELECT {rows.MESSAGE} FROM messages WHERE lane_id = ? AND open = 1 ORDER BY seq"


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """A lane's front message with all that it takes to make it anew.

    Sealed are `payload`, the body of the event's newest submission (None when it is no longer kept), and
    `body`, what the message says now (empty for one that could not be made). `listed`: another system has
    reported the contact, so that the first message that can be made of it counts as accepted. `visits` are
    those that follow on the event, which its `identifier` names.
    """

    standing: Standing
    message: Message
    sender: str
    revision: int
    receipt_id: int
    payload: bytes | None
    body: bytes
    listed: bool
    identifier: str = ""
    visits: tuple[Visit, ...] = ()


class Renderings:
    """Writes what messages say."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put_away(self, message: Message, now: float) -> None:
        """Keep what a message says before it is written anew."""
        self._db.execute(
            "INSERT INTO renderings (message_id, n, body, trace, findings, intent, content, identity, unit,"
            " edition, care_date, cause, replaced_at)"
            " SELECT m.id, m.rendering, p.body, p.trace, p.findings, m.intent, m.content, m.identity, m.unit,"
            " m.edition, m.care_date, m.cause, ? FROM messages m JOIN payloads p ON p.message_id = m.id"
            " WHERE m.id = ?",
            (now, message.id),
        )

    def write(self, message: Message, made: NewMessage) -> None:
        """Write what a message says from now on; its state is written with its lane."""
        self._db.execute(
            "UPDATE messages SET intent = ?, content = ?, identity = ?, unit = ?, edition = ?, care_date = ?,"
            " rendering = ? WHERE id = ?",
            (
                message.intent,
                message.content,
                message.identity,
                message.unit,
                message.edition,
                message.care_date,
                message.rendering,
                message.id,
            ),
        )
        self._db.execute(
            "UPDATE payloads SET body = ?, trace = ?, findings = ? WHERE message_id = ?",
            (seal(made.body), seal(made.trace), seal(made.findings), message.id),
        )

    def renew_event(self, event: NewEvent, register: str) -> None:
        """Let an event's row say what the translation says of it now, so that a resend changes nothing.

        What the other registers get stays as it is. Raises StaleEvent when the event has changed.
        """
        row = self._db.execute(
            "SELECT fates_json FROM events WHERE event_id = ?", (event.event_id,)
        ).fetchone()
        fates: dict[str, Any] = {} if row is None else msgspec.json.decode(row[0])
        fates |= {fate.register: _told(fate) for fate in event.fates if fate.register == register}
        written = self._db.execute(
            "UPDATE events SET revision = revision + 1, status = ?, content = ?, unit = ?, care_date = ?,"
            " fates_json = ? WHERE event_id = ? AND revision = ?",
            (
                event.status,
                event.content,
                event.unit,
                event.care_date,
                rows.encode(fates).decode(),
                event.event_id,
                event.expected_revision,
            ),
        )
        if written.rowcount != 1:
            raise StaleEvent("The event changed since it was read.")


def origins(db: Database, lane_ids: Sequence[int], now: float) -> list[Origin | None]:
    """What it takes to make the front message of each lane anew; None for a lane with nothing open.

    From a connection that can only read: what is done with it must be compared again when it is written.
    """
    return [_origin(db, lane_id, now) for lane_id in lane_ids]


def _origin(db: Database, lane_id: int, now: float) -> Origin | None:
    found = db.execute(f"SELECT {rows.LANE} FROM lanes WHERE id = ?", (lane_id,)).fetchone()
    if found is None:
        return None
    messages = tuple(map(rows.message, db.execute(_OPEN, (lane_id,))))
    if not messages:
        return None
    lane, front = rows.lane(found), messages[0]
    row = db.execute(
        "SELECT e.sender, e.revision, e.receipt_id, r.payload, e.identifier FROM events e"
        " JOIN receipts r ON r.id = e.receipt_id WHERE e.event_id = ?",
        (front.event_id,),
    ).fetchone()
    body = db.execute("SELECT body FROM payloads WHERE message_id = ?", (front.id,)).fetchone()
    return Origin(
        standing=Standing(lane, messages),
        message=front,
        sender=row[0],
        revision=row[1],
        receipt_id=row[2],
        payload=None if row[3] is None else bytes(row[3]),
        body=bytes(body[0]),
        listed=Cutovers(db).of_event(front.event_id, lane.register, now) is not None,
        identifier=row[4],
        visits=Referrals(db).visits(row[0], [row[4]]).get(row[4], ()),
    )


def _told(fate: Fate) -> tuple[str, str | None]:
    return fate.fate, fate.rule
