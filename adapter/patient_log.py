"""A patient's log: who looked at, changed and sent what of the patient's contacts.

The ledger has no index of patients. Every kept bundle in which the number occurs is read as it would be read
today, and what was made of it for this patient is followed through the ledger.
"""

import asyncio
import re
from collections.abc import Callable
from functools import partial

import msgspec

from adapter.errors import NotPossible, ProtectedIdentity
from adapter.ledger.ledger import Ledger
from adapter.ledger.model import Fact
from adapter.ledger.sql import patient_log as ledger_log
from adapter.ledger.sql.patient_log import Entry, Received
from adapter.mapping.context import MappingContext
from adapter.translation import Translator

_PAGE = 100
"""Bundles that are opened at a time: one may have megabytes."""

_SEPARATORS = b"-+/ "
_NUMBER = re.compile("[0-9A-Z]{8,14}")
_SURE = 12
"""Characters of a number that does not occur in a bundle by chance."""


def is_number(text: str) -> bool:
    """Whether a text has the form of an identity number, with the century."""
    return _NUMBER.fullmatch(_plain(text)) is not None


class PatientLog(msgspec.Struct, frozen=True, kw_only=True):
    """The log, the oldest entry first. `unread` are bundles that are not kept any longer or cannot be opened:
    contacts that stand nowhere else are missing."""

    events: int
    entries: tuple[Entry, ...]
    unread: int


class PatientLogs:
    """Makes logs from a ledger. `contexts` gives the mapping context of a sender by its name."""

    def __init__(
        self, ledger: Ledger, translator: Translator, contexts: Callable[[str], MappingContext]
    ) -> None:
        self._ledger = ledger
        self._translator = translator
        self._contexts = contexts

    async def export(self, number: str, actor: str, reason: str, *, protected: bool = False) -> PatientLog:
        """The log of the patient with this identity number, in whatever spelling.

        That it was asked for is an entry of the audit trail, and so of the patient's next log. `protected`:
        who asks may see patients with a protected identity.

        Raises NotPossible (no identity number), ProtectedIdentity, LedgerBusy, LedgerUnavailable.
        """
        wanted = _plain(number)
        if not is_number(number):
            raise NotPossible(
                "That is no identity number.", "Give it with all its characters (YYYYMMDDNNNN)."
            )
        events, refused, unread, is_protected = await self._search(wanted)
        names = sorted(events)
        mark = await self._ledger.read(lambda db: ledger_log.mark_of(db, wanted))
        is_protected |= await self._ledger.read(lambda db: ledger_log.protected(db, names))
        is_refused = is_protected and not protected
        detail = {"patient": mark, "actor": actor, "reason": reason, "events": len(names)}
        fact = Fact("patient-log-refused" if is_refused else "patient-log-read", detail=detail)
        await self._ledger.write(lambda tx: tx.trail.add(fact))
        if is_refused:
            raise ProtectedIdentity("The patient's identity is protected.")
        found = await self._ledger.read(lambda db: ledger_log.of_events(db, names, mark))
        entries = sorted([*found, *map(_refusal, refused)], key=lambda entry: entry.at)
        return PatientLog(events=len(names), entries=tuple(entries), unread=unread)

    async def _search(self, wanted: str) -> tuple[set[str], list[Received], int, bool]:
        """The patient's events; bundles that name the patient and of which nothing could be made; how many
        bundles cannot be read; whether the identity is protected."""
        events: set[str] = set()
        refused: list[Received] = []
        unread, is_protected = 0, False
        says = partial(_says, wanted.encode())
        after: int | None = 0
        while after is not None:
            since = after
            page, missing, after = await self._ledger.read(
                lambda db, since=since: ledger_log.mentioning(db, says, since, _PAGE)  # type: ignore[misc]
            )
            unread += missing
            for receipt in page:
                made, hidden = self._made_of(receipt, wanted)
                events |= made or set()
                is_protected |= hidden
                if made is None and len(wanted) >= _SURE:
                    refused.append(receipt)
                await asyncio.sleep(0)  # intake and delivery go on meanwhile
        return events, refused, unread, is_protected

    def _made_of(self, receipt: Received, wanted: str) -> tuple[set[str] | None, bool]:
        """The patient's events in a bundle (None: nothing can be made of the bundle), and whether they are
        of somebody with a protected identity."""
        reading = self._translator.read(receipt.payload)
        translation = self._translator.translate(reading, self._contexts(receipt.sender))
        if not translation.contacts:
            return None, False
        own = [
            contact.mapped.event
            for contact in translation.contacts
            if _plain(contact.mapped.event.patient.id or "") == wanted
        ]
        return {event.event_id for event in own}, any(event.patient.skyddad for event in own)


def _refusal(receipt: Received) -> Entry:
    return Entry(
        at=receipt.at,
        what="received",
        who=receipt.sender,
        receipt=receipt.id,
        detail={"status": receipt.status},
    )


def _plain(number: str) -> str:
    return number.translate(str.maketrans("", "", _SEPARATORS.decode())).upper().strip()


def _says(wanted: bytes, payload: bytes) -> bool:
    """Whether the number occurs, however it is separated."""
    return wanted in payload.translate(None, _SEPARATORS).upper()
