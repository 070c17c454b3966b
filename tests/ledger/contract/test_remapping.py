"""Remap in the ledger: what the lane, the event and the other lanes are afterwards, on each store."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import orjson
import pytest
from msgspec.structs import replace

from adapter.delivery.framing import request_of
from adapter.errors import NotPossible, StaleEvent
from adapter.ledger.model import Fate, LaneState, NewMessage
from adapter.ledger.protocol import Work
from adapter.ledger.remapping import Remapping, remap
from adapter.registers.protocol import Answer
from tests.support.stores import STORES, store
from tests.support.world import LEASE, World, message, with_abilities


async def remade(
    world: World,
    *messages: NewMessage,
    event_id: str = "e1",
    slot: str | None = None,
    nth: int = -1,
    decides: tuple[str, ...] = ("gvr",),
    fates: tuple[Fate, ...] = (),
) -> LaneState:
    """Remap the newest message of a slot; `messages` are what the translation says of the event today."""
    lane = await world.lane(slot or event_id)
    known = (await world.ledger.known([event_id]))[event_id]
    event = replace(world.event_of(*messages, known=known, event_id=event_id, decides=decides), fates=fates)
    asked = Remapping(
        lane_id=lane["id"], message_id=lane["messages"][nth]["id"], event=event, receipt_id=known.receipt_id
    )
    return await world.ledger.write(partial(remap, asked=asked, actor="anna", reason="table mended"))


async def test_a_held_message_waits_with_its_own_number_in_its_own_place(world: World) -> None:
    await world.submit(message("e1", held="rule:X"))
    before = (await world.lane())["messages"][0]

    assert await remade(world, message("e1", 7)) == "waiting"
    await world.run()

    after = (await world.lane())["messages"][0]
    assert (after["id"], after["seq"], after["state"]) == (before["id"], 1, "accepted")
    assert world.operations() == [("POST", 7)]
    assert await world.notices() == []


async def test_a_message_that_is_held_again_waits_for_the_new_cause(world: World) -> None:
    await world.submit(message("e1", held="rule:X"))
    assert await remade(world, message("e1", held="rule:Y"), decides=()) == "held"
    assert (await world.lane())["cause"] == "rule:Y"
    assert await world.notices() == [("held", "rule:Y")]


async def test_a_parked_message_that_cannot_be_made_any_more_is_held_in_its_place(world: World) -> None:
    world.register.faults.append(400)
    await world.report()
    await world.run()
    assert await remade(world, message("e1", held="rule:X"), decides=()) == "held"
    assert await world.notices() == [("held", "rule:X")]


async def test_what_is_not_reported_any_more_is_closed_when_the_register_holds_nothing(world: World) -> None:
    await world.submit(message("e1", held="rule:X"))
    fates = (Fate("gvr", "not-reported", "KT-07"),)

    assert await remade(world, fates=fates) == "idle"
    await world.run()

    assert (await world.lane())["states"] == ["closed"]
    assert world.operations() == []
    assert await world.notices() == []
    told = await world.ledger.read(
        lambda db: db.execute("SELECT state, cause FROM changes WHERE audience = 'sender:s' ORDER BY id")
        .fetchall()
    )  # fmt: skip
    assert told[-2:] == [("closed", None), ("not-reported", "KT-07")]


async def test_what_is_not_reported_any_more_is_cancelled_at_a_register_that_has_accepted_it(
    world: World,
) -> None:
    await world.report(n=1)
    await world.run()
    world.register.faults.append(400)
    await world.report(n=2)
    await world.run()

    assert await remade(world) == "waiting"
    await world.run()

    assert world.operations() == [("POST", 1), ("DELETE", 1)]
    assert (await world.lane())["states"] == ["accepted", "accepted"]


async def test_a_rendering_that_the_register_has_accepted_already_is_not_sent(world: World) -> None:
    await world.report(n=1)
    await world.run()
    world.register.faults.append(400)
    await world.report(n=2)
    await world.run()

    assert await remade(world, message("e1", 1)) == "idle"

    assert (await world.lane())["states"] == ["accepted", "unchanged"]


async def test_the_register_gets_the_new_body_under_a_new_key_at_once(world: World) -> None:
    world.register.faults.append(400)
    await world.report(n=1)
    await world.run()

    await remade(world, message("e1", 2))
    (work,) = await world.turn()

    first, second = world.register.requests
    assert first.key != second.key
    assert (work.attempt.number, work.attempt.rendering) == (2, 1)
    assert world.operations() == [("POST", 2)]


async def test_a_lane_that_backs_off_keeps_its_due_time_and_its_tries_start_anew(world: World) -> None:
    world.register.faults.extend([503, 503])
    await world.report(n=1)
    await world.run()
    world.advance(5)
    await world.run()
    before = await world.lane()
    assert before["tries"] == 2

    await remade(world, message("e1", 2))

    after = await world.lane()
    assert (after["state"], after["due_at"], after["tries"]) == ("waiting", before["due_at"], 0)


async def test_a_message_that_is_under_way_or_in_doubt_cannot_be_remapped(world: World) -> None:
    await world.report()
    (work,) = await world.claim()
    with pytest.raises(NotPossible, match="may have reached"):
        await remade(world, message("e1", 2))
    await world.settle(work, Answer(failure="read-timeout"))
    with pytest.raises(NotPossible, match="may have reached"):
        await remade(world, message("e1", 2))
    assert (await world.lane())["messages"][0]["rendering"] == 0


async def test_behind_a_doubt_only_the_message_that_waits_is_remapped(world: World) -> None:
    world.register.faults.append("timeout-after")
    await world.report(n=1)
    await world.run()
    await world.submit(message("e1", held="rule:X"))
    assert (await world.lane())["states"] == ["unknown", "held"]

    assert await remade(world, message("e1", 2)) == "unknown"
    await world.ledger.settle_unknown((await world.lane())["id"], "accepted", "seen")
    await world.run()

    assert world.operations() == [("POST", 1), ("PUT", 2)]


async def test_behind_an_attempt_a_message_is_remapped_without_disturbing_it(world: World) -> None:
    await world.report(n=1)
    (work,) = await world.claim()
    await world.submit(message("e1", held="rule:X"))

    assert await remade(world, message("e1", 2)) == "leased"
    await world.work(work)
    await world.run()

    assert world.operations() == [("POST", 1), ("PUT", 2)]


async def test_a_message_that_has_ended_cannot_be_remapped(world: World) -> None:
    await world.report(n=1)
    await world.run()
    with pytest.raises(NotPossible, match="not open"):
        await remade(world, message("e1", 2))


async def test_a_version_that_came_since_makes_the_remap_look_again(world: World) -> None:
    await world.submit(message("e1", held="rule:X"))
    lane = await world.lane()
    known = (await world.ledger.known(["e1"]))["e1"]
    await world.submit(message("e1", held="rule:X"), version="2")
    asked = Remapping(
        lane_id=lane["id"],
        message_id=lane["messages"][0]["id"],
        event=world.event_of(message("e1", 1), known=known),
        receipt_id=known.receipt_id,
    )
    with pytest.raises(StaleEvent):
        await world.ledger.write(partial(remap, asked=asked, actor="anna", reason="table mended"))
    assert (await world.lane())["states"][-1] == "held"


async def test_the_event_is_of_one_revision_more_and_has_the_new_content(world: World) -> None:
    await world.submit(message("e1", held="rule:X"))
    await remade(world, message("e1", 1))
    await world.submit(message("e1", 1))
    assert (await world.lane())["states"] == ["waiting"]
    assert (await world.ledger.known(["e1"]))["e1"].revision == 3


async def test_a_pending_event_decides_nothing(world: World) -> None:
    await world.submit(message("e1", held="rule:X"))
    with pytest.raises(NotPossible, match="decides nothing"):
        await remade(world, decides=())
    assert (await world.lane())["states"] == ["held"]


async def test_a_held_message_of_a_register_in_shadow_mode_is_stored_and_not_sent(world: World) -> None:
    await world.submit(message("e1", held="rule:X"))
    assert await remade(world, message("e1", 1, shadow=True)) == "idle"
    assert (await world.lane())["states"] == ["shadow"]
    assert await world.claim() == []


# another slot


async def test_a_message_that_belongs_elsewhere_arrives_there_and_its_old_place_is_closed(
    world: World,
) -> None:
    await world.submit(message("e1", held="rule:X"))
    assert await remade(world, message("e1", 1, slot="staff-1"), message("e1", 1, slot="staff-2")) == "idle"
    assert (await world.lane("e1"))["states"] == ["closed"]
    await world.run()
    assert (await world.lane("staff-1"))["states"] == ["accepted"]
    assert (await world.lane("staff-2"))["state"] == "unknown", (
        "both were sent: the fake register knows one id"
    )


async def test_what_a_held_version_stood_for_reaches_the_lanes_of_the_version_before(world: World) -> None:
    await world.submit(message("e1", 1, slot="staff-1"))
    await world.run()
    await world.submit(message("e1", held="rule:X"))

    await remade(world, message("e1", 2, slot="staff-1"))
    await world.run()

    assert world.operations() == [("POST", 1), ("PUT", 2)]
    assert (await world.lane("e1"))["states"] == ["closed"]


async def test_what_a_held_version_does_not_tell_any_more_is_withdrawn(world: World) -> None:
    await world.submit(message("e1", 1, slot="staff-1"))
    await world.run()
    await world.submit(message("e1", held="rule:X"))

    await remade(world)
    await world.run()

    assert world.operations() == [("POST", 1), ("DELETE", 1)]


async def test_a_parked_message_in_the_wrong_place_leaves_other_lanes_of_its_event_alone(
    world: World,
) -> None:
    await world.submit(message("e1", 1, slot="staff-1"), message("e1", 1, slot="staff-2"))
    works = await world.claim()
    await world.work(works[0])
    await world.settle(works[1], Answer(status=400))
    parked, other = works[1].lane.slot, works[0].lane.slot

    await remade(world, message("e1", 5, slot=other), message("e1", 5, slot="staff-3"), slot=parked)

    assert (await world.lane(parked))["states"] == ["closed"]
    assert (await world.lane("staff-3"))["states"] == ["waiting"]


# what the register holds of an earlier rendering


@pytest.fixture(params=STORES)
async def asking(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A world whose register can be asked."""
    made = World(tmp_path, with_abilities(can_look_up=True), store=store(request.param, tmp_path))
    yield made
    await made.close()


