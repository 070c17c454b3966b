"""One notification for each cause: it starts once and clears once, however many lanes it concerns."""

import asyncio
from typing import Any

from adapter.ledger.sql.changes import BEGINNING, OPERATORS, Changes
from tests.support.following import submit
from tests.support.world import World, message

LANES = 500


async def told(world: World) -> list[dict[str, Any]]:
    return await world.ledger.read(lambda db: Changes(db).after(OPERATORS, BEGINNING, 10_000))


def shown(changes: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    return [(change["state"], change["detail"]["kind"], change["cause"]) for change in changes]


async def test_a_pause_for_authentication_is_told_once_and_cleared_once_for_500_lanes(world: World) -> None:
    await asyncio.gather(*(submit(world.ledger, f"e{n}") for n in range(LANES)))
    world.register.down = 401
    works = await world.claim(limit=40)  # all under way when the register begins to refuse us
    await asyncio.gather(*(world.work(work) for work in works))
    for _ in range(20):
        world.advance(31)
        assert len(await world.turn()) == 1  # a probe
    assert shown(await told(world)) == [("started", "paused", "http-401")]

    world.register.down = None
    world.advance(31)
    while (await world.ledger.summary())["lanes"] != {"idle": LANES}:
        await asyncio.gather(*(world.work(work) for work in await world.claim(limit=100)))
    found = await told(world)
    assert shown(found) == [("started", "paused", "http-401"), ("cleared", "paused", "http-401")]
    assert found[0]["detail"]["lanes"] == LANES
    assert found[0]["detail"]["notice"] == found[1]["detail"]["notice"]
    assert await world.notices() == []


async def test_many_lanes_that_are_parked_for_one_cause_make_one_notice(world: World) -> None:
    world.register.down = 400
    for n in range(20):
        await submit(world.ledger, f"e{n}")
    await world.run()
    assert shown(await told(world)) == [("started", "parked", "http-400")]
    world.register.down = None
    for n in range(20):
        await submit(world.ledger, f"e{n}", 2)
    await world.run()
    assert shown(await told(world)) == [("started", "parked", "http-400"), ("cleared", "parked", "http-400")]


async def test_a_clear_says_since_when_and_another_start_is_another_notice(world: World) -> None:
    for _ in range(2):
        await world.ledger.pause("gvr", "moving house")
        world.advance(60)
        await world.ledger.resume("gvr")
    first, cleared, second, _ = await told(world)
    assert cleared["at"] - cleared["detail"]["since"] == 60
    assert first["detail"]["notice"] != second["detail"]["notice"]


async def test_causes_and_registers_are_told_apart(world: World) -> None:
    for register, cause in (("gvr", "rule:A"), ("gvr", "rule:B"), ("pasis", "rule:A")):
        held = message(f"{register}{cause}", register=register, held=cause)
        await submit(world.ledger, held.event_id, 1, held)
    assert [(one["register"], one["cause"]) for one in await told(world)] == [
        ("gvr", "rule:A"),
        ("gvr", "rule:B"),
        ("pasis", "rule:A"),
    ]
