"""What operators ask of replays. Answers are JSON-ready and hold no patient data."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec

from adapter.errors import NotPossible, StaleEvent
from adapter.ledger import replaying
from adapter.ledger.ledger import Ledger
from adapter.ledger.remapping import remap
from adapter.ledger.replay import AT_WORK, Choice, Item, Kind, Replay
from adapter.ledger.sql.renderings import origins
from adapter.ledger.sql.replays import Replays
from adapter.replay.effects import of_remap
from adapter.replay.planning import Planner
from adapter.replay.remaking import Obstacle, Remade, Remaker
from adapter.replay.runner import Runner
from adapter.replay.running import MAX_LOOKS, Running
from adapter.replay.texts import WHYS

Json = dict[str, Any]

LOOK_EVERY = 0.1
"""Seconds between looks at a replay that somebody waits for."""


class ReplayDesk:
    """Plans, runs and shows replays of one ledger; remaps single lanes."""

    def __init__(
        self,
        ledger: Ledger,
        remaker: Remaker,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ledger = ledger
        self._remaker = remaker
        self.runner = Runner(ledger, Planner(ledger, remaker), Running(ledger, remaker, now, sleep))

    async def begin(self, kind: Kind, choice: Choice, rate: float, actor: str, reason: str) -> Json:
        """Begin a plan; it is made in the background."""
        replay = await self._ledger.write(lambda tx: replaying.begin(tx, kind, choice, rate, actor, reason))
        self._go()
        return _shown(replay)

    async def order(self, replay_id: int, act: str, actor: str) -> Json:
        """Run (or go on with), pause or cancel a replay. Raises NotPossible."""
        replay = await self._ledger.write(lambda tx: replaying.order(tx, replay_id, act, actor))
        if act == "run":
            self._go()
        return _shown(replay)

    async def replay(self, replay_id: int, wait: float = 0.0) -> Json | None:
        """One replay with its progress; waits up to `wait` seconds while it is being planned or run."""
        until = asyncio.get_running_loop().time() + wait
        while True:
            found = await self._ledger.read(lambda db: Replays(db).replay(replay_id))
            left = until - asyncio.get_running_loop().time()
            if found is None or found.state not in AT_WORK or left <= 0:
                return None if found is None else _shown(found)
            await asyncio.sleep(min(LOOK_EVERY, left))

    async def replays(self, limit: int, before: int | None) -> Json:
        """A page of replays, newest first: ``{"replays": [...], "next": number or None}``."""
        found = await self._ledger.read(lambda db: Replays(db).newest(limit, before))
        return {
            "replays": [_shown(replay) for replay in found],
            "next": found[-1].id if len(found) == limit else None,
        }

    async def items(self, replay_id: int, after: int, limit: int) -> Json:
        """A page of a replay's lanes: ``{"items": [...], "next": number or None}``."""
        found = await self._ledger.read(lambda db: Replays(db).items(replay_id, after, limit))
        return {
            "items": [_item(item) for item in found],
            "next": found[-1].n if len(found) == limit else None,
        }

    async def remap_lane(self, lane_id: int, actor: str, reason: str) -> Json | None:
        """Remap the message that stops a lane; None: there is no such lane.

        Raises NotPossible with what stands in its way.
        """
        for _ in range(MAX_LOOKS):
            (origin,) = await self._ledger.read(lambda db: origins(db, [lane_id], self._ledger.now(db)))
            if origin is None:
                if await self._ledger.lane(lane_id) is None:
                    return None
                raise NotPossible("Nothing is open in the lane.")
            remade = self._remaker.remake(origin)
            effect = remade if isinstance(remade, Obstacle) else of_remap(origin, remade, 0.0)
            if isinstance(effect, Obstacle):
                raise NotPossible(WHYS[effect.why].en)
            assert isinstance(remade, Remade)  # noqa: S101  (for the type checker: an obstacle has raised)
            asked = remade.asked
            try:
                state = await self._ledger.write(partial(remap, asked=asked, actor=actor, reason=reason))
            except StaleEvent:
                continue
            self._ledger.wake(frozenset())
            return {"lane": lane_id, "message": asked.message_id, "state": state.value, "effect": effect}
        raise NotPossible("The event changes all the time.", "Try again in a moment.")

    def stir(self) -> None:
        """There may be something to plan or to run."""
        self._go()

    def _go(self) -> None:
        """Where no service runs, the first order starts the runner in whatever process this is."""
        self.runner.start()
        self.runner.wake()


def _shown(replay: Replay) -> Json:
    left = replay.total - replay.done - replay.skipped
    totals = {name: replay.totals.get(name, {}) for name in ("effects", "causes", "fields", "skipped")}
    return {
        "id": replay.id,
        "kind": replay.kind,
        "state": replay.state,
        "filter": msgspec.to_builtins(replay.choice),
        "rate": replay.rate,
        "actor": replay.actor,
        "reason": replay.reason,
        "made_at": replay.made_at,
        "started_at": replay.started_at,
        "ended_at": replay.ended_at,
        "total": replay.total,
        "done": replay.done,
        "skipped": replay.skipped,
        "left": left,
        "eta": left / replay.rate if replay.state == "running" else None,
        "totals": totals,
        "whys": {why: msgspec.to_builtins(WHYS[why]) for why in totals["skipped"] if why in WHYS},
    }


def _item(item: Item) -> Json:
    return {
        "n": item.n,
        "lane": item.lane_id,
        "message": item.message_id,
        "state": item.state,
        "effect": item.effect,
        "why": item.why,
        "ended_at": item.ended_at,
    }
