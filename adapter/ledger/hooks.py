"""Telling an audience of changes: each hook keeps its place, and one node at a time tells.

A batch is fixed when it is first told, so that whoever hears it twice can see that it is the same one.
"""

from typing import Any

import msgspec
from msgspec.structs import replace

from adapter.ledger.ledger import Ledger
from adapter.ledger.model import Fact
from adapter.ledger.sql.changes import Changes
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.hooks import Hook, Hooks
from adapter.ledger.sql.session import SqlSession

BATCH = 100
"""So many changes are told at once, at most."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Changes that one node is to tell now. `tries` counts the failures before."""

    hook: str
    owner: str
    cursor: str
    upto: str
    tries: int
    changes: list[dict[str, Any]]


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What ending a batch has changed. `news`: the hook began to fail, or ended to, with this batch.

    `failing_since` is when it began, None when it had not failed before.
    """

    news: bool = False
    failing_since: float | None = None


class HookLedger:
    """The ledger as those who tell see it. Raises LedgerBusy and LedgerUnavailable."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def all(self) -> list[Hook]:
        """Every hook that there ever was."""
        return await self._ledger.read(lambda db: Hooks(db).all())

    async def retry(self, name: str, actor: str) -> bool:
        """Make a hook due now. False: there is none of this name."""
        return await self._ledger.write(lambda tx: _retry(tx, name, actor))

    async def begin(self, name: str, audience: str) -> None:
        """Make a hook that is new; it tells what happens from now on."""
        await self._ledger.write(lambda tx: _begin(tx, name, audience))

    async def due_in(self, name: str, audience: str) -> float | None:
        """In how many seconds there is something to tell, None: there is nothing new."""
        return await self._ledger.peek(lambda db: _due_in(db, self._ledger.now(db), name, audience))

    async def claim(self, name: str, audience: str, owner: str, lease: float) -> Batch | None:
        """Lease the hook for so many seconds. None: nothing is due, or another node has it."""
        return await self._ledger.write(lambda tx: _claim(tx, name, audience, owner, lease))

    async def told(self, batch: Batch) -> Ended:
        """The batch was taken: go on after it."""
        return await self._ledger.write(lambda tx: _told(tx, batch))

    async def failed(self, batch: Batch, cause: str, again_in: float) -> Ended:
        """The batch was not taken, or nobody knows: it is told again after so many seconds."""
        return await self._ledger.write(lambda tx: _failed(tx, batch, cause, again_in))

    async def give_back(self, batch: Batch) -> None:
        """End the lease; whether the batch was taken is not known."""
        await self._ledger.write(lambda tx: _give_back(tx, batch))


def end_leases(tx: SqlSession) -> None:
    """Whoever had a hook is gone: the store was just opened, and nobody else has it open."""
    hooks = Hooks(tx.db)
    for hook in hooks.all():
        if hook.owner is not None:
            hooks.save(replace(hook, owner=None, lease_until=None))


def _retry(tx: SqlSession, name: str, actor: str) -> bool:
    hook = Hooks(tx.db).hook(name, alone=True)
    if hook is None:
        return False
    Hooks(tx.db).save(replace(hook, due_at=None))
    tx.trail.add(Fact("hook-retried", detail={"hook": name, "by": actor}))
    return True


def _begin(tx: SqlSession, name: str, audience: str) -> None:
    hooks = Hooks(tx.db)
    if hooks.hook(name) is None:
        hooks.add(name, Changes(tx.db).last(audience))


def _due_in(db: Database, now: float, name: str, audience: str) -> float | None:
    hook = Hooks(db).hook(name)
    if hook is None or not Changes(db).after(audience, hook.cursor, 1):
        return None
    return max(0.0, (hook.due_at or now) - now, (hook.lease_until or now) - now)


def _claim(tx: SqlSession, name: str, audience: str, owner: str, lease: float) -> Batch | None:
    hooks = Hooks(tx.db)
    hook = hooks.hook(name, alone=True)
    if hook is None or (hook.due_at or 0.0) > tx.now:
        return None
    if hook.owner not in (None, owner) and (hook.lease_until or 0.0) > tx.now:
        return None
    changes = Changes(tx.db).after(audience, hook.cursor, BATCH, hook.upto)
    if not changes:
        return None
    upto = changes[-1]["cursor"]
    hooks.save(replace(hook, upto=upto, owner=owner, lease_until=tx.now + lease))
    return Batch(hook=name, owner=owner, cursor=hook.cursor, upto=upto, tries=hook.tries, changes=changes)


def _told(tx: SqlSession, batch: Batch) -> Ended:
    hook = _held(tx, batch)
    if hook is None:
        return Ended()
    Hooks(tx.db).save(Hook(name=hook.name, cursor=batch.upto))
    return Ended(news=hook.failing_since is not None, failing_since=hook.failing_since)


def _failed(tx: SqlSession, batch: Batch, cause: str, again_in: float) -> Ended:
    hook = _held(tx, batch)
    if hook is None:
        return Ended()
    Hooks(tx.db).save(
        replace(
            hook,
            tries=hook.tries + 1,
            due_at=tx.now + again_in,
            owner=None,
            lease_until=None,
            failing_since=tx.now if hook.failing_since is None else hook.failing_since,
            cause=cause,
        )
    )
    return Ended(news=hook.failing_since is None, failing_since=hook.failing_since)


def _give_back(tx: SqlSession, batch: Batch) -> None:
    hook = _held(tx, batch)
    if hook is not None:
        Hooks(tx.db).save(replace(hook, owner=None, lease_until=None))


def _held(tx: SqlSession, batch: Batch) -> Hook | None:
    """The hook, if the batch's owner still has it at the same place; else another node has told it since."""
    hook = Hooks(tx.db).hook(batch.hook, alone=True)
    if hook is None or (hook.owner, hook.cursor) != (batch.owner, batch.cursor):
        return None
    return hook
