"""A campaign: so many runs of one scenario, stretch by stretch, and the certificate at its end."""

import asyncio
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import httpx
import msgspec

from adapter.errors import ConfigurationError, VardbroError
from adapter.verification.certificate import Certificate, Figures, certify, machine_of
from adapter.verification.children import Nursery
from adapter.verification.naive_register import Manner
from adapter.verification.records import Break, Verdict
from adapter.verification.scenarios import NAMES, ON_OWN_SERVER, ON_POSTGRES, Scenario, make_scenario
from adapter.verification.stores import NamedServer, OwnPair, OwnServer, SqliteStore, Store
from adapter.verification.stretch import Recovery, Result, Setting, Stretch
from adapter.verification.weather import USUAL, Fault, draw_weather

MANNERS: tuple[Manner, ...] = ("asked", "keys", "strict", "mute")
_LONGEST_STRETCH = 50
"""Runs after which a new ledger is begun, so that the verdict on it stays quick."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done. `up` bounds the seconds of work before each disturbance, in which at least
    `effects` take place; `grace` is the register's.
    `flows_within` and `rests_within` are those of a stretch (stretch.py), `faults` says how likely a write
    meets each fault of the register.

    A new ledger is begun every `stretch` runs, with a register of the next of `manners`; None: every 50, or
    earlier, so that each of them has its share. `postgres` is the
    URL of a server to use instead of one of our own. `sabotage` is for the suite's own tests (children.py).
    """

    runs: int = 200
    store: Literal["sqlite", "postgres"] = "sqlite"
    scenario: str = "kill"
    seed: int = 1
    senders: int = 4
    contacts: int = 80
    stretch: int | None = None
    up: tuple[float, float] = (0.05, 0.6)
    effects: int = 0
    grace: float = 3.0
    flows_within: float = 30.0
    rests_within: float = 120.0
    faults: dict[Fault, float] = msgspec.field(default_factory=USUAL.copy)
    manners: tuple[Manner, ...] = MANNERS
    postgres: str | None = None
    keep: Path | None = None
    sabotage: str | None = None

    @property
    def runs_of_a_ledger(self) -> int:
        """How many runs a ledger goes through."""
        share = -(-self.runs // len(self.manners))
        return self.stretch or min(_LONGEST_STRETCH, share)


class Progress(msgspec.Struct, frozen=True):
    """Where a campaign is."""

    runs: int
    of: int
    doing: str


Tell = Callable[[Progress], None]


def verify(plan: Plan, tell: Tell = lambda _: None) -> Certificate:
    """Carry the plan out. Raises ConfigurationError for a plan that does not fit together, VardbroError."""
    _check(plan)
    with _folder(plan.keep) as folder:
        store = _store(plan, folder)
        scenario = make_scenario(plan.scenario, store, plan.up, plan.grace)
        try:
            store.start()
            with Nursery(plan.sabotage) as nursery:
                return asyncio.run(Campaign(plan, folder, store, scenario, nursery, tell).carry_out())
        finally:
            store.stop()


class Campaign:
    """Carries a plan out."""

    def __init__(
        self, plan: Plan, folder: Path, store: Store, scenario: Scenario, nursery: Nursery, tell: Tell
    ) -> None:
        self._plan = plan
        self._folder = folder
        self._store = store
        self._scenario = scenario
        self._nursery = nursery
        self._tell = tell
        self._chance = random.Random(plan.seed)
        self._done = 0
        self._given_up = False
        self._recoveries: list[Recovery] = []
        self._results: list[Result] = []

    async def carry_out(self) -> Certificate:
        """All stretches; then the certificate."""
        began = asyncio.get_running_loop().time()
        number = 0
        durability = await asyncio.to_thread(self._store.durability)
        while self._done < self._plan.runs and not self._given_up:
            number += 1
            self._results.append(await self._stretch(number))
        figures = Figures(
            runs=self._done,
            ledgers=number,
            seconds=asyncio.get_running_loop().time() - began,
            recoveries=tuple(self._recoveries),
            results=tuple(self._results),
        )
        plan = self._plan
        return certify(
            figures,
            scenario=plan.scenario,
            seed=plan.seed,
            senders=plan.senders,
            contacts=plan.contacts,
            machine=machine_of(self._folder, self._store.name, durability),
        )

    async def _stretch(self, number: int) -> Result:
        plan = self._plan
        folder = self._folder / f"stretch-{number}"
        folder.mkdir()
        setting = Setting(
            folder=folder,
            ledger=await asyncio.to_thread(self._store.new_ledger, folder, number),
            manner=plan.manners[(number - 1) % len(plan.manners)],
            grace=plan.grace,
            effects=plan.effects,
            flows_within=plan.flows_within,
            rests_within=plan.rests_within,
            seed=plan.seed * 1000 + number,
            senders=plan.senders,
            contacts=plan.contacts,
            workers=self._scenario.workers,
        )
        try:
            async with Stretch(setting, self._nursery) as stretch:
                return await self._runs(stretch)
        finally:
            if plan.keep is None:
                await asyncio.to_thread(self._store.drop_ledger, number)
                shutil.rmtree(folder, ignore_errors=True)

    async def _runs(self, stretch: Stretch) -> Result:
        """Disturb, come to rest, be judged. A node that ends by itself, or answers nothing, is a break."""
        try:
            await self._scenario.begin(stretch)
            for _ in range(min(self._plan.runs_of_a_ledger, self._plan.runs - self._done)):
                await self._run(stretch)
                if stretch.breaks:
                    self._given_up = True
                    break
            self._say("coming to rest")
            await self._scenario.end(stretch)
            return await stretch.come_to_rest()
        except (VardbroError, httpx.HTTPError) as error:
            self._given_up = True
            what = str(error) if isinstance(error, VardbroError) else f"no answer ({type(error).__name__})"
            broken = (*stretch.breaks, Break("flow", what))
            return Result(verdict=Verdict(breaks=broken), faults={}, resends=0)

    async def _run(self, stretch: Stretch) -> None:
        await stretch.change_weather(draw_weather(self._chance, self._plan.faults))
        recovery = await self._scenario.disturb(stretch, self._chance)
        if recovery is not None:
            self._recoveries.append(recovery)
        self._done += 1
        self._say(NAMES[self._plan.scenario])

    def _say(self, doing: str) -> None:
        self._tell(Progress(self._done, self._plan.runs, doing))


def _check(plan: Plan) -> None:
    if plan.scenario not in NAMES:
        raise ConfigurationError(f"there is no scenario {plan.scenario!r}", f"Known: {', '.join(NAMES)}.")
    if plan.scenario in ON_POSTGRES and plan.store != "postgres":
        raise ConfigurationError(f"the scenario {plan.scenario} needs PostgreSQL", "Add --store postgres.")
    if plan.scenario in ON_OWN_SERVER and plan.postgres is not None:
        raise ConfigurationError(
            f"the scenario {plan.scenario} kills the server, so it runs on one of its own only",
            "Leave --postgres out.",
        )


def _store(plan: Plan, folder: Path) -> Store:
    if plan.store == "sqlite":
        return SqliteStore()
    if plan.postgres is not None:
        return NamedServer(plan.postgres)
    return OwnPair(folder) if plan.scenario == "failover" else OwnServer(folder)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Where everything lies: kept if asked for, else gone afterwards.

    PostgreSQL may run as another user, who has to pass through.
    """
    if keep is not None:
        try:
            keep.mkdir(parents=True, exist_ok=False)
        except OSError as error:
            raise ConfigurationError(
                f"{keep}: {error.strerror}", "Name a folder that is not there yet."
            ) from None
        keep.chmod(0o711)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="vardbro-verify-") as name:
        Path(name).chmod(0o711)
        yield Path(name)
