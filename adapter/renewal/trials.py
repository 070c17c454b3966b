"""Trials: recorded contacts through other rules, maps and tables, page by page. Nothing is sent or written.

What is tried lies in files that are handed over; they are loaded over those of the service, as an overlay is.
"""

import asyncio
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from adapter.errors import ConfigurationError, PackError
from adapter.ledger.envelope import EnvelopeError
from adapter.ledger.ledger import Ledger
from adapter.ledger.model import NewEvent
from adapter.ledger.sql.edits import Source
from adapter.ledger.sql.recorded import Chosen, Recorded, page
from adapter.mapping.context import MappingContext
from adapter.offline import Senders
from adapter.recording import Recorder
from adapter.referrals.matching import names, translate
from adapter.renewal.comparing import Change, changes
from adapter.translation import Translator

Json = dict[str, Any]
Files = Mapping[str, str]
"""Texts by path within an overlay (``rules/local.yaml``)."""

Contexts = Callable[[str], MappingContext]

MOST_TRIALS = 2
"""Trials that are kept; the oldest makes room."""

_PATH = re.compile(r"(rules|concept-maps|naming-systems|tables)(/[\w@+][\w@+. -]*){1,4}")


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """Rules, maps and tables that are tried, loaded."""

    id: str
    translator: Translator
    contexts: Contexts


class Trials:
    """Loads what is to be tried, and compares. `load` makes a translator with more folders laid over."""

    def __init__(
        self,
        ledger: Ledger,
        load: Callable[[tuple[Path, ...]], tuple[Translator, Senders]],
        contexts: Callable[[Senders], Contexts],
        recorder: Callable[[Translator], Recorder],
    ) -> None:
        self._ledger = ledger
        self._load = load
        self._contexts = contexts
        self._recorder = recorder
        self._trials: dict[str, Trial] = {}

    async def begin(self, files: Files) -> Trial:
        """Load what is to be tried. Raises PackError with file and line, ConfigurationError."""
        translator, senders = await asyncio.to_thread(self._loaded, dict(files))
        trial = Trial(id=secrets.token_hex(8), translator=translator, contexts=self._contexts(senders))
        while len(self._trials) >= MOST_TRIALS:
            del self._trials[next(iter(self._trials))]
        self._trials[trial.id] = trial
        return trial

    def trial(self, trial_id: str) -> Trial | None:
        """A trial that was begun; None when it has made room for others."""
        return self._trials.get(trial_id)

    async def compare(
        self, trial: Trial, chosen: Chosen, register: str | None, after: str, limit: int
    ) -> Json:
        """A page: ``{"compared": n, "not_kept": n, "changes": [...], "next": event id or None}``."""
        found = await self._ledger.read(lambda db: page(db, chosen, after, limit))
        told: list[Change] = []
        not_kept = 0
        recorder = self._recorder(trial.translator)
        for recorded in found:
            if recorded.source.payload is None:
                not_kept += 1
            else:
                told += self._changes(trial, recorder, recorded, register)
            await asyncio.sleep(0)  # intake and delivery go on meanwhile
        return {
            "compared": len(found) - not_kept,
            "not_kept": not_kept,
            "changes": msgspec.to_builtins(told),
            "next": found[-1].source.event_id if len(found) == limit else None,
        }

    def _changes(
        self, trial: Trial, recorder: Recorder, recorded: Recorded, register: str | None
    ) -> list[Change]:
        event = remade(trial.translator, recorder, trial.contexts, recorded.source)
        found = changes(recorded, event, trial.translator.receivers)
        return [one for one in found if register in (None, one.register)]

    def _loaded(self, files: dict[str, str]) -> tuple[Translator, Senders]:
        if not files:
            return self._load(())
        with tempfile.TemporaryDirectory(prefix="vardbro-trial-") as place:
            folder = Path(place)
            for name, text in files.items():
                if not _PATH.fullmatch(name):
                    raise ConfigurationError("a file's name is no path within an overlay")
                file = folder / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, "utf-8")
            try:
                return self._load((folder,))
            except PackError as error:
                raise PackError(str(error).replace(f"{place}/", ""), error.hint) from None


def remade(translator: Translator, recorder: Recorder, contexts: Contexts, source: Source) -> NewEvent | None:
    """The event as these rules make it of its bundle; None when they do not find it there."""
    try:
        bundle = source.bundle
    except EnvelopeError:
        return None
    if bundle is None:
        return None
    reading = translator.read(bundle)
    if reading.bundle is None:
        return None
    followed = {source.identifier: source.visits} if source.visits else {}
    translation = translate(translator, reading, contexts(source.sender), followed)
    for contact in translation.contacts:
        if contact.mapped.event.event_id == source.event_id:
            return recorder.version(
                contact, source.sender, source.revision, followed_by=names(source.visits), remade=True
            )
    return None
