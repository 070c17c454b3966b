"""Replays in the ledger: a plan that grows page by page, is run item by item, and can be stopped at any time.

Each item is done in a transaction that also marks it, so that nothing is done twice, whoever is killed. The
lease of a replay only keeps nodes from doing the same work at once; the items' marks are what counts.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from adapter.errors import NotPossible
from adapter.ledger import lane as machine
from adapter.ledger.applying import apply
from adapter.ledger.model import Fact, MessageState
from adapter.ledger.sql.replays import AT_WORK, Choice, Item, Kind, Replay, Replays, State
from adapter.ledger.sql.session import SqlSession

LEASE = 30.0
"""Seconds after which another node takes a replay over. It is renewed with each page and each batch."""

CHANGED = "changed-since"
"""Why an item is skipped: its lane is not as it was when the plan was made."""

Act = Callable[[SqlSession, Item], str | None]
"""Does an item. Answers what its lane is now, or None when the lane is not as it was planned."""

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
    replay = replays.replay(replay_id, alone=True)
    if replay is None:
        raise NotPossible("There is no such replay.")
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
    _note(tx, ordered, f"replay-{after}", actor)
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
            leased = replace(_counted(replays, replay), owner=owner, lease_until=tx.now + LEASE)
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
    replay = _alone(replays, seen.id)
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
        _note(tx, grown, "replay-planned", grown.actor)
    replays.save(grown)
    return grown


def do_item(tx: SqlSession, replay: Replay, n: int, act: Act) -> Item | None:
    """Do one item and mark it, in one transaction.

    Answers None when the replay was stopped, or somebody has ended the item already.
    """
    replays = Replays(tx.db)
    now = replays.replay(replay.id)
    item = replays.item(replay.id, n)
    if now is None or now.state != "running" or item is None or item.state != "planned":
        return None
    became = act(tx, item)
    if became is None:
        return skip_item(tx, replay, n, CHANGED)
    ended = replace(item, state="done", effect={**item.effect, "became": became}, ended_at=tx.now)
    replays.end_item(replay.id, ended)
    return ended


def skip_item(tx: SqlSession, replay: Replay, n: int, why: str) -> Item | None:
    """Mark an item as left alone. None when somebody has ended it already."""
    replays = Replays(tx.db)
    item = replays.item(replay.id, n)
    if item is None or item.state != "planned":
        return None
    ended = replace(item, state="skipped", why=why, ended_at=tx.now)
    replays.end_item(replay.id, ended)
    return ended


def count(tx: SqlSession, owner: str, replay_id: int, ended: Sequence[Item] | None) -> Replay:
    """Add what a batch has ended to the replay's counts (None: it is not known, count anew); the last batch
    ends the replay.
    """
    replays = Replays(tx.db)
    replay = _alone(replays, replay_id)
    if not is_ours(replay, owner, "running"):
        counted = _counted(replays, replay)
    else:
        counted = _counted(replays, replay) if ended is None else _more(replay, ended)
        counted = replace(counted, lease_until=tx.now + LEASE)
        if not replays.left(replay_id, 1):
            counted = replace(counted, state="done", ended_at=tx.now, owner=None, lease_until=None)
            _note(tx, counted, "replay-done", counted.actor)
    replays.save(counted)
    return counted


def retry_as_planned(replay: Replay, tx: SqlSession, item: Item) -> str | None:
    """Retry an item's lane, if the same message still stops it for the same reason."""
    standing = tx.lanes.standing(item.lane_id, with_last=True)
    front = standing.open[0] if standing is not None and standing.open else None
    if standing is None or front is None or not is_as_planned(item, front.id, front.state, front.cause):
        return None
    try:
        step = machine.retry(standing, by(replay), tx.now)
    except NotPossible:
        return None
    apply(tx, standing, step)
    return step.lane.state.value


def is_as_planned(item: Item, message_id: int, state: MessageState, cause: str | None) -> bool:
    """Whether the message that stops a lane is where the plan has seen it."""
    seen = (item.message_id, item.effect["state"], item.effect["cause"])
    return seen == (message_id, state.value, cause)


def is_ours(replay: Replay, owner: str, state: State) -> bool:
    """Whether `owner` has the replay, and it is still in `state`."""
    return replay.owner == owner and replay.state == state


def by(replay: Replay) -> str:
    """Who replays, for the audit trail."""
    return f"{replay.actor} (replay {replay.id})"


def _is_free(replay: Replay, now: float) -> bool:
    return replay.state in AT_WORK and (replay.lease_until is None or replay.lease_until < now)


def _counted(replays: Replays, replay: Replay) -> Replay:
    done, whys = replays.counted(replay.id)
    return replace(replay, done=done, skipped=sum(whys.values()), totals={**replay.totals, "skipped": whys})


def _more(replay: Replay, ended: Sequence[Item]) -> Replay:
    whys = Counter(str(item.why) for item in ended if item.state == "skipped")
    return replace(
        replay,
        done=replay.done + sum(item.state == "done" for item in ended),
        skipped=replay.skipped + sum(whys.values()),
        totals={**replay.totals, "skipped": _sum(replay.totals.get("skipped", {}), whys)},
    )


def _alone(replays: Replays, replay_id: int) -> Replay:
    replay = replays.replay(replay_id, alone=True)
    if replay is None:
        raise NotPossible("There is no such replay.")
    return replay


def _note(tx: SqlSession, replay: Replay, kind: str, actor: str) -> None:
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
    return {name: _sum(totals.get(name, {}), more) for name, more in counted.items()}


def _sum(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(counts) + Counter(more))
