"""What waits for somebody, in groups: one for each register, state and cause.

The standing notices hold the counts, so that nobody has to count lanes; an index finds the oldest of a group.
"""

import json
from typing import Any

from adapter.ledger.model import LaneState
from adapter.ledger.sql.database import Database

Json = dict[str, Any]

STUCK = "(state IN ('parked', 'held') OR (state = 'unknown' AND due_at IS NULL))"
"""The condition, word for word, of the index of lanes that wait for somebody."""

ACTIONS: dict[str, tuple[str, ...]] = {
    LaneState.PARKED: ("retry", "remap", "edit", "discard"),
    LaneState.HELD: ("remap", "edit", "discard"),
    LaneState.UNKNOWN: ("retry", "settle", "edit", "discard"),
}
"""What can be done about a lane that waits for somebody, by its state."""


def groups(db: Database) -> list[Json]:
    """The groups, the largest first: ``register, state, cause, lanes, since, lane, reason, field, actions``.

    `since` and `lane` are those of the lane that has waited longest; `reason` (``{"sv", "en"}``) and `field`
    are what its newest attempt was told for this cause, None for a cause that no attempt has met.
    """
    found = db.execute(
        "SELECT register, kind, cause, lanes FROM notices WHERE cleared_at IS NULL AND kind <> 'paused'"
        " ORDER BY lanes DESC, id"
    ).fetchall()
    return [_group(db, *row) for row in found]


def _group(db: Database, register: str, state: str, cause: str, lanes: int) -> Json:
    lane_id, since = _oldest(db, register, state, cause) or (None, None)
    said = None if lane_id is None else _said(db, lane_id, cause)
    return {
        "register": register,
        "state": state,
        "cause": cause or None,
        "lanes": lanes,
        "since": since,
        "lane": lane_id,
        "reason": said and said.get("reason"),
        "field": said and said.get("field"),
        "actions": list(ACTIONS[state]),
    }


def _oldest(db: Database, register: str, state: str, cause: str) -> tuple[int, float] | None:
    found: tuple[int, float] | None = db.execute(*oldest(register, state, cause)).fetchone()
    return found


def oldest(register: str, state: str, cause: str) -> tuple[str, tuple[str, ...]]:
    """The statement, with its values, that finds the lane of a group which has waited longest."""
    same, values = ("cause = ?", (cause,)) if cause else ("cause IS NULL", ())
    return (
        f"SELECT id, since FROM lanes WHERE register = ? AND state = ? AND {same} AND {STUCK}"
        " ORDER BY cause, since, id LIMIT 1",
        (register, state, *values),
    )


def _said(db: Database, lane_id: int, cause: str) -> Json | None:
    """The newest outcome of a lane, when it is what the lane waits for."""
    row = db.execute(
        "SELECT outcome_json FROM attempts WHERE lane_id = ? AND outcome_json IS NOT NULL"
        " ORDER BY token DESC LIMIT 1",
        (lane_id,),
    ).fetchone()
    outcome: Json | None = None if row is None else json.loads(row[0])
    return outcome if outcome is not None and outcome["cause"] == cause else None
