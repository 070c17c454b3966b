"""No page makes the embedded store read or sort more than it shows: its planner knows no values."""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from adapter.ledger.protocol import LaneFilter
from adapter.ledger.sql import pages
from adapter.ledger.sql.changes import Changes
from adapter.ledger.sqlite.connection import SqliteConnection, connect
from adapter.ledger.sqlite.migrate import migrate


class Explaining:
    """A database that notes how each statement would be answered."""

    horizon = "1"

    def __init__(self, db: SqliteConnection) -> None:
        self._db = db
        self.plans: list[str] = []

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        plan = self._db.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
        self.plans.append("; ".join(row[3] for row in plan))
        return self._db.execute(statement, values)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Explaining]:
    (tmp_path / "l.db").touch()
    db = connect(str(tmp_path / "l.db"))
    migrate(db)
    yield Explaining(db)
    db.close()


def choices(*states: str) -> list[LaneFilter]:
    return [
        LaneFilter(state=state, register=register, cause=cause, since=since, after=after)
        for state, register, cause, since, after in product(
            (None, *states), (None, "gvr"), (None, "c"), (None, 5.0), (0, 7)
        )
    ]


@pytest.mark.parametrize("chosen", choices("idle", "parked", "waiting"))
def test_a_page_of_lanes_is_read_from_one_index(db: Explaining, chosen: LaneFilter) -> None:
    pages.lanes(db, chosen)  # type: ignore[arg-type]
    (plan,) = db.plans
    assert plan.startswith("SEARCH lanes USING")
    by_time = chosen.since is not None and chosen.cause is None
    assert ("TEMP B-TREE" in plan) == by_time
    assert expected_of_lanes(chosen) in plan


def expected_of_lanes(chosen: LaneFilter) -> str:
    """The index for the most telling of the conditions."""
    is_busy = chosen.state not in (None, "idle")
    if chosen.cause is not None:
        return "lanes_cause (cause=? AND id>?)"
    if chosen.since is not None:
        return "lanes_busy_since (state=? AND since>?)" if is_busy else "lanes_since (since>?)"
    if is_busy:
        return "lanes_busy (state=? AND id>?)"
    return (
        "INTEGER PRIMARY KEY (rowid>?)" if chosen.register is None else "lanes_register (register=? AND id>?)"
    )


@pytest.mark.parametrize("chosen", choices("accepted", "parked", "superseded"))
def test_a_page_of_messages_is_read_from_one_index_in_its_order(db: Explaining, chosen: LaneFilter) -> None:
    pages.messages(db, chosen)  # type: ignore[arg-type]
    plan = db.plans[-1]
    assert re.fullmatch(r"SEARCH messages USING INDEX messages_\w+ \([^)]*created_at>\?\)", plan)
    assert expected_of_messages(chosen) in plan


def expected_of_messages(chosen: LaneFilter) -> str:
    if chosen.cause is not None:
        return "messages_cause (cause=?"
    if chosen.state in ("parked", "superseded"):
        return f"messages_{'open' if chosen.state == 'parked' else 'ended'}_state (state=?"
    return "messages_created (" if chosen.register is None else "messages_register (register=?"


def test_a_slot_is_looked_up(db: Explaining) -> None:
    pages.lanes(db, LaneFilter(lane="s", register="gvr", cause="c", since=5.0))  # type: ignore[arg-type]
    pages.messages(db, LaneFilter(lane="s", register="gvr", cause="c", since=5.0))  # type: ignore[arg-type]
    assert "lanes_slot (slot=?)" in db.plans[0]
    assert "(lane_id=?)" in db.plans[1]
    assert "lanes_slot (slot=?)" in db.plans[1]


@pytest.mark.parametrize("upto", [None, "0-500"])
def test_changes_are_read_on_from_where_the_cursor_is(db: Explaining, upto: str | None) -> None:
    Changes(db).after("sender:s", "0-100", 10, upto)  # type: ignore[arg-type]
    of_the_same, of_later_ones = db.plans
    assert "(audience=? AND tx=? AND id>?)" in of_the_same
    assert "(audience=? AND tx>?)" in of_later_ones
    assert "TEMP B-TREE" not in of_the_same + of_later_ones
