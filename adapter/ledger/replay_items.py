"""The items of a replay: each is done in a transaction that also marks it, so that nothing is done twice."""

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from adapter.errors import NotPossible
from adapter.ledger import lane as machine
from adapter.ledger.applying import apply
from adapter.ledger.model import MessageState
from adapter.ledger.replay import LEASE, Item, Replay, by, is_ours
from adapter.ledger.replaying import added_up, counted_anew, note, the_replay
from adapter.ledger.sql.replays import Replays
from adapter.ledger.sql.session import SqlSession

CHANGED = "changed-since"
"""Why an item is skipped: its lane is not as it was when the plan was made."""

Act = Callable[[SqlSession, Item], str | None]
"""Does an item. Answers what its lane is now, or None when the lane is not as it was planned."""


def do_item(tx: SqlSession, replay: Replay, n: int, act: Act) -> Item | None:
    """Do one item and mark it, in one transaction.

    Answers None when the replay was stopped, or somebody has ended the item already.
    """
    item = _to_be_done(tx, replay, n)
    if item is None:
        return None
    became = act(tx, item)
    if became is None:
        return skip_item(tx, replay, n, CHANGED)
    ended = replace(item, state="done", effect={**item.effect, "became": became}, ended_at=tx.now)
    Replays(tx.db).end_item(replay.id, ended)
    return ended


def skip_item(tx: SqlSession, replay: Replay, n: int, why: str) -> Item | None:
    """Mark an item as left alone. Answers None as `do_item` does."""
    item = _to_be_done(tx, replay, n)
    if item is None:
        return None
    ended = replace(item, state="skipped", why=why, ended_at=tx.now)
    Replays(tx.db).end_item(replay.id, ended)
    return ended


def _to_be_done(tx: SqlSession, replay: Replay, n: int) -> Item | None:
    replays = Replays(tx.db)
    now, item = replays.replay(replay.id), replays.item(replay.id, n)
    if now is None or now.state != "running" or item is None or item.state != "planned":
        return None
    return item


def count(tx: SqlSession, owner: str, replay_id: int, ended: Sequence[Item] | None) -> Replay:
    """Add what a batch has ended to the replay's counts (None: it is not known, count anew); the last batch
    ends the replay.
    """
    replays = Replays(tx.db)
    replay = the_replay(replays, replay_id)
    if not is_ours(replay, owner, "running"):
        counted = counted_anew(replays, replay)
    else:
        counted = counted_anew(replays, replay) if ended is None else _more(replay, ended)
        counted = replace(counted, lease_until=tx.now + LEASE)
        if not replays.left(replay_id, 1):
            counted = replace(counted, state="done", ended_at=tx.now, owner=None, lease_until=None)
            note(tx, counted, "replay-done", counted.actor)
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


def _more(replay: Replay, ended: Sequence[Item]) -> Replay:
    whys = Counter(str(item.why) for item in ended if item.state == "skipped")
    return replace(
        replay,
        done=replay.done + sum(item.state == "done" for item in ended),
        skipped=replay.skipped + sum(whys.values()),
        totals={**replay.totals, "skipped": added_up(replay.totals.get("skipped", {}), whys)},
    )
