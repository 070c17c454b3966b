"""The ways in which the product under test is disturbed. Each run of a scenario is one disturbance."""

import asyncio
import random
from collections.abc import Mapping
from typing import Protocol

from adapter.delivery.sending import MARGIN
from adapter.errors import ConfigurationError
from adapter.verification.nodes import TIMEOUT, Node
from adapter.verification.stores import NamedServer, OwnPair, OwnServer, Store
from adapter.verification.stretch import Recovery, Stretch

LEASE = TIMEOUT + 2 * MARGIN
"""Seconds for which a lane is leased with our time-out."""


class Scenario(Protocol):
    """Disturbs a stretch. `workers` nodes deliver beside the one that serves."""

    workers: int

    async def begin(self, stretch: Stretch) -> None:
        """Start what runs from the beginning."""
        ...

    async def disturb(self, stretch: Stretch, chance: random.Random) -> Recovery | None:
        """One run; how long it took until everything flowed again, if that was waited for."""
        ...

    async def end(self, stretch: Stretch) -> None:
        """See to it that everything runs, for the last time."""
        ...


class Kill:
    """The service is started, and killed at some moment: while it starts, while it works."""

    workers = 0

    def __init__(self, up: tuple[float, float]) -> None:
        self._up = up

    async def begin(self, stretch: Stretch) -> None:
        """Each run starts the service itself."""

    async def disturb(self, stretch: Stretch, chance: random.Random) -> Recovery | None:
        """Start, work for a moment, kill."""
        stretch.serve.start()
        recovery = None
        if chance.random() < 0.1:
            await asyncio.sleep(chance.uniform(0.0, 0.4))
        else:
            recovery = await stretch.recover()
            await stretch.work(chance.uniform(*self._up))
        stretch.serve.child.kill()
        return recovery

    async def end(self, stretch: Stretch) -> None:
        """Start the service once more."""
        stretch.serve.start()


class _Running:
    """Scenarios whose nodes run all the time."""

    workers = 0

    def __init__(self, up: tuple[float, float]) -> None:
        self._up = up

    async def begin(self, stretch: Stretch) -> None:
        """Start all nodes: the first makes the ledger's tables."""
        stretch.serve.start()
        await stretch.recover()
        for node in stretch.workers:
            node.start()
        await stretch.ready()

    async def end(self, stretch: Stretch) -> None:
        """They run."""

    async def _work(self, stretch: Stretch, chance: random.Random) -> None:
        await stretch.work(chance.uniform(*self._up))


class Workers(_Running):
    """One node that serves and two that deliver; any of them is killed, and started again."""

    workers = 2

    async def disturb(self, stretch: Stretch, chance: random.Random) -> Recovery | None:
        """Kill one node, now and then two."""
        await self._work(stretch, chance)
        for node in chance.sample(stretch.nodes, k=1 if chance.random() < 0.8 else 2):
            node.child.kill()
            node.start()
        return await stretch.recover()


class Pause(_Running):
    """A node is stopped (SIGSTOP) until its leases have run out and others have its lanes, then goes on.

    It wakes before the register's grace is over: that is how long a late request may still have an effect.
    """

    def __init__(self, up: tuple[float, float], grace: float, workers: int) -> None:
        super().__init__(up)
        self._grace = grace
        self.workers = workers

    async def disturb(self, stretch: Stretch, chance: random.Random) -> Recovery | None:
        """Stop one node for longer than a lease."""
        await self._work(stretch, chance)
        node: Node = chance.choice(stretch.nodes)
        node.child.pause()
        await asyncio.sleep(LEASE + chance.uniform(0.1, 0.6) * self._grace)
        node.child.resume()
        return await stretch.recover()


class RestartDatabase(_Running):
    """PostgreSQL is killed with all its processes and started again."""

    workers = 1

    def __init__(self, up: tuple[float, float], store: OwnServer) -> None:
        super().__init__(up)
        self._server = store.server

    async def disturb(self, stretch: Stretch, chance: random.Random) -> Recovery | None:
        """Kill, stay away for a moment, start."""
        await self._work(stretch, chance)
        await asyncio.to_thread(self._server.kill)
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        await asyncio.to_thread(self._server.start)
        return await stretch.recover()


class Failover(_Running):
    """The primary is killed and its synchronous standby promoted; then the other becomes the standby."""

    workers = 1

    def __init__(self, up: tuple[float, float], store: OwnPair) -> None:
        super().__init__(up)
        self._pair = store.pair

    async def disturb(self, stretch: Stretch, chance: random.Random) -> Recovery | None:
        """Fail over, and mend the pair."""
        await self._work(stretch, chance)
        await asyncio.to_thread(self._pair.fail_over)
        recovery = await stretch.recover()
        await asyncio.to_thread(self._pair.mend)
        return recovery


NAMES: Mapping[str, str] = {
    "kill": "the service is killed (SIGKILL) at random moments and started again",
    "workers": "one serving and two delivering nodes; any of them is killed (PostgreSQL)",
    "pause": "a node is stopped until its leases have run out, then goes on",
    "restart-db": "PostgreSQL is killed and started again",
    "failover": "the primary PostgreSQL is killed and its synchronous standby promoted",
}
"""The scenarios, with what each does."""

ON_POSTGRES = frozenset({"workers", "restart-db", "failover"})
"""Those that need PostgreSQL."""

ON_OWN_SERVER = frozenset({"restart-db", "failover"})
"""Those that kill the server, which must therefore be one that the suite has started."""


def make_scenario(name: str, store: Store, up: tuple[float, float], grace: float) -> Scenario:
    """The scenario `name` on a store. Raises ConfigurationError when they do not fit."""
    if name == "kill":
        return Kill(up)
    if name == "pause":
        return Pause(up, grace, workers=2 if isinstance(store, NamedServer) else 0)
    if name == "workers" and isinstance(store, NamedServer):
        return Workers(up)
    if name == "restart-db" and isinstance(store, OwnServer):
        return RestartDatabase(up, store)
    if name == "failover" and isinstance(store, OwnPair):
        return Failover(up, store)
    raise ConfigurationError(f"there is no scenario {name!r} on this store", f"Known: {', '.join(NAMES)}.")
