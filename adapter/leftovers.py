"""What of a sender's bundles nothing was made from: the unused elements of its newest recorded bundles.

Read with the rules, maps and tables of today. Names elements and counts; nothing of what stands in them.
"""

import asyncio
from collections.abc import Callable

import msgspec

from adapter.ledger.envelope import EnvelopeError, open_envelope
from adapter.ledger.ledger import Ledger
from adapter.ledger.sql.bundles import newest
from adapter.mapping.context import MappingContext
from adapter.mapping.tally import Tally
from adapter.mapping.unused import unused
from adapter.translation import Translator

_PAGE = 20
"""Bundles that are in memory at once: one may have megabytes."""


class Leftover(msgspec.Struct, frozen=True, kw_only=True):
    """The count. `not_read` are bundles that are not kept any longer, cannot be opened, or hold no contact by
    today's rules; `more`: older ones were received in the period, but are not counted."""

    tally: Tally
    not_read: int
    more: bool


class Leftovers:
    """Counts over stored receipts. `contexts` gives the mapping context of a sender by its name."""

    def __init__(
        self, ledger: Ledger, translator: Translator, contexts: Callable[[str], MappingContext]
    ) -> None:
        self._ledger = ledger
        self._translator = translator
        self._contexts = contexts

    async def count(self, sender: str, since: float, limit: int) -> Leftover:
        """The newest `limit` bundles of a sender, received from `since` (seconds since 1970) on.

        Raises LedgerBusy, LedgerUnavailable.
        """
        tally, not_read, taken = Tally(), 0, 0
        before: int | None = None
        while True:
            size = min(_PAGE, limit - taken + 1)
            page = await self._page(sender, since, before, size)
            for _, sealed in page[: limit - taken]:
                not_read += not self._add(tally, sender, sealed)
                await asyncio.sleep(0)  # intake and delivery go on meanwhile
            taken += len(page)
            if taken > limit or len(page) < size:
                return Leftover(tally=tally, not_read=not_read, more=taken > limit)
            before = page[-1][0]

    async def _page(
        self, sender: str, since: float, before: int | None, limit: int
    ) -> list[tuple[int, bytes | None]]:
        return await self._ledger.read(lambda db: newest(db, sender, since, before, limit))

    def _add(self, tally: Tally, sender: str, sealed: bytes | None) -> bool:
        """Count one bundle; whether it could be read."""
        if sealed is None:
            return False
        try:
            reading = self._translator.read(open_envelope(sealed))
        except EnvelopeError:
            return False
        translation = self._translator.translate(reading, self._contexts(sender))
        if reading.bundle is None or not translation.contacts:
            return False
        sound = reading.bundle.without(reading.bad_entries) if reading.bad_entries else reading.bundle
        mapped = [contact.mapped for contact in translation.contacts]
        tally.add(unused(sound, mapped, translation.findings))
        return True
