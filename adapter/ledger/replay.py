"""What a replay is: a choice of lanes, a plan for them, and how far it has come."""

from typing import Any, Literal

import msgspec

Kind = Literal["retry", "remap"]
State = Literal["planning", "planned", "running", "paused", "cancelled", "done"]
ItemState = Literal["planned", "done", "skipped"]

AT_WORK = ("planning", "running")
"""States in which a node works on a replay."""

LEASE = 30.0
"""Seconds after which another node takes a replay over. It is renewed with each page and each batch."""


class Choice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which lanes a replay concerns; None means any. `lane` is a lane's number or its slot, `since` the
    earliest time at which a lane got stuck, `limit` how many lanes are taken at most."""

    register: str | None = None
    state: Literal["parked", "held", "unknown"] | None = None
    cause: str | None = None
    unit: str | None = None
    lane: str | None = None
    since: float | None = None
    limit: int | None = None


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """A replay. `rate` is in lanes a second, `cursor` says how far the planning has come (STATE:LANE).

    `total` lanes are in the plan, of which `done` were replayed and `skipped` left as they are. `totals`
    count what was planned: by effect, by cause, by field; and what was skipped, by why.
    """

    id: int
    kind: Kind
    state: State
    choice: Choice
    rate: float
    actor: str
    reason: str
    made_at: float
    started_at: float | None = None
    ended_at: float | None = None
    owner: str | None = None
    lease_until: float | None = None
    total: int = 0
    done: int = 0
    skipped: int = 0
    cursor: str = ""
    totals: dict[str, dict[str, int]] = {}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One lane of a replay with the message that stops it. `effect` says what would change, and what became
    of it; `made` is a fingerprint of the rendering that was planned, `why` says why the lane was skipped."""

    n: int
    lane_id: int
    message_id: int
    state: ItemState
    effect: dict[str, Any]
    made: str | None = None
    why: str | None = None
    ended_at: float | None = None


def is_ours(replay: Replay, owner: str, state: State) -> bool:
    """Whether `owner` has the replay, and it is still in `state`."""
    return replay.owner == owner and replay.state == state


def by(replay: Replay) -> str:
    """Who replays, for the audit trail."""
    return f"{replay.actor} (replay {replay.id})"
