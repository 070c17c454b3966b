"""What senders and operators are told of, in an order in which it can be read on from any place."""

import json
from typing import Any

from adapter.ledger.model import Message
from adapter.ledger.sql.database import Database

OPERATORS = "operators"
"""The audience of notices."""

_COLUMNS = (
    "tx, id, at, event_id, identifier, register, service, lane_id, message_id, state, cause, detail_json"
)
_NAMES = tuple(_COLUMNS.split(", "))
BEGINNING = "0-0"
"""The cursor before the first change."""


def sender(name: str) -> str:
    """The audience of what became of a sender's events."""
    return f"sender:{name}"


class Changes:
    """Writes and reads changes. A cursor is ``<transaction>-<number>`` of the last change that was read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def tell(self, now: float, message: Message, register: str, service: str) -> None:
        """Tell the sender of a message's event that the message has got into its state."""
        self._db.execute(
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
        self._db.execute(
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

    def after(self, audience: str, cursor: str, limit: int) -> list[dict[str, Any]]:
        """Up to `limit` changes after `cursor`, oldest first, each with its own ``cursor``.

        Changes of transactions that began before one which is still under way are left for later: nothing
        that is committed afterwards can get in front of what was read. Raises ValueError for a bad cursor.
        """
        tx, number = (int(part) for part in cursor.split("-"))
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM changes WHERE audience = ? AND (tx, id) > (?, ?)"
            f" AND tx < {self._db.horizon} ORDER BY tx, id LIMIT ?",
            (audience, tx, number, limit),
        )
        return [_change(row) for row in rows]


def _change(row: tuple[Any, ...]) -> dict[str, Any]:
    found = dict(zip(_NAMES, row, strict=True))
    found["cursor"] = f"{found.pop('tx')}-{found.pop('id')}"
    found["detail"] = json.loads(found.pop("detail_json"))
    return found
