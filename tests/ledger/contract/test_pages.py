from collections.abc import Awaitable, Callable
from itertools import product
from typing import Any

from adapter.ledger.protocol import LaneFilter
from tests.support.world import World

Json = dict[str, Any]
Ask = Callable[[LaneFilter], Awaitable[Json]]


async def filled(world: World) -> float:
    """Lanes in every state at two registers, in three stretches of time. Answers when the second began."""
    world.register.faults.extend([400, 400, 403])
    for number in range(3):
        await world.report(f"p{number}")
    await world.run()
    world.advance(100)
    began = world.clock.now
    for number in range(3):
        await world.report(f"a{number}")
    await world.run()
    await world.report("h1", held="RULE-X")
    await world.report("h2", held="RULE-X", register="pasis")
    world.advance(100)
    for number in range(3):
        await world.report(f"w{number}", register="pasis")
        await world.report(f"w{number}", n=2, register="pasis")
    await world.report("w9")
    return began


async def paged(ask: Ask, name: str, limit: int, **chosen: Any) -> tuple[list[int], list[Json]]:
    """Everything, read in pages of `limit`."""
    found: list[Json] = []
    after = 0
    while True:
        page = await ask(LaneFilter(limit=limit, after=after, **chosen))
        found += page[name]
        if page["next"] is None:
            return [one["id"] for one in found], found
        after = page["next"]


async def check_all_choices(ask: Ask, name: str, time: str, began: float, states: tuple[str, ...]) -> None:
    """Compare the pages of each choice with what a plain filter leaves of everything."""
    _, everything = await paged(ask, name, 1000)
    assert {one["state"] for one in everything} == set(states)
    choices = product((None, *states, "leased"), (None, "gvr", "pasis"), (None, "http-400", "RULE-X"))
    for (state, register, cause), since in product(choices, (None, began)):
        chosen = {"state": state, "register": register, "cause": cause}
        expected = [
            one["id"]
            for one in everything
            if all(value in (None, one[name]) for name, value in chosen.items())
            and (since is None or one[time] >= since)
        ]
        found, _ = await paged(ask, name, 4, since=since, **chosen)
        assert found == expected, (chosen, since)


async def test_each_choice_of_lanes_gives_those_and_no_others(world: World) -> None:
    began = await filled(world)
    states = ("idle", "parked", "held", "waiting")
    await check_all_choices(world.ledger.lanes, "lanes", "since", began, states)


async def test_each_choice_of_messages_gives_those_and_no_others(world: World) -> None:
    began = await filled(world)
    states = ("accepted", "superseded", "parked", "held", "waiting")
    await check_all_choices(world.ledger.messages, "messages", "created_at", began, states)


async def test_messages_come_in_the_order_in_which_they_came(world: World) -> None:
    await filled(world)
    _, everything = await paged(world.ledger.messages, "messages", 2)
    assert [one["created_at"] for one in everything] == sorted(one["created_at"] for one in everything)


async def test_a_slot_is_found_with_all_its_messages(world: World) -> None:
    began = await filled(world)
    _, lanes = await paged(world.ledger.lanes, "lanes", 1, lane="w1")
    _, messages = await paged(world.ledger.messages, "messages", 1, lane="w1")
    assert [lane["slot"] for lane in lanes] == ["w1"]
    assert [(one["slot"], one["register"], one["state"]) for one in messages] == [
        ("w1", "pasis", "superseded"),
        ("w1", "pasis", "waiting"),
    ]
    for other in ({"state": "parked"}, {"register": "gvr"}, {"cause": "http-400"}, {"since": began + 1e6}):
        assert await paged(world.ledger.lanes, "lanes", 1, lane="w1", **other) == ([], [])
        assert await paged(world.ledger.messages, "messages", 1, lane="w1", **other) == ([], [])


async def test_a_page_after_a_number_that_no_message_has_goes_on_from_there(world: World) -> None:
    await filled(world)
    everything, _ = await paged(world.ledger.messages, "messages", 1000)
    after_all = await world.ledger.messages(LaneFilter(after=2**62))
    assert after_all == {"messages": [], "next": None}
    assert everything
