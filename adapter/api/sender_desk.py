"""Answers to a sender's questions about its own events."""

import asyncio
import re
import time
from typing import Any

import msgspec
from starlette.requests import Request

from adapter.api.body import BodyNotGzip, BodyTooLarge, read_body
from adapter.api.fhir.media import content_coding
from adapter.api.services import Services
from adapter.api.verdicts import Verdicts
from adapter.domain.text import Lang, Text
from adapter.ledger.sql.changes import place

MOST_IDENTIFIERS = 1000
LONGEST_IDENTIFIER = 1000
LARGEST_QUESTION = 4 * 1024 * 1024
"""Bytes of a question with many identifiers, after decompression."""

LONGEST_WAIT = 30
"""Seconds that a reader of the feed may be kept waiting for a change."""

POLL = 0.5
"""Seconds between looks at the ledger meanwhile: other nodes write to it too."""

MOST_WAITING = 200
"""Readers that wait at once; the next one gets its answer at once, and may ask again."""

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
"""Characters that no store takes."""

_IDENTIFIER = Text(
    "identifier skrivs SYSTEM|VÄRDE, eller VÄRDE för en identifierare utan system.",
    "identifier is written SYSTEM|VALUE, or VALUE for an identifier without a system.",
)
_CURSOR = Text(
    "after är ingen markör: använd next ur ett tidigare svar, eller utelämna den för att börja från början.",
    "after is no cursor: use next of an earlier answer, or leave it out to begin at the beginning.",
)
_NEVER = Text(
    "Ingen kontakt med den identifieraren har tagits emot från er.",
    "No contact with that identifier has been received from you.",
)
_NEVER_HINT = Text(
    "Systemet före strecket skrivs som i Encounter.identifier. Avvisade kontakter finns inte här.",
    "The system before the bar is written as in Encounter.identifier. Refused contacts are not here.",
)
_QUESTION = Text(
    f'Frågan är JSON: {{"identifiers": [...]}} med 1 till {MOST_IDENTIFIERS} texter.',
    f'The question is JSON: {{"identifiers": [...]}} with 1 to {MOST_IDENTIFIERS} texts.',
)


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """The question of POST /api/sender/status."""

    identifiers: list[str]


class WrongQuestion(Exception):
    """The question cannot be answered: status, code and what is wrong with it."""

    def __init__(self, status: int, code: str, text: Text, hint: Text | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.text, self.hint = status, code, text, hint


class SenderDesk:
    """Answers a sender's questions. Raises WrongQuestion."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._verdicts = Verdicts(services.catalogue)
        self._waiting = 0

    async def one(self, sender: str, identifier: str, lang: Lang) -> dict[str, Any]:
        """The events of one identifier."""
        found = (await self._services.following.events(sender, [_stored(identifier)]))[0]
        if not found:
            raise WrongQuestion(404, "never-received", _NEVER, _NEVER_HINT)
        return {"identifier": identifier, "events": [self._verdicts.event(event, lang) for event in found]}

    async def event(self, sender: str, event_id: str, lang: Lang) -> dict[str, Any] | None:
        """One event by its id, None when it is not this sender's."""
        if _NO_TEXT.search(event_id):
            return None
        found = await self._services.following.event(sender, event_id)
        return None if found is None else self._verdicts.event(found, lang)

    async def many(self, sender: str, request: Request, lang: Lang) -> dict[str, Any]:
        """The events of each identifier of the request's body; none for one that was never received."""
        identifiers = await _asked(request)
        found = await self._services.following.events(sender, [_stored(one) for one in identifiers])
        return {
            "results": [
                {
                    "identifier": identifier,
                    "received": bool(events),
                    "events": [self._verdicts.event(event, lang) for event in events],
                }
                for identifier, events in zip(identifiers, found, strict=True)
            ]
        }

    async def feed(self, sender: str, after: str, limit: int, wait: float, lang: Lang) -> dict[str, Any]:
        """A page of the feed; with nothing to tell it waits as long as it may."""
        try:
            place(after)
        except ValueError:
            raise WrongQuestion(400, "bad-cursor", _CURSOR) from None
        await self._wait(sender, after, wait)
        page = await self._services.following.changes(sender, after, limit)
        changes = [self._verdicts.change(change, lang) for change in page.changes]
        return {"changes": changes, "next": page.next, "more": page.more}

    async def _wait(self, sender: str, after: str, seconds: float) -> None:
        """Return when there is something to tell, or when nobody should wait any longer."""
        if seconds <= 0 or self._waiting >= MOST_WAITING:
            return
        ends = time.monotonic() + seconds
        self._waiting += 1
        try:
            while not (self._services.draining or await self._services.following.has_news(sender, after)):
                left = ends - time.monotonic()
                if left <= 0:
                    return
                await asyncio.sleep(min(POLL, left))
        finally:
            self._waiting -= 1


async def _asked(request: Request) -> list[str]:
    """The identifiers of a request's body. It is read here, since it must not be read without a limit."""
    coding = content_coding(request.headers)
    if coding is None:
        raise WrongQuestion(415, "encoding", _QUESTION)
    try:
        raw = await read_body(
            request.stream(), coding=coding, announced=None, limit=LARGEST_QUESTION, seconds=LONGEST_WAIT
        )
        identifiers = msgspec.json.decode(raw, type=Asked).identifiers
    except BodyTooLarge:
        raise WrongQuestion(413, "too-large", _QUESTION) from None
    except TimeoutError:
        raise WrongQuestion(408, "too-slow", _QUESTION) from None
    except (BodyNotGzip, msgspec.MsgspecError, UnicodeDecodeError):
        raise WrongQuestion(400, "bad-question", _QUESTION) from None
    if not 1 <= len(identifiers) <= MOST_IDENTIFIERS:
        raise WrongQuestion(400, "bad-question", _QUESTION)
    return identifiers


def _stored(identifier: str) -> str:
    """An identifier in the form in which the ledger has it: ``system|value``, the system perhaps empty."""
    _, bar, value = identifier.partition("|")
    is_whole = bool(value if bar else identifier) and len(identifier) <= LONGEST_IDENTIFIER
    if not is_whole or _NO_TEXT.search(identifier):
        raise WrongQuestion(400, "bad-identifier", _IDENTIFIER)
    return identifier if bar else f"|{identifier}"
