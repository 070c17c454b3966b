"""Running a plan: so many lanes a second, each in a transaction of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from adapter.errors import LedgerBusy, LedgerUnavailable, NotPossible, StaleEvent
from adapter.ledger.ledger import Ledger
from adapter.ledger.remapping import Remapping, remap
from adapter.ledger.replay import Item, Replay, by, is_ours
from adapter.ledger.replay_items import (
    CHANGED,
    Act,
    count,
    do_item,
    is_as_planned,
    retry_as_planned,
    skip_item,
)
from adapter.ledger.sql.renderings import Origin, origins
from adapter.ledger.sql.replays import Replays
from adapter.ledger.sql.session import SqlSession
from adapter.replay.remaking import Obstacle, Remade, Remaker

BEATS = 25
"""Batches a second, at rates that allow for so many."""

MAX_LOOKS = 8
"""How often a lane is looked at again because its event changed meanwhile, before it is skipped."""

PATIENCE = 1.0
"""Seconds to wait when the ledger cannot take more."""

_log = structlog.get_logger("vardbro.replay")


class Running:
    """Runs plans on one ledger. `now` and `sleep` are those of the pace."""

    def __init__(
        self,
        ledger: Ledger,
        remaker: Remaker,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._ledger = ledger
        self._remaker = remaker
        self._now = now
        self._sleep = sleep

    async def run(self, replay: Replay, owner: str) -> Replay:
        """Do what is left of the replay, at its rate, until it is done, stopped, or not ours any more.

        May be cancelled at any time: what was done is marked, the rest is done by whoever takes it over.
        """
        at_once = max(1, int(replay.rate / BEATS))
        begins = self._now()
        is_counted = True
        while is_ours(replay, owner, "running"):
            await self._sleep(max(0.0, begins - self._now()))
            begins = max(begins, self._now()) + at_once / replay.rate
            try:
                ended = await self._batch(replay, at_once)
                added = ended if is_counted else None
                counting = partial(count, owner=owner, replay_id=replay.id, ended=added)
                replay = await self._ledger.write(counting)
                is_counted = True
            except (LedgerBusy, LedgerUnavailable) as error:
                _log.warning("replay waits for the ledger", replay=replay.id, error=error.code)
                is_counted = False
                begins += PATIENCE
        return replay

    async def _batch(self, replay: Replay, size: int) -> list[Item]:
        """Do the next items side by side: they share the disk's commits. Answers those that were ended."""
        left = await self._ledger.read(lambda db: Replays(db).left(replay.id, size))
        found = await asyncio.gather(*(self._one(replay, item) for item in left), return_exceptions=True)
        self._ledger.wake(frozenset())
        for error in found:
            if isinstance(error, BaseException):
                raise error
        return [item for item in found if isinstance(item, Item)]

    async def _one(self, replay: Replay, item: Item) -> Item | None:
        try:
            if replay.kind == "remap":
                return await self._remap(replay, item)
            act: Act = partial(retry_as_planned, replay)
            return await self._ledger.write(partial(do_item, replay=replay, n=item.n, act=act))
        except (LedgerBusy, LedgerUnavailable):
            raise
        except Exception as fault:  # noqa: BLE001  (one lane must not stop the others)
            _log.error("lane not replayed", lane=item.lane_id, error=type(fault).__name__)
            return await self._skip(replay, item, "fault")

    async def _remap(self, replay: Replay, item: Item) -> Item | None:
        for _ in range(MAX_LOOKS):
            (origin,) = await self._ledger.read(lambda db: origins(db, [item.lane_id], self._ledger.now(db)))
            found = self._as_planned(item, origin)
            if isinstance(found, Obstacle):
                return await self._skip(replay, item, found.why)
            act: Act = partial(_remap, replay, found.asked)
            try:
                return await self._ledger.write(partial(do_item, replay=replay, n=item.n, act=act))
            except StaleEvent:
                continue
            except NotPossible:
                break
        return await self._skip(replay, item, CHANGED)

    def _as_planned(self, item: Item, origin: Origin | None) -> Remade | Obstacle:
        """What is to be written, as long as lane, rules and tables are as they were when it was planned."""
        if origin is None:
            return Obstacle(CHANGED)
        front = origin.message
        if not is_as_planned(item, front.id, front.state, front.cause):
            return Obstacle(CHANGED)
        remade = self._remaker.remake(origin)
        if isinstance(remade, Remade) and remade.fingerprint != item.made:
            return Obstacle("plan-outdated")
        return remade

    async def _skip(self, replay: Replay, item: Item, why: str) -> Item | None:
        return await self._ledger.write(lambda tx: skip_item(tx, replay, item.n, why))


def _remap(replay: Replay, asked: Remapping, tx: SqlSession, _item: Item) -> str:
    return remap(tx, asked, by(replay), replay.reason).value
