"""Pages of lanes and of messages, as fast among ten million as among ten thousand.

A page is read from one index, in that index's order: which one follows from what is asked for, most telling
first. Conditions on other columns are written so that no index answers them (`col || ''`, `col + 0`), or a
planner that knows nothing of the values could choose one that makes it read and sort everything.
"""

from typing import Any

from adapter.ledger.model import OPEN_STATES, LaneState, MessageState
from adapter.ledger.protocol import LaneFilter
from adapter.ledger.sql import rows
from adapter.ledger.sql.database import Database

_OF_SLOT = "IN (SELECT id FROM lanes WHERE slot = ?)"


class _Conditions:
    """What a page's rows must fulfil. The first condition that may use an index is the one that does."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.values: list[Any] = []
        self.is_led = False

    def add(self, condition: str, *values: Any) -> None:
        """A condition as it stands."""
        self.found.append(condition)
        self.values += values

    def equal(self, column: str, value: str | None, *, also: str = "", leads: bool = True) -> None:
        """A text column has a value, if one is asked for. `also` is the condition of the partial index."""
        if value is None:
            return
        if leads and not self.is_led:
            self.is_led = True
            self.add(f"{column} = ?{also}", value)
        else:
            self.add(f"{column} || '' = ?", value)

    def select(self, db: Database, columns: str, table: str, order: str, limit: int) -> list[rows.Row]:
        """The rows."""
        found: list[rows.Row] = db.execute(
            f"SELECT {columns} FROM {table} WHERE {' AND '.join(self.found)} ORDER BY {order} LIMIT ?",
            (*self.values, limit),
        ).fetchall()
        return found


def lanes(db: Database, chosen: LaneFilter) -> list[rows.Row]:
    """Rows of `rows.LANE` by number. What has changed since some time is sorted first: let it not be much."""
    where = _Conditions()
    if chosen.lane is not None:
        where.add("slot = ?", chosen.lane)
        where.is_led = True
    where.equal("cause", chosen.cause)
    by_time = chosen.since is not None and not where.is_led
    is_busy = chosen.state is not None and chosen.state != LaneState.IDLE
    if chosen.since is not None:
        where.add("since >= ?" if by_time else "since + 0 >= ?", chosen.since)
    if by_time and is_busy:
        where.add("state = ? AND state <> 'idle'", chosen.state)
    else:
        where.equal("state", chosen.state, also=" AND state <> 'idle'", leads=is_busy)
    where.is_led = where.is_led or by_time
    where.equal("register", chosen.register)
    number = "id + 0" if by_time or chosen.lane is not None else "id"
    where.add(f"{number} > ?", chosen.after)
    return where.select(db, rows.LANE, "lanes", number, chosen.limit)


def messages(db: Database, chosen: LaneFilter) -> list[rows.Row]:
    """Rows of `rows.MESSAGE` by the time at which they came, and their number."""
    where = _Conditions()
    if chosen.lane is not None:
        where.add(f"lane_id {_OF_SLOT}", chosen.lane)
        where.is_led = True
    where.equal("cause", chosen.cause)
    index = _index_of_state(chosen.state)
    where.equal("state", chosen.state, also=f" AND {index}", leads=index is not None)
    where.equal("register", chosen.register)
    begin = chosen.since
    if chosen.after > 0:
        place = _came_at(db, chosen.after)
        begin = max(place, begin or place)
        where.add("(created_at, id) > (?, ?)", place, chosen.after)
    if chosen.lane is not None:
        where.add("created_at + 0 >= ?", begin or 0.0)
        return where.select(db, rows.MESSAGE, "messages", "created_at + 0, id + 0", chosen.limit)
    where.add("created_at >= ?", begin or 0.0)
    return where.select(db, rows.MESSAGE, "messages", "created_at, id", chosen.limit)


def _index_of_state(state: str | None) -> str | None:
    """The condition, word for word, of the partial index of messages in a state; accepted ones abound."""
    if state is None or state == MessageState.ACCEPTED:
        return None
    return "open = 1" if state in OPEN_STATES else "open = 0 AND state <> 'accepted'"


def _came_at(db: Database, message_id: int) -> float:
    """When a message came, or the last one before that number."""
    row = db.execute(
        "SELECT created_at FROM messages WHERE id <= ? ORDER BY id DESC LIMIT 1", (message_id,)
    ).fetchone()
    return 0.0 if row is None else float(row[0])
