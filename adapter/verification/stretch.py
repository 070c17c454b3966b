"""One stretch of a campaign: one ledger, one register, senders at work, and nodes that are disturbed."""

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import httpx
import msgspec

from adapter.errors import VardbroError
from adapter.verification import standin
from adapter.verification.children import Nursery
from adapter.verification.log import EffectLog
from adapter.verification.naive_register import Manner, StandIn
from adapter.verification.nodes import TIMEOUT, Node, build_site
from adapter.verification.notes import Notes
from adapter.verification.operator import Operator
from adapter.verification.reckoning import reckon
from adapter.verification.records import Break, Promise, Verdict
from adapter.verification.senders import Sender
from adapter.verification.standin import FIGURES_PATH, WEATHER_PATH
from adapter.verification.weather import FAIR, Weather

_POLL = 0.01
_STARTS_WITHIN = 30.0


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What a stretch is made of. `grace` is the register's, in seconds; `effects` are the least that take
    place before each disturbance.

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
    effects: int = 0
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

    async def ready(self) -> None:
        """Wait until every node is at work. Raises VardbroError when one is not in time."""
        if not await self._until(lambda: all(node.ready for node in self.nodes), time.monotonic()):
            raise VardbroError("a node did not get to work")

    async def recover(self) -> Recovery | None:
        """Wait until bundles are acknowledged and delivered again; None when that took too long (a break).

        Raises VardbroError when a node has ended by itself.
        """
        began = time.monotonic()
        acknowledged = self._notes.count
        if not await self._until(lambda: self._notes.count > acknowledged, began):
            self._stuck("acknowledged")
            return None
        taken = time.monotonic() - began
        if self._before.locked_out:
            await self._operator.resume()
        if not (self._weather.lets_through and self._before.lets_through):
            return Recovery(acknowledged=taken)
        self._log.read_on()
        if not await self._until(lambda: bool(self._log.read_on()), began):
            self._stuck("delivered")
            return None
        return Recovery(acknowledged=taken, delivered=time.monotonic() - began)

    async def work(self, seconds: float) -> None:
        """Let the nodes work for so long, and until so much has taken effect as the setting asks for."""
        before = len(self._log.effects)
        await asyncio.sleep(seconds)

        def enough() -> bool:
            self._log.read_on()
            return len(self._log.effects) - before >= self.setting.effects

        flows = self._weather.lets_through and self._before.lets_through
        if flows and not await self._until(enough, time.monotonic()):
            self._stuck("delivered")

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
        self._log.read_on()
        found = await reckon(self._notes, self._log.effects, self._operator)
        return Result(
            verdict=msgspec.structs.replace(found, breaks=(*self.breaks, *found.breaks)),
            faults=(await self._register.get(FIGURES_PATH)).json(),
            resends=self._notes.resends,
        )

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
            Sender(
                f"{setting.seed}-{n}", each, self._notes, self._site.url, random.Random(f"{setting.seed}/{n}")
            )
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