async def found_absent(world: World) -> Work:
    """A version is sent and its answer does not come; a look-up, long after, finds nothing there."""
    await world.report(n=1)
    (slow,) = await world.claim()
    world.advance(LEASE + 1)
    await world.turn()
    world.advance(3)
    await world.turn()
    assert (await world.lane())["state"] == "waiting"
    return slow


async def test_a_late_answer_to_the_earlier_rendering_makes_the_new_one_an_update(asking: World) -> None:
    slow = await found_absent(asking)
    await remade(asking, message("e1", 2))

    await asking.evidence(slow, asking.register.work(request_of(slow.attempt.request)))
    await asking.run()

    assert asking.operations() == [("POST", 1), ("PUT", 2)]
    assert (await asking.lane())["states"] == ["accepted"]


async def test_a_late_answer_to_a_rendering_of_another_patient_is_cancelled_as_it_was_sent(
    asking: World,
) -> None:
    slow = await found_absent(asking)
    await remade(asking, message("e1", 2, patient="q"))

    await asking.evidence(slow, asking.register.work(request_of(slow.attempt.request)))
    await asking.run()

    assert [(method, body["patient"]) for method, body in asking.register.effects] == [
        ("POST", "p"),
        ("DELETE", "p"),
        ("POST", "q"),
    ]
    assert (await asking.lane())["states"] == ["accepted"]


