"""Limits of a register that hold whoever claims, on every store."""

from typing import Any

from msgspec.structs import replace

from adapter.ledger.protocol import Claim, Work
from tests.support.world import LEASE, World


async def claim(world: World, limit: int, owner: str = "worker", **limits: Any) -> list[Work]:
    plain = Claim(
        register="gvr", owner=owner, limit=limit, lease=LEASE, frame=world.framer, abilities=world.abilities
    )
    return await world.ledger.claim(replace(plain, **limits))


async def filled(world: World, count: int) -> None:
    for number in range(count):
        await world.report(f"e{number}")


async def test_all_workers_together_hold_no_more_lanes_than_the_register_takes(world: World) -> None:
    await filled(world, 10)
    first = await claim(world, 3, "one", most=5)
    second = await claim(world, 4, "two", most=5)
    assert (len(first), len(second)) == (3, 2)
    await world.work(first[0])
    assert len(await claim(world, 4, "two", most=5)) == 1


async def test_a_rate_is_shared_by_all_workers_and_counts_only_what_is_claimed(world: World) -> None:
    await filled(world, 20)
    assert len(await claim(world, 8, "one", rate=30.0)) == 3
    assert len(await claim(world, 8, "two", rate=30.0)) == 0
    world.advance(0.07)
    assert len(await claim(world, 8, "two", rate=30.0)) == 2
    world.advance(100)
    assert len(await claim(world, 2, "one", rate=30.0)) == 2
    assert len(await claim(world, 8, "one", rate=30.0)) == 1


async def test_a_slow_rate_lets_one_through_at_a_time(world: World) -> None:
    await filled(world, 3)
    assert len(await claim(world, 8, rate=0.1)) == 1
    world.advance(9)
    assert len(await claim(world, 8, rate=0.1)) == 0
    world.advance(1.1)
    assert len(await claim(world, 8, rate=0.1)) == 1


async def test_an_operators_resume_does_not_refill_the_rate(world: World) -> None:
    await filled(world, 20)
    await claim(world, 8, rate=30.0)
    await world.ledger.pause("gvr", "tried")
    await world.ledger.resume("gvr")
    assert await claim(world, 8, rate=30.0) == []
