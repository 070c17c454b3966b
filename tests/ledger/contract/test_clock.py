"""A clock that was far ahead and is set right holds up nobody for ever, whichever store it is."""

import pytest

from tests.support.world import LEASE, World

YEAR = 365 * 86_400.0


@pytest.mark.failure(part="clock", fault="was ahead at the last run and is right now")
async def test_a_lease_that_ends_next_year_counts_as_run_out(world: World) -> None:
    await world.report()
    (lost,) = await world.claim()
    world.advance(-YEAR)
    (work,) = await world.claim(owner="other") or [None]
    assert work is None
    lane = await world.lane()
    assert (lane["state"], lane["cause"]) == ("unknown", "taken-over")
    assert lane["token"] > lost.lane.token


async def test_a_lease_that_a_node_with_a_longer_time_out_has_given_is_left_alone(world: World) -> None:
    await world.report()
    await world.claim()
    world.advance(-10 * LEASE)
    await world.claim(owner="other")
    assert (await world.lane())["state"] == "leased"


async def test_what_was_planned_for_next_year_is_due_when_the_store_is_opened(world: World) -> None:
    world.advance(YEAR)
    world.register.faults.append(503)
    await world.report()
    await world.turn()
    assert await world.ledger.due_in("gvr") == 5.0
    world.advance(-YEAR)
    await world.reopen()
    world.advance(6.0)
    await world.turn()
    assert (await world.lane())["states"] == ["accepted"]
