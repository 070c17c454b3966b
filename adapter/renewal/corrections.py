"""Corrections of chosen contacts: registers are told what the rules in use make of them."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from adapter.errors import EditConflict, NotPossible, StaleEvent
from adapter.ledger.correcting import correct
from adapter.ledger.ledger import Ledger
from adapter.ledger.model import Committed, NewEvent, NewReceipt
from adapter.ledger.sql.edits import Edits, Source
from adapter.recording import Recorder
from adapter.renewal.trials import Contexts, remade
from adapter.translation import Translator

Json = dict[str, Any]

MAX_LOOKS = 8
"""How often a contact is looked at again because it changed meanwhile."""


class Corrections:
    """Corrects with the rules in use."""

    def __init__(
        self,
        ledger: Ledger,
        translator: Translator,
        recorder: Recorder,
        contexts: Contexts,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._translator = translator
        self._recorder = recorder
        self._contexts = contexts
        self._clock = clock

    async def correct(
        self, events: Sequence[str], actor: str, reason: str, version: str | None = None
    ) -> list[Json]:
        """Correct each contact; answers what became of it: *corrected* (with the registers concerned),
        *unchanged* (today's rules say the same), *unknown*, *not-kept* (its bundle), *refused* (the rules in
        use make nothing of it) or *changing* (it changes all the time).

        Raises NotPossible when `version` is given and is not the one in use.
        """
        if version is not None and version != self._translator.version:
            raise NotPossible(
                "The rules that were tried are not those in use.",
                "Put them into the overlay, run `vardbro rules reload`, and try again.",
            )
        self._ledger.check_space()
        found = [await self._one(event_id, actor, reason) for event_id in dict.fromkeys(events)]
        self._ledger.wake(frozenset())
        return found

    async def _one(self, event_id: str, actor: str, reason: str) -> Json:
        for _ in range(MAX_LOOKS):
            source = await self._ledger.read(lambda db: Edits(db).source(event_id))
            if source is None:
                return {"event": event_id, "became": "unknown"}
            if source.payload is None:
                return {"event": event_id, "became": "not-kept"}
            event = remade(self._translator, self._recorder, self._contexts, source)
            if event is None:
                return {"event": event_id, "became": "refused"}
            if (event.content, event.status) == (source.content, source.status):
                return {"event": event_id, "became": "unchanged"}
            try:
                await self._commit(source, event, actor, reason)
            except (StaleEvent, EditConflict):
                continue
            registers = sorted({one.register for one in event.messages} | set(event.decides))
            return {"event": event_id, "became": "corrected", "registers": registers}
        return {"event": event_id, "became": "changing"}

    async def _commit(self, source: Source, event: NewEvent, actor: str, reason: str) -> Committed:
        receipt = NewReceipt(
            sender=source.sender,
            key=None,
            body_hash=source.body_hash,
            size=len(source.bundle or b""),
            received_at=self._clock(),
            status=200,
            payload=source.payload,
            replayable=False,
        )
        return await self._ledger.write(lambda tx: correct(tx, receipt, event, actor, reason))
