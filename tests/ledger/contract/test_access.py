"""What the door keeps in the ledger, on each store: used assertions, and keys of tokens."""

import asyncio

from adapter.ledger.access import NEW_KEY_EVERY, AccessLedger
from tests.support.world import World


async def count(world: World) -> int:
    return await world.ledger.read(lambda db: db.execute("SELECT COUNT(*) FROM assertions").fetchone()[0])


async def test_an_assertion_is_used_once_whoever_asks_at_the_same_time(world: World) -> None:
    nodes = [AccessLedger(world.ledger), AccessLedger(world.ledger)]
    until = world.clock.now + 60
    found = await asyncio.gather(*(node.use("a", until) for node in nodes for _ in range(10)))
    assert len([key for key in found if key is not None]) == 1


async def test_two_nodes_share_keys_and_used_assertions(world: World) -> None:
    other = world.store.open(world.clock) if world.store.shared else world.ledger
    try:
        here, there = AccessLedger(world.ledger), AccessLedger(other)
        until = world.clock.now + 60
        key = await here.use("a", until)
        assert await there.use("a", until) is None
        assert await there.use("b", until) == key
        assert await there.keys() == (key,)
    finally:
        if other is not world.ledger:
            await other.close()


async def test_what_has_run_out_is_forgotten(world: World) -> None:
    access = AccessLedger(world.ledger)
    for number in range(5):
        await access.use(str(number), world.clock.now + number)
    assert await count(world) == 5
    world.clock.now += 3.5
    await access.use("new", world.clock.now + 60)
    assert await count(world) == 2


async def test_keys_follow_each_other_and_two_are_kept(world: World) -> None:
    access = AccessLedger(world.ledger)
    keys = []
    for number in range(4):
        keys.append(await access.use(str(number), world.clock.now + 60))
        world.clock.now += NEW_KEY_EVERY
    assert len(set(keys)) == 4
    assert await access.keys() == (keys[3], keys[2])
    assert keys[3] is not None
    assert repr(keys[3].secret) not in repr(keys[3])
