"""The runner: makes the plans and runs the replays that wait for it, on this node, until it is stopped.

All that must survive is in the ledger: a runner can be killed at any moment, and another one goes on.
"""

import asyncio
import contextlib
import os
import uuid
from functools import partial

import structlog

from adapter.errors import LedgerBusy, LedgerUnavailable
from adapter.ledger.ledger import Ledger
from adapter.ledger.replay import Replay, is_ours
from adapter.ledger.replaying import give_back, take
from adapter.ledger.sql.replays import Replays
from adapter.replay.planning import Planner
from adapter.replay.running import PATIENCE, Running

POLL = 2.0
"""Seconds after which the ledger is asked for work even if nothing woke the runner: polling is the truth."""

_log = structlog.get_logger("vardbro.replay")


class Runner:
    """Takes over what waits, each replay in a task of its own."""

    def __init__(self, ledger: Ledger, planner: Planner, running: Running, *, poll: float = POLL) -> None:
        self._ledger = ledger
        self._planner = planner
        self._running = running
        self._poll = poll
        self._node = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._taken = 0
        self._stir = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._tasks: dict[asyncio.Task[None], tuple[int, str]] = {}

    @property
    def alive(self) -> bool:
        """Whether the runner is at work."""
        return self._loop is not None and not self._loop.done()

    def start(self) -> None:
        """Begin to work, unless it has begun already."""
        if not self.alive:
            self._loop = asyncio.create_task(self._run(), name="replay-runner")

    def wake(self) -> None:
        """There may be something to do."""
        self._stir.set()

    async def stop(self) -> None:
        """Stop after the transactions that are under way, and let another node go on at once."""
        tasks = dict(self._tasks)
        for task in (self._loop, *tasks):
            if task is not None:
                task.cancel()
        await asyncio.gather(*(task for task in (self._loop, *tasks) if task), return_exceptions=True)
        for replay_id, owner in tasks.values():
            with contextlib.suppress(LedgerBusy, LedgerUnavailable):
                await self._ledger.write(partial(give_back, owner=owner, replay_id=replay_id))

    async def _run(self) -> None:
        is_first = not self._ledger.shared
        while True:
            self._stir.clear()
            try:
                if is_first:
                    await self._ledger.write(lambda tx: Replays(tx.db).free())
                    is_first = False
                await self._take()
            except (LedgerBusy, LedgerUnavailable) as error:
                _log.warning("replays wait for the ledger", error=error.code)
            except Exception as fault:  # noqa: BLE001  (whatever it was, it may be over at the next look)
                _log.error("replays not looked for", error=type(fault).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stir.wait(), self._poll)

    async def _take(self) -> None:
        waiting = await self._ledger.read(lambda db: Replays(db).waiting(self._ledger.now(db)))
        if not waiting:
            return
        self._taken += 1
        owner = f"{self._node}-{self._taken}"
        for replay in await self._ledger.write(lambda tx: take(tx, owner)):
            task = asyncio.create_task(self._attend(replay, owner), name=f"replay-{replay.id}")
            self._tasks[task] = (replay.id, owner)
            task.add_done_callback(self._ended)

    async def _attend(self, replay: Replay, owner: str) -> None:
        while is_ours(replay, owner, "planning"):
            try:
                replay = await self._planner.page(replay, owner)
            except (LedgerBusy, LedgerUnavailable) as error:
                _log.warning("plan waits for the ledger", replay=replay.id, error=error.code)
                await asyncio.sleep(PATIENCE)
        if is_ours(replay, owner, "running"):
            replay = await self._running.run(replay, owner)
        _log.info("replay", replay=replay.id, state=replay.state, done=replay.done, skipped=replay.skipped)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        replay_id, _ = self._tasks.pop(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            _log.error("replay stopped by a fault", replay=replay_id, error=type(fault).__name__)
