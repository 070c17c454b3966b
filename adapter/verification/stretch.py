"""One stretch of a campaign: one ledger, one register, senders at work, and nodes that are disturbed."""

import asyncio
import random
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from collections.abc import Callable

import httpx
import msgspec

from adapter.errors import VardbroError
from adapter.verification import standin
from adapter.verification.agreement import disagreements
from adapter.verification.children import Nursery
from adapter.verification.judge import Break, Promise, Seen, Verdict, judge
from adapter.verification.log import EffectLog
from adapter.verification.nodes import TIMEOUT, Node, Site, build_site
from adapter.verification.notes import Notes
from adapter.verification.operator import Operator
from adapter.verification.senders import Sender
from adapter.verification.standin import FIGURES_PATH, WEATHER_PATH, Manner, StandIn
from adapter.verification.weather import FAIR, Weather

_POLL = 0.01
_STARTS_WITHIN = 30.0
_TOLD = 5


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What a stretch is made of. `grace` is the register's, in seconds.

    `flows_within`: so many seconds after a disturbance everything must flow again; `rests_within`: so many
    seconds after the last fault everything must have come to rest.
    """

    folder: Path
    ledger: str
    manner: Manner
    grace: float
    seed: int
    senders: int
    contacts: int
    workers: int = 0
    flows_within: float = 30.0
    rests_within: float = 120.0


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the end of a disturbance until bundles were acknowledged, and delivered, again.

    None: it was not waited for, since the register would let nothing through.
    """

    acknowledged: float
    delivered: float | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a stretch."""

    verdict: Verdict
    faults: dict[str, int]
    resends: int


class Stretch:
    """The parts of a stretch, for a scenario to disturb. Use it as a context."""

    def __init__(self, setting: Setting, nursery: Nursery) -> None:
        self.setting = setting
        self.breaks: list[Break] = []
        self._nursery = nursery
        self._weather = FAIR
        self._before = FAIR

    async def __aenter__(self) -> "Stretch":
        setting = self.setting
        setting.folder.mkdir(parents=True, exist_ok=True)
        self._log = EffectLog(setting.folder / "effects.ndjson")
        register = self._start_register()
        self._site = build_site(
            setting.folder,
            ledger=setting.ledger,
            register=register,
            manner=setting.manner,
            grace=setting.grace,
        )
        self.serve = self._node("serve", "serve")
        self.workers = [self._node("work", f"work-{n}") for n in range(1, setting.workers + 1)]
        self._notes = Notes(setting.folder / "acknowledged.ndjson")
        self._operator = Operator(self._site.url)
        self._register = httpx.AsyncClient(base_url=register, timeout=10.0, trust_env=False)
        self._senders = self._make_senders()
        self._sending = [asyncio.create_task(sender.run()) for sender in self._senders]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        for node in self.nodes:
            node.end()
        self._standin.kill()
        self._notes.close()
        await self._operator.close()
        await self._register.aclose()

    @property
    def nodes(self) -> list[Node]:
        """All nodes."""
        return [self.serve, *self.workers]

    async def change_weather(self, weather: Weather) -> None:
        """Let other faults happen at the register from now on."""
        self._before, self._weather = self._weather, weather
        answer = await self._register.post(WEATHER_PATH, content=msgspec.json.encode(weather))
        answer.raise_for_status()

    async def recover(self) -> Recovery | None:
        """Wait until bundles are acknowledged and delivered again; None when that took too long (a break).

        Raises VardbroError when a node has ended by itself.
        """
        began = time.monotonic()
        acknowledged = self._notes.count
        self._log.read_on()
        if not await self._until(lambda: self._notes.count > acknowledged, began):
            return self._stuck("acknowledged")
        taken = time.monotonic() - began
        if self._before.locked_out:
            await self._operator.resume()
        if not (self._weather.lets_through and self._before.lets_through):
            return Recovery(acknowledged=taken)
        if not await self._until(lambda: bool(self._log.read_on()), began):
            return self._stuck("delivered")
        return Recovery(acknowledged=taken, delivered=time.monotonic() - began)

    async def come_to_rest(self) -> Result:
        """End the faults, let everything come to rest, and judge."""
        await self.change_weather(FAIR)
        for sender in self._senders:
            sender.stop()
        await self._end_sending()
        await self._operator.resume()
        within = self.setting.rests_within
        if not await self._operator.wait_for_rest(within):
            self._broke("at-rest", f"lanes still move {within:g} seconds after the last fault")
        return await self._result()

    async def _result(self) -> Result:
        self._log.read_on()
        sent = self._notes.by_event()
        seen = await self._operator.seen(sent)
        verdict = judge(sent, self._log.effects, seen)
        self.breaks += [await self._told(found, seen) for found in verdict.breaks[:_TOLD]]
        self.breaks += verdict.breaks[_TOLD:]
        for disagreement in disagreements(await self._operator.listing()):
            self._broke("consistent", disagreement)
        broken_at = await self._operator.audit_broken_at()
        if broken_at is not None:
            self._broke("audit", f"the audit trail is broken at entry {broken_at}")
        for refusal in self._notes.refusals:
            self._broke("refused", f"a valid bundle was refused: {refusal}")
        figures: dict[str, int] = (await self._register.get(FIGURES_PATH)).json()
        return Result(
            verdict=msgspec.structs.replace(verdict, breaks=tuple(self.breaks)),
            faults=dict(Counter(figures)),
            resends=self._notes.resends,
        )

    async def _told(self, found: Break, seen: dict[str, Seen]) -> Break:
        """A break with its contact's story: what was acknowledged, attempted, and took effect."""
        event = found.event
        if event is None:
            return found
        story = [
            f"version {one.version.n}: {one.version.intent}, mark {one.version.mark}"
            f"{'' if one.acknowledged else ', not acknowledged'}"
            for one in self._notes.by_event().get(event, ())
        ]
        shown = seen.get(event)
        if shown is not None and shown.lane is not None:
            story += await self._operator.history(shown.lane)
        story += [
            f"effect {effect.seq} at {effect.at:.3f}: {effect.method}"
            f"{'' if effect.mark is None else f' mark {effect.mark}'}{' of what was there' if effect.was else ''}"
            for effect in self._log.effects
            if effect.event == event
        ]
        return Break(found.promise, found.what, event, tuple(story))

    async def _end_sending(self) -> None:
        """Let the senders finish what they have begun; the service is up."""
        within = self.setting.flows_within
        _, unfinished = await asyncio.wait(self._sending, timeout=within)
        if unfinished:
            self._broke("flow", f"{len(unfinished)} senders got no acknowledgement in {within:g} seconds")
        for task in self._sending:
            if task.done():
                task.result()

    async def _until(self, condition: Callable[[], bool], began: float) -> bool:
        while not condition():
            if time.monotonic() - began > self.setting.flows_within:
                return False
            for node in self.nodes:
                node.check()
            for task in self._sending:
                if task.done():
                    task.result()
            await asyncio.sleep(_POLL)
        return True

    def _stuck(self, what: str) -> None:
        within = self.setting.flows_within
        self._broke("flow", f"nothing was {what} within {within:g} seconds of a disturbance")

    def _broke(self, promise: Promise, what: str) -> None:
        self.breaks.append(Break(promise, what))

    def _node(self, kind: str, name: str) -> Node:
        return Node(self._nursery, kind, self._site, name)

    def _make_senders(self) -> list[Sender]:
        setting = self.setting
        each = max(1, setting.contacts // setting.senders)
        return [
            Sender(f"{setting.seed}-{n}", each, self._notes, self._site.url, random.Random(f"{setting.seed}/{n}"))
            for n in range(setting.senders)
        ]

    def _start_register(self) -> str:
        ours, theirs = self._nursery.pipe()
        setup = StandIn(
            log=self.setting.folder / "effects.ndjson",
            manner=self.setting.manner,
            timeout=TIMEOUT,
            seed=self.setting.seed,
        )
        self._standin = self._nursery.start(
            standin.run, setup, theirs, log=self.setting.folder / "register.log"
        )
        if not ours.poll(_STARTS_WITHIN):
            raise VardbroError(f"the register's stand-in did not start: {self._standin.last_words()}")
        return f"http://127.0.0.1:{ours.recv()}"
