"""Whatever comes after the cut-over: a contact that the register holds is never created there again."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.ledger.cutover import Cutover
from adapter.ledger.model import Listing
from tests.support.checker import check_ledger
from tests.support.register import FakeRegister
from tests.support.world import World, message

BEFORE = st.lists(st.sampled_from(["shadow", "held", "waiting", "shadow-cancel"]), max_size=3)
AFTER = st.lists(
    st.sampled_from(
        ["report", "report", "held", "cancel", "shadow", "release", "load", "fault", "hour", "work"]
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=BEFORE, after=AFTER, listed_body=st.booleans())
def test_a_listed_contact_is_never_created_a_second_time(
    before: list[str], after: list[str], listed_body: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live(Path(folder), before, after, listed_body))


async def live(folder: Path, before: list[str], after: list[str], listed_body: bool) -> None:
    """Store what `before` says, cut over, let `after` happen, and work until nothing moves."""
    register = FakeRegister(naive=True)
    world = World(folder, register=register)
    register.holds["e1"] = {"id": "e1", "n": 0, "patient": "p", "unit": "u1"}
    n = 0
    for step in before:
        n += 1
        await happen(world, step, n)
    listing = Listing(
        sender="s",
        identifier="enc-e1",
        register="gvr",
        event_id="e1",
        reported=message("e1", 0) if listed_body else None,
    )
    cutover = Cutover(world.ledger)
    await cutover.load([listing], "anna")
    for step in after:
        n += 1
        if step == "load":
            await cutover.load([listing], "anna")
        elif step == "release":
            await cutover.release("gvr", 0.0, "anna")
        else:
            await happen(world, step, n)
    await world.run()
    assert register.created_twice == 0
    await check_ledger(world)
    await world.close()


async def happen(world: World, step: str, n: int) -> None:
    """One thing that a sender, a register or time does."""
    match step:
        case "report" | "waiting":
            await world.report(n=n)
        case "held":
            await world.report(n=n, held="rule:X")
        case "shadow":
            await world.report(n=n, shadow=True)
        case "cancel":
            await world.cancel(n=n)
        case "shadow-cancel":
            await world.cancel(n=n, shadow=True)
        case "fault":
            world.register.faults.append(400)
        case "hour":
            world.advance(3600)
        case "work":
            await world.run()
