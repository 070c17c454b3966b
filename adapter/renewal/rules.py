"""The rules, maps and tables of a running service: which are in use, and how others come into use.

They are loaded beside those in use, and take their place at once when all is well; else nothing changes. A
bundle is translated with one version throughout. Other nodes of the same PostgreSQL are told, and load their
own files; who was not there to be told finds it in the ledger when it compares.
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog

from adapter.errors import ConfigurationError, LedgerError, PackError
from adapter.ledger import rules_in_use
from adapter.ledger.ledger import Ledger
from adapter.ledger.sql.session import SqlSession
from adapter.offline import Senders
from adapter.renewal.retrying import Retrying
from adapter.replay import ReplayDesk
from adapter.translation import Translator

Json = dict[str, Any]

COMPARE_EVERY = 30.0
"""Seconds between looks of a node at what the others were told."""

_log = structlog.get_logger("vardbro.rules")


class Rules:
    """The version in use. `load` makes another one from the files as they are now."""

    def __init__(
        self,
        ledger: Ledger,
        translator: Translator,
        senders: Senders,
        load: Callable[[], tuple[Translator, Senders]],
        replays: ReplayDesk,
        *,
        retry_held: bool = True,
        clock: Callable[[], float] = time.time,
        compare_every: float = COMPARE_EVERY,
    ) -> None:
        self.translator = translator
        self.senders = senders
        self.loaded_at = clock()
        self._ledger = ledger
        self._load = load
        self._clock = clock
        self._retrying = Retrying(ledger, replays, translator.catalogue) if retry_held else None
        self._lock = asyncio.Lock()
        self._serves = False
        self._compare_every = compare_every
        self._followed = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def version(self) -> str:
        """Names the rules, maps and tables in use: equal for equal files."""
        return self.translator.version

    def start(self) -> None:
        """The service begins: what is held may be mendable with what it has loaded."""
        self._serves = True
        self._later(self._began())
        if self._ledger.shared:
            self._later(self._watch())

    async def stop(self) -> None:
        """The service ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._retrying is not None:
            await self._retrying.stop()

    async def reload(self, actor: str) -> Json:
        """Load everything anew and take it into use.

        Answers ``version, before, loaded_at, packs, replays`` (numbers of those that try what is held again).
        Raises PackError or ConfigurationError when what lies there is bad; then all stays as it is.
        """
        async with self._lock:
            before = self.version
            translator, senders = await self._loaded(actor)
            taken = partial(self._taken, translator.version, {"before": before, "actor": actor})
            self._followed = max(self._followed, await self._ledger.write(taken))
            self._use(translator, senders)
        replays = await self._retry() if self._serves else []
        return {
            "version": self.version,
            "before": before,
            "loaded_at": self.loaded_at,
            "packs": len(self.translator.packs.packs),
            "replays": replays,
        }

    def heard(self, words: frozenset[str]) -> None:
        """Another node may have taken a version into use: load the files of this node."""
        for word in words:
            if word.startswith(rules_in_use.RING) and word.removeprefix(rules_in_use.RING) != self.version:
                self._later(self._follow(word.removeprefix(rules_in_use.RING)))

    async def compare(self) -> None:
        """Follow what was taken into use while this node could not hear it. Raises LedgerError."""
        told = await self._ledger.read(rules_in_use.published)
        if told is None or told.number <= self._followed:
            return
        if told.version != self.version:
            _log.warning("rules.missed", told=told.version, version=self.version)
            await self._follow(told.version)
        self._followed = max(self._followed, told.number)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._compare_every)
            await _told(self.compare())

    def _taken(self, version: str, detail: Json, tx: SqlSession) -> int:
        """Note it; where there may be other nodes tell them, and answer the number of what they are told."""
        rules_in_use.take(tx, version, detail)
        return rules_in_use.publish(tx, version) if self._ledger.shared else 0

    async def _loaded(self, actor: str) -> tuple[Translator, Senders]:
        try:
            return await asyncio.to_thread(self._load)
        except (PackError, ConfigurationError) as error:
            detail = {"version": self.version, "actor": actor, "problems": len(str(error).splitlines())}
            await self._ledger.write(lambda tx: rules_in_use.refuse(tx, detail))
            raise

    def _use(self, translator: Translator, senders: Senders) -> None:
        """Nothing is awaited in here: whoever translates finds the old version or the new one."""
        before = self.version
        self.translator.renew(translator)
        self.senders.renew(senders)
        self.loaded_at = self._clock()
        _log.info("rules.in_use", version=self.version, before=before)

    async def _follow(self, version: str) -> None:
        async with self._lock:
            if self.version == version:
                return
            try:
                translator, senders = await self._loaded("another node")
            except (PackError, ConfigurationError) as error:
                _log.error("rules.not_taken", told=version, problem=str(error).splitlines()[0])
                return
            if translator.version != self.version:
                self._use(translator, senders)
        if self.version != version:
            _log.error("rules.differ", told=version, version=self.version)
        if self._serves:
            await self._retry()

    async def _began(self) -> None:
        await self._catch_up()
        before = await self._ledger.read(rules_in_use.newest)
        if before == self.version:
            if self._retrying is not None:
                await self._retrying.resume(self.version)
            return
        detail = {"before": before, "actor": "start"}
        await self._ledger.write(partial(rules_in_use.take, version=self.version, detail=detail))
        if before is not None:
            await self._retry()

    async def _catch_up(self) -> None:
        """What was told before this node listened: its files may have been read just before they changed.

        A node that starts with other files than the rest is no fault: so a new version is rolled out.
        """
        told = await self._ledger.read(rules_in_use.published)
        if told is None:
            return
        self._followed = max(self._followed, told.number)
        if told.version == self.version:
            return
        async with self._lock:
            try:
                translator, senders = await asyncio.to_thread(self._load)
            except (PackError, ConfigurationError) as error:
                _log.error("rules.not_taken", told=told.version, problem=str(error).splitlines()[0])
                return
            if translator.version != self.version:
                self._use(translator, senders)

    async def _retry(self) -> list[int]:
        return [] if self._retrying is None else await self._retrying.begin(self.version)

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(_told(work), name="rules")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _told(work: Any) -> None:
    try:
        await work
    except LedgerError as error:
        _log.warning("rules wait for the ledger", error=error.code)
