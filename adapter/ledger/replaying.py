"""Replays in the ledger: begun, planned page by page, run, paused, cancelled; leased to one node at a time.

The lease only keeps nodes from doing the same work at once; that nothing is done twice is the matter of the
items' marks (adapter.ledger.replay_items).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from adapter.errors import NotPossible
from adapter.ledger.model import Fact
from adapter.ledger.replay import AT_WORK, LEASE, Choice, Item, Kind, Replay, State, is_ours
from adapter.ledger.sql.replays import Replays
from adapter.ledger.sql.session import SqlSession

_ACTS: dict[str, tuple[State, ...]] = {
    "run": ("planned", "paused"),
    "pause": ("running",),
    "cancel": ("planning", "planned", "running", "paused"),
}
_AFTER: dict[str, State] = {"run": "running", "pause": "paused", "cancel": "cancelled"}


def begin(tx: SqlSession, kind: Kind, choice: Choice, rate: float, actor: str, reason: str) -> Replay:
    """A new replay, whose plan is to be made."""
    replay = Replays(tx.db).add(kind, choice, rate, actor, reason, tx.now)
    tx.trail.add(
        Fact("replay-begun", detail={"replay": replay.id, "kind": kind, "actor": actor, "reason": reason}),
        register=choice.register,
    )
    return replay


def order(tx: SqlSession, replay_id: int, act: str, actor: str) -> Replay:
    """Run (or go on), pause or cancel a replay. What was ordered already stays as it is.

    Raises NotPossible when there is no such replay, or it is in no state for that.
    """
    replays = Replays(tx.db)
    replay = the_replay(replays, replay_id)
    after = _AFTER[act]
    if replay.state == after:
        return replay
    if replay.state not in _ACTS[act]:
        raise NotPossible(f"The replay is {replay.state}.", f"To {act} it must be {' or '.join(_ACTS[act])}.")
    ordered = replace(
        replay,
        state=after,
        started_at=replay.started_at or (tx.now if act == "run" else None),
        ended_at=tx.now if act == "cancel" else None,
        owner=None,
        lease_until=None,
    )
    replays.save(ordered)
    note(tx, ordered, f"replay-{after}", actor)
    return ordered


def take(tx: SqlSession, owner: str) -> list[Replay]:
    """Lease every replay that nobody works on; `owner` is a new name each time. Its counts are made anew:
    whoever had it may have been killed.
    """
    replays = Replays(tx.db)
    taken = []
    for replay_id in replays.waiting(tx.now):
        replay = replays.replay(replay_id, alone=True)
        if replay is not None and _is_free(replay, tx.now):
            leased = replace(counted_anew(replays, replay), owner=owner, lease_until=tx.now + LEASE)
            replays.save(leased)
            taken.append(leased)
    return taken


def give_back(tx: SqlSession, owner: str, replay_id: int) -> None:
    """Let another node have a replay at once."""
    replays = Replays(tx.db)
    replay = replays.replay(replay_id, alone=True)
    if replay is not None and replay.owner == owner:
        replays.save(replace(replay, owner=None, lease_until=None))


def add_page(tx: SqlSession, owner: str, seen: Replay, items: Sequence[Item], cursor: str | None) -> Replay:
    """Append a page to the plan of the replay that was `seen`; `cursor` None: it was the last one.

    Answers the replay as it is; nothing was appended if it is not ours any more, or not as it was seen.
    """
    replays = Replays(tx.db)
    replay = the_replay(replays, seen.id)
    if not is_ours(replay, owner, "planning") or (replay.cursor, replay.total) != (seen.cursor, seen.total):
        return replay
    if items:
        replays.add_items(replay.id, items)
    skipped = sum(item.state == "skipped" for item in items)
    grown = replace(
        replay,
        total=replay.total + len(items),
        skipped=replay.skipped + skipped,
        cursor=replay.cursor if cursor is None else cursor,
        totals=_added(replay.totals, items),
        lease_until=tx.now + LEASE,
    )
    if cursor is None:
        grown = replace(grown, state="planned", owner=None, lease_until=None)
        note(tx, grown, "replay-planned", grown.actor)
    replays.save(grown)
    return grown


def _is_free(replay: Replay, now: float) -> bool:
    return replay.state in AT_WORK and (replay.lease_until is None or replay.lease_until < now)


def counted_anew(replays: Replays, replay: Replay) -> Replay:
    """The replay with the counts of its items as they are marked."""
    done, whys = replays.counted(replay.id)
    return replace(replay, done=done, skipped=sum(whys.values()), totals={**replay.totals, "skipped": whys})


def the_replay(replays: Replays, replay_id: int) -> Replay:
    """A replay that nobody else may write until the commit. Raises NotPossible when there is none."""
    replay = replays.replay(replay_id, alone=True)
    if replay is None:
        raise NotPossible("There is no such replay.")
    return replay


def note(tx: SqlSession, replay: Replay, kind: str, actor: str) -> None:
    """Put into the audit trail where a replay stands."""
    detail: dict[str, Any] = {"replay": replay.id, "actor": actor, "total": replay.total}
    if kind != "replay-planned":
        detail |= {"done": replay.done, "skipped": replay.skipped}
    tx.trail.add(Fact(kind, detail=detail), register=replay.choice.register)


def _added(totals: Mapping[str, Mapping[str, int]], items: Sequence[Item]) -> dict[str, dict[str, int]]:
    """The totals of a plan with a page more."""
    counted = {
        "effects": Counter(str(item.effect["effect"]) for item in items),
        "causes": Counter(
            str(item.effect["cause_after"]) for item in items if item.effect.get("cause_after")
        ),
        "fields": Counter(field for item in items for field in item.effect.get("fields", ())),
        "skipped": Counter(str(item.why) for item in items if item.state == "skipped"),
    }
    return {name: added_up(totals.get(name, {}), more) for name, more in counted.items()}


def added_up(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Counts with more counts."""
    return dict(Counter(counts) + Counter(more))
