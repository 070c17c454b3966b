"""Reliable messaging at the ledger, whatever the store: a Bundle.id belongs to one message."""

import asyncio

import pytest
from msgspec.structs import replace

from adapter.errors import StaleEvent
from tests.support.world import World, receipt


async def take(world: World, key: str, bundle: str, sender: str = "s") -> None:
    await world.ledger.commit(replace(receipt(key, sender=sender), bundle=bundle), [], lambda _: b"")


async def test_a_bundle_id_is_known_by_the_message_that_it_came_with(world: World) -> None:
    assert await world.ledger.message_of("s", "b1") is None
    await take(world, "m1", "b1")
    assert await world.ledger.message_of("s", "b1") == "m1"


async def test_bundle_ids_belong_to_their_sender(world: World) -> None:
    await take(world, "m1", "b1")
    assert await world.ledger.message_of("t", "b1") is None
    await take(world, "m2", "b1", sender="t")
    assert await world.ledger.message_of("t", "b1") == "m2"


async def test_a_bundle_id_that_came_with_another_message_is_stale_and_nothing_is_kept(world: World) -> None:
    await take(world, "m1", "b1")
    with pytest.raises(StaleEvent):
        await take(world, "m2", "b1")
    assert await world.ledger.receipt("s", "m2") is None
    assert await world.ledger.message_of("s", "b1") == "m1"


async def test_a_known_message_may_come_under_a_further_bundle_id(world: World) -> None:
    await take(world, "m1", "b1")
    for _ in range(2):
        await world.ledger.see_message("s", "b2", "m1")
    assert await world.ledger.message_of("s", "b2") == "m1"
    with pytest.raises(StaleEvent):
        await world.ledger.see_message("s", "b2", "m2")


async def test_of_messages_that_bring_the_same_bundle_id_at_once_one_is_taken(world: World) -> None:
    outcomes = await asyncio.gather(
        *(take(world, f"m{number}", "b1") for number in range(6)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", *["StaleEvent"] * 5]
