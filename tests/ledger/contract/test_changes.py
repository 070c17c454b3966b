"""What senders are told of comes in order, can be read on from anywhere, and is theirs alone."""

from typing import Any

import pytest

from adapter.ledger.model import Fate
from adapter.ledger.sql.changes import BEGINNING, OPERATORS, Changes, place, sender
from tests.support.following import SYSTEM, submit
from tests.support.world import World


async def told(
    world: World,
    audience: str = "sender:s",
    after: str = BEGINNING,
    limit: int = 1000,
    upto: str | None = None,
) -> list[dict[str, Any]]:
    return await world.ledger.read(lambda db: Changes(db).after(audience, after, limit, upto))


def states(changes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(change["event_id"], change["state"]) for change in changes]


async def test_a_sender_is_told_of_every_state_that_lasts_in_the_order_of_time(world: World) -> None:
    world.register.faults.extend([400, None])
    await submit(world.ledger, "e1")
    await world.run()
    await submit(world.ledger, "e1", 2)
    await world.run()
    found = await told(world)
    assert states(found) == [("e1", "parked"), ("e1", "superseded"), ("e1", "accepted")]
    assert [change["cause"] for change in found] == ["http-400", "http-400", None]
    assert {change["identifier"] for change in found} == {f"{SYSTEM}|e1"}


async def test_a_sender_is_told_of_what_is_not_reported_and_why(world: World) -> None:
    await submit(world.ledger, silent=True, fates=(Fate("gvr", "not-reported", "GVR-X"),))
    (change,) = await told(world)
    assert (change["state"], change["cause"], change["register"]) == ("not-reported", "GVR-X", "gvr")


async def test_another_sender_sees_nothing_of_it(world: World) -> None:
    await submit(world.ledger, "e1", held="rule:R", sender="a")
    await submit(world.ledger, "e2", held="rule:R", sender="b")
    assert states(await told(world, sender("a"))) == [("e1", "held")]
    assert states(await told(world, sender("b"))) == [("e2", "held")]
    assert await told(world, sender("c")) == []


async def test_pages_follow_each_other_without_a_gap_or_a_double(world: World) -> None:
    for n in range(25):
        await submit(world.ledger, f"e{n}", held="rule:R")
    whole, read, cursor = await told(world), [], BEGINNING
    while page := await told(world, after=cursor, limit=7):
        read += page
        cursor = page[-1]["cursor"]
    assert read == whole
    assert len(whole) == 25


async def test_reading_goes_on_where_it_was_left_after_a_restart(world: World) -> None:
    await submit(world.ledger, "e1", held="rule:R")
    cursor = (await told(world))[-1]["cursor"]
    await world.reopen()
    await submit(world.ledger, "e2", held="rule:R")
    assert states(await told(world, after=cursor)) == [("e2", "held")]


async def test_an_end_can_be_set(world: World) -> None:
    for n in range(5):
        await submit(world.ledger, f"e{n}", held="rule:R")
    whole = await told(world)
    found = await told(world, after=whole[0]["cursor"], upto=whole[2]["cursor"])
    assert found == whole[1:3]


async def test_the_last_cursor_is_that_of_the_newest_change(world: World) -> None:
    assert await world.ledger.read(lambda db: Changes(db).last(OPERATORS)) == BEGINNING
    await submit(world.ledger, "e1", held="rule:R")
    await submit(world.ledger, "e2", held="rule:R")
    newest = (await told(world))[-1]["cursor"]
    assert await world.ledger.read(lambda db: Changes(db).last("sender:s")) == newest


@pytest.mark.parametrize(
    "cursor", ["", "x", "1", "1-", "-1-2", "1-2-3", "1 - 2", "1-2\n", "١-٢", "9" * 19 + "-1", "0x1-1"]
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        place(cursor)
