"""Pushing one hook's changes: claim a batch, tell it, record how that ended.

All that must survive is in the ledger. A pusher can be killed at any moment: what it was telling is told
again.
"""

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from adapter.errors import LedgerBusy, LedgerError, LedgerUnavailable
from adapter.hooks.telling import Heard, Listener, wait_after
from adapter.ledger.hooks import Batch, Ended, HookLedger

POLL = 1.0
"""Seconds between looks at the ledger while there is nothing to tell."""

LEASE = 15.0
"""Seconds that a hook is one node's: longer than a telling takes."""

_log = structlog.get_logger("vardbro.hooks")


class Pusher:
    """Tells one listener, in order, what an audience is told of. `to` is what the log calls the listener."""

    def __init__(
        self,
        name: str,
        audience: str,
        ledger: HookLedger,
        listener: Listener,
        *,
        to: str = "",
        poll: float = POLL,
        lease: float = LEASE,
    ) -> None:
        self.name = name
        self._audience = audience
        self._ledger = ledger
        self._listener = listener
        self._to = to
        self._poll = poll
        self._lease = lease
        self._owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._begun = False
        self._stopping = False
        self._telling: Batch | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether the pusher is at work; one whose endpoint is gone is not."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Begin to tell."""
        self._task = asyncio.create_task(self._run(), name=f"hook-{self.name}")

    async def stop(self) -> None:
        """Tell no more. What is being told is cut off, and told again by whoever comes next."""
        self._stopping = True
        while self.alive and self._task is not None:
            # A cancellation can get lost in a wait that has just ended (asyncio.wait_for before Python 3.12).
            self._task.cancel()
            await asyncio.wait([self._task], timeout=0.5)
        if self._telling is not None:
            with suppress(LedgerError):
                await self._ledger.give_back(self._telling)
        await self._listener.close()

    async def _run(self) -> None:
        rest: float | None = 0.0
        while rest is not None and not self._stopping:
            try:
                rest = await self._turn()
            except (LedgerBusy, LedgerUnavailable):
                rest = self._poll
            except Exception as error:  # noqa: BLE001  (a hook that is gone tells nothing at all)
                _log.error("hook.stumbled", hook=self.name, error=type(error).__name__)
                rest = self._poll
            if rest:
                await asyncio.sleep(rest)

    async def _turn(self) -> float | None:
        """Tell one batch, if there is one. Answers how long to rest; None: for good."""
        if not self._begun:
            await self._ledger.begin(self.name, self._audience)
            self._begun = True
        due_in = await self._ledger.due_in(self.name, self._audience)
        if due_in is None or due_in > 0:
            return self._poll if due_in is None else min(due_in, self._poll)
        batch = await self._ledger.claim(self.name, self._audience, self._owner, self._lease)
        if batch is None:
            return self._poll
        self._telling = batch
        heard = await self._listener.tell(batch)
        await (self._taken(batch) if heard.taken else self._not_taken(batch, heard))
        self._telling = None
        return None if heard.gone else 0.0

    async def _recorded(self, write: Callable[[], Awaitable[Ended]]) -> Ended:
        """Write how a telling ended, however long the ledger cannot: it is known only here."""
        while True:
            try:
                return await write()
            except (LedgerBusy, LedgerUnavailable):
                await asyncio.sleep(self._poll)

    async def _taken(self, batch: Batch) -> None:
        ended = await self._recorded(lambda: self._ledger.told(batch))
        if ended.news:
            since = _moment(ended.failing_since)
            _log.info("hook.recovered", hook=self.name, to=self._to, failing_since=since)

    async def _not_taken(self, batch: Batch, heard: Heard) -> None:
        again_in = 0.0 if heard.gone else wait_after(batch.tries + 1, heard.wait)
        ended = await self._recorded(lambda: self._ledger.failed(batch, heard.cause, again_in))
        if heard.gone:
            _log.warning("hook.gone", hook=self.name, to=self._to, cause=heard.cause, until="restart")
        elif ended.news:
            _log.warning(
                "hook.failing", hook=self.name, to=self._to, cause=heard.cause, again_in=round(again_in, 1)
            )


def _moment(at: float | None) -> str | None:
    """A time as the log shows it: seconds since 1970 have the form of an identity number and are masked."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
