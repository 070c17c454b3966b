"""What senders and operators are told of, in an order in which it can be read on from any place."""

import json
import re
from typing import Any

from adapter.ledger.model import Message
from adapter.ledger.sql.database import Database, Row

OPERATORS = "operators"
"""The audience of notices."""

BEGINNING = "0-0"
"""The cursor before the first change."""

_COLUMNS = (
    "tx, id, at, event_id, identifier, register, service, lane_id, message_id, state, cause, detail_json"
)
_NAMES = tuple(_COLUMNS.split(", "))
_CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


def sender(name: str) -> str:
    """The audience of what became of a sender's events."""
    return f"sender:{name}"


def place(cursor: str) -> tuple[int, int]:
    """Transaction and number of the change that a cursor names. Raises ValueError for what is no cursor."""
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise ValueError("a cursor is the `next` of an earlier answer, such as 0-17")
    return int(found[1]), int(found[2])


class Changes:
    """Writes and reads changes. A cursor is ``<transaction>-<number>`` of the last change that was read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def tell(self, now: float, message: Message, register: str, service: str) -> None:
        """Tell the sender of a message's event that the message has got into its state."""
        self._db.later(
            "changes",
            "INSERT INTO changes (id, tx, at, audience, event_id, identifier, register, service, lane_id,"
            f" message_id, state, cause, detail_json) SELECT ?, {self._db.transaction}, ?,"
            " 'sender:' || sender, event_id, identifier, ?, ?, ?, ?, ?, ?, ? FROM events WHERE event_id = ?",
            (
                self._db.next_id("changes"),
                now,
                register,
                service,
                message.lane_id,
                message.id,
                message.state.value,
                message.cause,
                "{}" if message.flag is None else json.dumps({"flag": message.flag}),
                message.event_id,
            ),
        )

    def add(
        self,
        now: float,
        audience: str,
        *,
        register: str,
        state: str,
        cause: str | None = None,
        event_id: str | None = None,
        identifier: str | None = None,
        detail: str = "{}",
    ) -> None:
        """Tell an audience of something that is not a message's state."""
        self._db.later(
            "changes",
            "INSERT INTO changes (id, tx, at, audience, event_id, identifier, register, state, cause,"
            f" detail_json) VALUES (?, {self._db.transaction}, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._db.next_id("changes"),
                now,
                audience,
                event_id,
                identifier,
                register,
                state,
                cause,
                detail,
            ),
        )

    def after(self, audience: str, cursor: str, limit: int, upto: str | None = None) -> list[dict[str, Any]]:
        """Up to `limit` changes after `cursor` and not after `upto`, oldest first, each with its ``cursor``.

        Changes of transactions that began before one which is still under way are left for later: nothing
        that is committed afterwards can get in front of what was read. Raises ValueError for a bad cursor.
        """
        bound, values = ("", ()) if upto is None else (" AND (tx + 0, id + 0) <= (?, ?)", place(upto))
        tx, number = place(cursor)
        # First the rest of the cursor's transaction, then those after it: SQLite would look up tx alone of
        # (tx, id) > (?, ?), and the embedded store has but one. A limit above (tx + 0) must not be what the
        # index is used for.
        rows: list[Row] = []
        for begin, begins_at in (("tx = ? AND id > ?", (tx, number)), ("tx > ?", (tx,))):
            if len(rows) < limit:
                rows += self._db.execute(
                    f"SELECT {_COLUMNS} FROM changes"
                    f" WHERE audience = ? AND {begin}{bound} AND tx + 0 < {self._db.horizon}"
                    " ORDER BY tx, id LIMIT ?",
                    (audience, *begins_at, *values, limit - len(rows)),
                ).fetchall()
        return [_change(row) for row in rows]

    def last(self, audience: str) -> str:
        """The cursor of the newest change: after it comes what is told from now on."""
        row: Row | None = self._db.execute(
            f"SELECT tx, id FROM changes WHERE audience = ? AND tx < {self._db.horizon}"
            " ORDER BY tx DESC, id DESC LIMIT 1",
            (audience,),
        ).fetchone()
        return BEGINNING if row is None else f"{row[0]}-{row[1]}"


def _change(row: tuple[Any, ...]) -> dict[str, Any]:
    found = dict(zip(_NAMES, row, strict=True))
    found["cursor"] = f"{found.pop('tx')}-{found.pop('id')}"
    found["detail"] = json.loads(found.pop("detail_json"))
    return found
