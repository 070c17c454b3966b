"""Looks again at contacts on which a visit follows, and corrects what was sent about them.

All that must survive is in the ledger: a contact stays on the list until its events say what they are to say.
"""

import asyncio
import time
from collections.abc import Callable

import structlog

from adapter.errors import LedgerBusy, LedgerUnavailable, StaleEvent
from adapter.ledger.model import NewReceipt
from adapter.ledger.referring import Again, Referring
from adapter.ledger.sql.edits import Source
from adapter.ledger.sql.referrals import Pending
from adapter.mapping.context import MappingContext
from adapter.recording import Recorder
from adapter.referrals.matching import names, translate
from adapter.translation import Translator

POLL = 2.0
"""Seconds between looks at the list."""

PAGE = 100

_log = structlog.get_logger("vardbro.referrals")


class Follower:
    """One task of a service. `contexts` gives a sender's mapping context by its name."""

    def __init__(
        self,
        translator: Translator,
        recorder: Recorder,
        ledger: Referring,
        contexts: Callable[[str], MappingContext],
        *,
        clock: Callable[[], float] = time.time,
        poll: float = POLL,
    ) -> None:
        self._translator = translator
        self._recorder = recorder
        self._ledger = ledger
        self._contexts = contexts
        self._clock = clock
        self._poll = poll
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run(), name="referrals")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=5.0)

    async def look(self) -> int:
        """Look at every contact of the list once. Answers how many events were changed."""
        changed = 0
        for one in await self._ledger.pending(PAGE):
            changed += await self._look_at(one)
        return changed

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
                while await self._ledger.pair_up() > 0:
                    pass
            except (LedgerBusy, LedgerUnavailable):
                pass
            except Exception as error:  # noqa: BLE001  (the list is kept: it is looked at again)
                _log.error("referrals stumbled", error=type(error).__name__)
            await asyncio.sleep(self._poll)

    async def _look_at(self, one: Pending) -> int:
        sources = await self._ledger.sources(one)
        visits = names(sources[0].visits) if sources else None
        again = [made for made in map(self._again, sources) if made is not None]
        if visits is None:
            # the contact itself has not come yet: when it does, its translation asks for its visits
            visits = await self._ledger.visits(one)
        try:
            done = await self._ledger.settle(one, visits, again)
        except StaleEvent:
            return 0
        return len(again) if done else 0

    def _again(self, source: Source) -> Again | None:
        """The event as its bundle says today, with the visits that follow on it; None: it says what it said,
        nothing of the event any more, or no bundle is kept."""
        bundle = source.bundle
        if bundle is None:
            return None
        context = self._contexts(source.sender)
        reading = self._translator.read(bundle)
        translation = translate(self._translator, reading, context, {source.identifier: source.visits})
        for contact in translation.contacts:
            if contact.mapped.event.event_id == source.event_id and not contact.refused:
                event = self._recorder.version(
                    contact, source.sender, source.revision, followed_by=names(source.visits), remade=True
                )
                is_same = (event.content, event.status) == (source.content, source.status)
                return None if is_same else Again(receipt=self._receipt(source), event=event)
        return None

    def _receipt(self, source: Source) -> NewReceipt:
        """A receipt of the same bytes. It binds no key: no sender's submission is answered with it."""
        return NewReceipt(
            sender=source.sender,
            key=None,
            body_hash=source.body_hash,
            size=len(source.bundle or b""),
            received_at=self._clock(),
            status=200,
            payload=source.payload,
            replayable=False,
        )
