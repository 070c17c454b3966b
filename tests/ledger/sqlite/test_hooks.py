"""Hooks in a file that nobody else can have open."""

from pathlib import Path

from adapter.ledger.hooks import HookLedger
from tests.support.following import submit
from tests.support.world import World, with_abilities

NAME = "sender:s"


async def test_a_hook_that_a_killed_service_was_telling_is_free_at_the_next_start(tmp_path: Path) -> None:
    world = World(tmp_path, with_abilities())
    await HookLedger(world.ledger).begin(NAME, NAME)
    await submit(world.ledger, held="rule:R")
    before = await HookLedger(world.ledger).claim(NAME, NAME, "killed", 15.0)
    await world.reopen()
    after = await HookLedger(world.ledger).claim(NAME, NAME, "next", 15.0)
    await world.close()
    assert before is not None
    assert after is not None
    assert after.changes == before.changes
