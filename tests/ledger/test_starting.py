"""A clock that was wrong at the last run and is right now: no wait is longer than it was meant to be."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapter.delivery.framing import request_of
from tests.support.world import World, with_abilities

DAY = 86_400.0


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, with_abilities(can_look_up=True))
    yield made
    await made.close()


async def test_a_lane_that_backs_off_waits_as_long_as_it_was_told_although_the_clock_went_back(
    world: World,
) -> None:
    world.register.faults.extend([503, 503])
    await world.report()
    await world.turn()
    world.advance(5.0)
    await world.turn()
    assert await world.ledger.due_in("gvr") == 300.0

    world.advance(100.0 - DAY)
    await world.reopen()
    assert await world.ledger.due_in("gvr") == 300.0
    world.advance(300.0)
    await world.turn()
    assert (await world.lane())["states"] == ["accepted"]
    assert (await world.ledger.audit_verify()).broken_at is None


async def test_a_register_that_asked_for_a_minute_is_not_left_alone_for_a_day(world: World) -> None:
    world.register.faults.append(429)
    world.register.retry_after = "60"
    await world.report()
    await world.turn()
    world.advance(-DAY)
    await world.reopen()
    assert await world.turn() == []
    world.advance(60.0)
    assert len(await world.turn()) == 1


async def test_the_probe_of_a_paused_register_is_not_put_off_for_a_day(world: World) -> None:
    world.register.down = 401
    await world.report()
    await world.turn()
    world.advance(-DAY)
    await world.reopen()
    world.register.down = None
    world.advance(31.0)
    await world.turn()
    assert (await world.lane())["states"] == ["accepted"]
    assert await world.notices() == []


async def test_a_doubt_is_settled_within_the_grace_although_its_attempt_seems_to_lie_ahead(
    world: World,
) -> None:
    world.register.faults.append("timeout-before")
    await world.report()
    await world.turn()
    world.advance(-DAY)
    await world.reopen()
    before = world.clock.now
    await world.settle_all()
    assert (await world.lane())["states"] == ["accepted"]
    assert world.operations() == [("POST", 1)]
    assert world.clock.now - before < 60


async def test_what_a_killed_service_was_sending_is_looked_up_although_the_clock_went_back(
    world: World,
) -> None:
    await world.report()
    (work,) = await world.claim()
    world.register.work(request_of(work.attempt.request))
    world.advance(-DAY)
    await world.reopen()
    await world.run()
    assert (await world.lane())["states"] == ["accepted"]
    assert world.operations() == [("POST", 1)]
    assert [request.method for request in world.register.requests] == ["GET"]


async def test_a_clock_that_went_ahead_makes_due_what_waits_and_nothing_else(world: World) -> None:
    world.register.faults.append(503)
    await world.report()
    await world.turn()
    world.advance(DAY)
    await world.reopen()
    await world.turn()
    assert (await world.lane())["states"] == ["accepted"]


async def test_that_the_clock_went_back_is_in_the_audit_trail_once(world: World) -> None:
    await world.report()
    world.advance(-DAY)
    await world.reopen()
    await world.reopen()
    kinds = await world.ledger.read(
        lambda db: db.execute("SELECT kind, detail_json FROM audit WHERE kind = 'clock-set-back'").fetchall()
    )
    assert kinds == [("clock-set-back", '{"seconds":86400.0}')]


@pytest.mark.parametrize("seconds", [0.0, -0.5])
async def test_a_clock_that_is_off_by_less_than_a_second_is_left_alone(world: World, seconds: float) -> None:
    world.register.faults.append(503)
    await world.report()
    await world.turn()
    world.advance(seconds)
    await world.reopen()
    assert await world.ledger.due_in("gvr") == 5.0 - seconds
