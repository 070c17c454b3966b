"""What is held for want of a rule, map or table on our side is tried again when these are loaded anew.

Each cause is a replay of its own by the actor *reload*: planned, then run, and shown like every replay.
"""

import asyncio
from collections.abc import Mapping
from functools import partial

import structlog

from adapter.domain.rule import Rule
from adapter.errors import LedgerError
from adapter.ledger import replaying
from adapter.ledger.ledger import Ledger
from adapter.ledger.replay import AT_WORK, Choice, Replay
from adapter.ledger.sql.replays import Replays
from adapter.ledger.sql.session import SqlSession
from adapter.replay import ReplayDesk

ACTOR = "reload"
RATE = 200.0
"""Lanes a second."""

_PATIENCE = 10.0
_ONCE_WITHIN = 60.0
"""Seconds within which several nodes that load the same version try again what is held only once."""

_NEWEST = 100
_RULE = "rule:"

_log = structlog.get_logger("vardbro.rules")


class Retrying:
    """Begins replays, and runs them when they are planned."""

    def __init__(self, ledger: Ledger, desk: ReplayDesk, catalogue: Mapping[str, Rule]) -> None:
        self._ledger = ledger
        self._desk = desk
        self._catalogue = catalogue
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, version: str) -> list[int]:
        """Begin a replay for each cause that can be mended on our side; they are run in the background.

        Answers their numbers. Raises LedgerBusy, LedgerUnavailable.
        """
        begun = [
            replay
            for cause in await self._causes()
            if (replay := await self._ledger.write(partial(_begin, cause=cause, version=version))) is not None
        ]
        self._attend(version, begun)
        return [replay.id for replay in begun]

    async def resume(self, version: str) -> None:
        """Go on with what was begun and not run: who began it may have been killed."""
        newest = await self._ledger.read(lambda db: Replays(db).newest(_NEWEST, None))
        left = [one for one in newest if one.actor == ACTOR and one.state in ("planning", "planned")]
        self._attend(version, left)

    async def stop(self) -> None:
        """Leave it to the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _attend(self, version: str, begun: list[Replay]) -> None:
        if begun:
            self._desk.stir()
            task = asyncio.create_task(self._run(version, begun), name="reload-replays")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _causes(self) -> list[str]:
        """Causes of held lanes whose rule says that they can be mended on our side."""
        groups = await self._ledger.dead_letters()
        causes = {str(group["cause"]) for group in groups if group["state"] == "held" and group["cause"]}
        return sorted(cause for cause in causes if self._is_ours(cause))

    def _is_ours(self, cause: str) -> bool:
        rule = self._catalogue.get(cause.removeprefix(_RULE)) if cause.startswith(_RULE) else None
        return rule is not None and rule.hold

    async def _run(self, version: str, begun: list[Replay]) -> None:
        try:
            for replay in begun:
                await self._run_one(replay)
            # what was translated with the old rules may have been stored after a plan had passed its place
            since = min(replay.made_at for replay in begun)
            for cause in await self._causes():
                late = partial(_begin, cause=cause, version=version, since=since)
                replay_of_late = await self._ledger.write(late)
                if replay_of_late is not None:
                    self._desk.stir()
                    await self._run_one(replay_of_late)
        except LedgerError as error:
            _log.warning("held lanes not tried again", error=error.code)

    async def _run_one(self, replay: Replay) -> None:
        state = await self._rest(replay.id)
        if state == "planned":
            await self._desk.order(replay.id, "run", ACTOR)
            await self._rest(replay.id)

    async def _rest(self, replay_id: int) -> str:
        """The state in which a replay comes to rest."""
        while True:
            found = await self._desk.replay(replay_id, _PATIENCE)
            if found is None:
                return "cancelled"
            if found["state"] not in AT_WORK:
                return str(found["state"])


def _begin(tx: SqlSession, cause: str, version: str, since: float | None = None) -> Replay | None:
    """Begin the replay of a cause, unless nothing is held for it since then or another node has begun it."""
    replays = Replays(tx.db)
    choice = Choice(state="held", cause=cause, since=since)
    if not replays.candidates(choice, "held", 0, 1):
        return None
    reason = f"rules, maps and tables {version} are in use"
    for other in replays.newest(_NEWEST, None):
        is_same = (other.actor, other.reason, other.choice.cause) == (ACTOR, reason, cause)
        if since is None and is_same and other.made_at > tx.now - _ONCE_WITHIN:
            return None
    return replaying.begin(tx, "remap", choice, RATE, ACTOR, reason)
