"""Groups of what waits for somebody, on every store."""

from typing import Any

import pytest

from adapter.domain.message import Outcome, OutcomeClass
from adapter.domain.text import Text
from adapter.ledger.sql.dead_letters import oldest
from tests.support.world import World, message, with_abilities

WRONG_CODE = Outcome(
    kind=OutcomeClass.REJECTED,
    cause="gvr:KOD",
    reason=Text("Fel kod.", "Wrong code."),
    field="diagnoser[0].kod",
)


async def end(world: World, outcome: Outcome, limit: int = 10) -> None:
    """Let the lanes that are due end an attempt so."""
    for work in await world.claim(limit):
        await world.ledger.settle(work, outcome, None)


async def group(world: World) -> dict[str, Any]:
    (found,) = await world.ledger.dead_letters()
    return found


async def test_what_flows_is_no_dead_letter(world: World) -> None:
    await world.report("e1")
    assert await world.ledger.dead_letters() == []
    await world.run()
    assert await world.ledger.dead_letters() == []


async def test_lanes_that_a_register_rejects_for_one_cause_are_one_group(world: World) -> None:
    for number in range(3):
        await world.report(f"e{number}")
        await end(world, WRONG_CODE)
        world.advance(60)
    found = await group(world)
    oldest = await world.lane("e0")
    assert (found["register"], found["state"], found["cause"], found["lanes"]) == (
        "gvr", "parked", "gvr:KOD", 3,
    )  # fmt: skip
    assert (found["lane"], found["since"]) == (oldest["id"], oldest["since"])
    assert (found["reason"], found["field"]) == ({"sv": "Fel kod.", "en": "Wrong code."}, "diagnoser[0].kod")
    assert found["actions"] == ["retry", "remap", "edit", "discard"]


async def test_the_oldest_of_a_group_is_one_that_still_waits(world: World) -> None:
    for number in range(2):
        await world.report(f"e{number}")
        await end(world, WRONG_CODE)
        world.advance(60)
    await world.cancel("e0", 2)
    found = await group(world)
    second = await world.lane("e1")
    assert (found["lanes"], found["lane"], found["since"]) == (1, second["id"], second["since"])


async def test_causes_states_and_what_can_be_done_are_told_apart_the_largest_group_first(
    world: World,
) -> None:
    await world.report("unknown")
    await end(world, Outcome(kind=OutcomeClass.UNKNOWN, cause="read-timeout"))
    await world.submit(message("held", held="rule:X"))
    for number in range(2):
        await world.report(f"e{number}")
    await end(world, WRONG_CODE)
    found = [
        (one["state"], one["cause"], one["lanes"], one["actions"])
        for one in await world.ledger.dead_letters()
    ]
    assert found[0][:3] == ("parked", "gvr:KOD", 2)
    assert sorted(found[1:]) == [
        ("held", "rule:X", 1, ["remap", "edit", "discard"]),
        ("unknown", "read-timeout", 1, ["retry", "settle", "edit", "discard"]),
    ]


async def test_a_lane_that_looks_for_its_outcome_by_itself_waits_for_nobody(world: World) -> None:
    world.abilities = with_abilities(can_look_up=True)
    await world.report("e1")
    (work,) = await world.claim()
    await world.ledger.settle(work, Outcome(kind=OutcomeClass.UNKNOWN, cause="read-timeout"), 60.0)
    assert (await world.lane())["state"] == "unknown"
    assert await world.ledger.dead_letters() == []


async def test_a_held_lane_is_not_said_to_be_what_the_register_once_said(world: World) -> None:
    await world.report("e1")
    await end(world, WRONG_CODE)
    await world.submit(message("e1", 2, held="rule:X"))
    found = await group(world)
    assert (found["state"], found["cause"], found["reason"]) == ("held", "rule:X", None)


async def test_a_paused_register_is_no_dead_letter(world: World) -> None:
    await world.ledger.pause("gvr", "moving house")
    assert await world.ledger.dead_letters() == []


@pytest.mark.parametrize("cause", ["gvr:KOD", ""])
async def test_the_oldest_of_a_group_is_found_by_an_index(world: World, cause: str) -> None:
    statement, values = oldest("gvr", "held", cause)

    def plan(db: Any) -> str:
        if world.ledger.shared:
            db.execute("SET LOCAL enable_seqscan = off")
            return repr(db.execute(f"EXPLAIN {statement}", values).fetchall())
        return repr(db.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall())

    found = await world.ledger.write(lambda tx: plan(tx.db))
    assert "lanes_stuck" in found
    assert "Sort" not in found
    assert "TEMP B-TREE" not in found