async def test_of_several_renderings_it_is_the_one_that_arrived_that_is_cancelled(asking: World) -> None:
    asking.register.faults.append(400)
    await asking.report(n=1)
    await asking.run()
    await remade(asking, message("e1", 2, patient="q"))
    (slow,) = await asking.claim()
    asking.advance(LEASE + 1)
    await asking.turn()
    asking.advance(3)
    await asking.turn()
    await remade(asking, message("e1", 3, patient="r"))

    await asking.evidence(slow, asking.register.work(request_of(slow.attempt.request)))
    await asking.run()

    assert [(method, body["patient"]) for method, body in asking.register.effects] == [
        ("POST", "q"),
        ("DELETE", "q"),
        ("POST", "r"),
    ]


async def test_a_look_up_asks_for_the_rendering_that_was_sent(asking: World) -> None:
    slow = await found_absent(asking)
    await remade(asking, message("e1", 2, patient="q"))
    await asking.evidence(slow, asking.register.work(request_of(slow.attempt.request)))
    asking.register.faults.append("timeout-after")

    await asking.run()
    asking.advance(20)
    await asking.run()

    asked = [orjson.loads(one.body)["patient"] for one in asking.register.requests if one.method == "GET"]
    assert asked == ["p"] * 3
    assert (await asking.lane())["states"] == ["accepted"]


async def test_a_message_that_was_ever_in_doubt_is_unknown_when_its_tries_are_exhausted(
    asking: World,
) -> None:
    await found_absent(asking)
    await remade(asking, message("e1", 2))
    asking.register.down = 503

    await asking.settle_all()

    assert (await asking.lane())["states"] == ["unknown"]
