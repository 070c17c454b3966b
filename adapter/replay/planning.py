"""Making a plan, page by page: which lanes, and what would become of each."""

import asyncio
from collections.abc import Sequence

import msgspec
import structlog

from adapter.ledger.ledger import Ledger
from adapter.ledger.replay import Choice, Item, Kind, Replay
from adapter.ledger.replaying import add_page
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.renderings import Origin, origins
from adapter.ledger.sql.replays import Replays
from adapter.replay.effects import Effect, left, of_remap, of_retry
from adapter.replay.remaking import Obstacle, Remade, Remaker

PAGE = 100
"""Lanes that are looked at together. Each page is a transaction; who is killed goes on with the next one."""

STATES: dict[Kind, tuple[str, ...]] = {"retry": ("parked", "unknown"), "remap": ("held", "parked")}
"""States of lanes that each kind of replay is for."""

_log = structlog.get_logger("vardbro.replay")


class _Place(msgspec.Struct, frozen=True):
    """How far a plan has come."""

    state: str
    after: int

    def __str__(self) -> str:
        return f"{self.state}:{self.after}"


class Planner:
    """Makes plans for one ledger."""

    def __init__(self, ledger: Ledger, remaker: Remaker) -> None:
        self._ledger = ledger
        self._remaker = remaker

    async def page(self, replay: Replay, owner: str) -> Replay:
        """Append one page to a plan; answers the replay then. Raises LedgerBusy, LedgerUnavailable."""
        place = _place(replay)
        wanted = PAGE if replay.choice.limit is None else min(PAGE, replay.choice.limit - replay.total)

        def look(db: Database) -> tuple[list[int], list[Origin | None], float]:
            found = Replays(db).candidates(replay.choice, place.state, place.after, wanted) if wanted else []
            now = self._ledger.now(db)
            return found, origins(db, found, now), now

        lane_ids, found, now = await self._ledger.read(look)
        items: list[Item] = []
        for origin in found:
            if origin is not None and origin.message.state.value == place.state:
                items.append(self._item(replay, origin, replay.total + len(items) + 1, now))
                await asyncio.sleep(0)  # intake and delivery go on meanwhile
        cursor = _next(replay, place, lane_ids, wanted, len(items))
        return await self._ledger.write(lambda tx: add_page(tx, owner, replay, items, cursor))

    def _item(self, replay: Replay, origin: Origin, n: int, now: float) -> Item:
        remade, found = self._effect(replay.kind, origin, now)
        effect = left(origin) if isinstance(found, Obstacle) else found
        return Item(
            n=n,
            lane_id=origin.standing.lane.id,
            message_id=origin.message.id,
            state="skipped" if isinstance(found, Obstacle) else "planned",
            effect=effect,
            made=None if remade is None else remade.fingerprint,
            why=found.why if isinstance(found, Obstacle) else None,
            ended_at=now if isinstance(found, Obstacle) else None,
        )

    def _effect(self, kind: Kind, origin: Origin, now: float) -> tuple[Remade | None, Effect | Obstacle]:
        try:
            if kind == "retry":
                return None, of_retry(origin, now)
            remade = self._remaker.remake(origin)
            if isinstance(remade, Obstacle):
                return None, remade
            return remade, of_remap(origin, remade, now)
        except Exception as fault:  # noqa: BLE001  (one lane must not stop the plan)
            _log.error("replay not planned", lane=origin.standing.lane.id, error=type(fault).__name__)
            return None, Obstacle("fault")


def _states(kind: Kind, choice: Choice) -> Sequence[str]:
    return STATES[kind] if choice.state is None else (choice.state,)


def _place(replay: Replay) -> _Place:
    if not replay.cursor:
        return _Place(_states(replay.kind, replay.choice)[0], 0)
    state, _, after = replay.cursor.partition(":")
    return _Place(state, int(after))


def _next(replay: Replay, place: _Place, lane_ids: Sequence[int], wanted: int, taken: int) -> str | None:
    """Where the next page begins, None when there is none."""
    limit = replay.choice.limit
    if limit is not None and replay.total + taken >= limit:
        return None
    if len(lane_ids) == wanted:
        return str(_Place(place.state, lane_ids[-1]))
    states = _states(replay.kind, replay.choice)
    later = states[states.index(place.state) + 1 :]
    return str(_Place(later[0], 0)) if later else None
