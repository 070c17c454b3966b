"""Contacts that another system has reported: nothing of them is sent a second time, what comes later is."""

from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from adapter.errors import NotPossible
from adapter.ledger.cutover import Cutover, Effect
from adapter.ledger.model import Listing
from adapter.ledger.protocol import LaneFilter
from adapter.ledger.remapping import Remapping, remap
from adapter.ledger.reported import INCOMPLETE
from tests.support.checker import check_ledger
from tests.support.world import World, message, receipt


def listing(event_id: str = "e1", **members: Any) -> Listing:
    """A contact of the world's sender."""
    return replace(
        Listing(sender="s", identifier=f"enc-{event_id}", register="gvr", event_id=event_id), **members
    )


async def load(world: World, *listings: Listing, rehearse: bool = False) -> list[Effect]:
    loaded = await Cutover(world.ledger).load(listings or [listing()], "anna", rehearse=rehearse)
    return [loaded.effects[one.identifier] for one in listings or [listing()]]


def held_there(world: World, n: int = 1, event_id: str = "e1", **members: Any) -> None:
    """Let the register hold what another system has reported."""
    world.register.holds[members.get("id", event_id)] = {
        "id": event_id, "n": n, "patient": "p", "unit": "u1", **members,
    }  # fmt: skip


async def states(world: World, slot: str = "e1") -> list[str]:
    found: list[str] = (await world.lane(slot))["states"]
    return found


# What is stored already


async def test_a_shadow_message_becomes_accepted_and_nothing_is_sent(world: World) -> None:
    await world.report(n=1, shadow=True)
    assert await load(world) == [Effect.ACCEPTED]
    await world.run()
    lane = await world.lane()
    assert (lane["state"], lane["states"]) == ("idle", ["accepted"])
    assert lane["messages"][0]["flag"] == "cut-over"
    assert world.register.requests == []
    await check_ledger(world)


async def test_a_later_correction_goes_as_update_and_a_cancel_as_cancel_of_it(world: World) -> None:
    held_there(world)
    await world.report(n=1, shadow=True)
    await load(world)
    await world.report(n=2)
    await world.run()
    await world.cancel(n=3)
    await world.run()
    assert world.operations() == [("PUT", 2), ("DELETE", 2)]


async def test_a_cancel_is_made_from_the_message_that_counts_as_accepted(world: World) -> None:
    held_there(world)
    await world.report(n=1, shadow=True)
    await load(world)
    await world.cancel(n=2)
    await world.run()
    assert world.operations() == [("DELETE", 1)]


async def test_the_newest_of_several_shadow_messages_counts(world: World) -> None:
    held_there(world, n=2)
    await world.report(n=1, shadow=True)
    await world.report(n=2, shadow=True)
    await load(world)
    assert await states(world) == ["shadow", "accepted"]
    await world.cancel(n=3)
    await world.run()
    assert world.operations() == [("DELETE", 2)]


async def test_a_message_that_waits_and_was_never_tried_is_not_sent(world: World) -> None:
    await world.report(n=1)
    assert await load(world) == [Effect.ACCEPTED]
    await world.run()
    assert world.register.requests == []


async def test_a_lane_that_the_register_was_asked_for_is_left_alone(world: World) -> None:
    world.register.faults.append("timeout-before")
    await world.report(n=1)
    await world.run()
    before = await world.lane()
    assert await load(world) == [Effect.UNDER_WAY]
    after = await world.lane()
    assert (after["state"], after["states"]) == (before["state"], before["states"])
    await world.report("e2")
    await world.run()
    assert await load(world, listing("e2")) == [Effect.ALREADY]


async def test_loading_again_changes_nothing(world: World) -> None:
    await world.report(n=1, shadow=True)
    assert await load(world, listing(), listing("e2")) == [Effect.ACCEPTED, Effect.LISTED]
    first = await world.lane()
    assert await load(world, listing(), listing("e2")) == [Effect.ALREADY, Effect.LISTED]
    assert (await world.lane())["messages"] == first["messages"]
    assert await Cutover(world.ledger).counts() == [
        {"sender": "s", "register": "gvr", "listed": 2, "used": 1}
    ]


async def test_a_rehearsal_says_what_would_happen_and_does_not_do_it(world: World) -> None:
    await world.report(n=1, shadow=True)
    assert await load(world, listing(), listing("e2"), rehearse=True) == [Effect.ACCEPTED, Effect.LISTED]
    assert await states(world) == ["shadow"]
    assert await Cutover(world.ledger).counts() == []
    await world.report("e2")
    assert [work.attempt.operation for work in await world.run()] == ["create"]
    await check_ledger(world)


async def test_the_trail_says_who_loaded_how_many(world: World) -> None:
    await world.report(n=1, shadow=True)
    await load(world, listing(), listing("e2"))
    kinds = {fact["kind"]: fact["detail"] for fact in (await world.lane())["causes"]}
    assert kinds["cut-over"]["actor"] == "anna"
    assert (await world.ledger.audit_verify()).broken_at is None


async def test_what_the_list_says_otherwise_is_told_and_any_later_version_is_sent(world: World) -> None:
    held_there(world, n=7)
    await world.report(n=1, shadow=True)
    theirs = message("e1", 7)
    loaded = await Cutover(world.ledger).load([listing(reported=theirs)], "anna")
    assert loaded.differs == ("enc-e1",)
    await world.report(n=2)
    await world.run()
    assert world.operations() == [("PUT", 2)]


# What comes later


async def test_the_first_message_of_a_listed_contact_counts_as_accepted(world: World) -> None:
    held_there(world)
    assert await load(world) == [Effect.LISTED]
    await world.report(n=1)
    await world.run()
    assert world.register.requests == []
    await world.report(n=2)
    await world.run()
    assert world.operations() == [("PUT", 2)]
    assert await states(world) == ["accepted", "accepted"]


async def test_a_contact_that_is_not_listed_is_sent_as_ever(world: World) -> None:
    await load(world, listing("e2"))
    await world.report("e1")
    await world.run()
    assert world.operations() == [("POST", 1)]


async def test_the_list_of_one_sender_or_register_is_not_anothers(world: World) -> None:
    await load(world, listing(sender="other"), listing(register="pasis"))
    await world.report(n=1)
    await world.run()
    assert world.operations() == [("POST", 1)]


async def test_all_members_of_a_listed_group_count_as_accepted(world: World) -> None:
    shared = Listing(sender="s", identifier="group", register="gvr")
    await Cutover(world.ledger).load([shared], "anna")
    members = [
        replace(world.event_of(message(slot), known=None), identifier="group") for slot in ("m1", "m2")
    ]
    await world.ledger.commit(receipt("k"), members, lambda _: b"answer")
    await world.run()
    assert world.register.requests == []
    assert [await states(world, slot) for slot in ("m1", "m2")] == [["accepted"], ["accepted"]]


async def test_a_message_that_cannot_be_made_leaves_the_row_to_the_next_one(world: World) -> None:
    held_there(world)
    await load(world)
    await world.report(n=1, held="rule:X")
    assert await states(world) == ["held"]
    await world.report(n=2)
    await world.run()
    assert await states(world) == ["superseded", "accepted"]
    assert world.register.requests == []


async def test_a_held_message_that_is_remapped_counts_as_accepted(world: World) -> None:
    await load(world)
    await world.report(n=1, held="rule:X")
    lane = await world.lane()
    known = (await world.ledger.known(["e1"]))["e1"]
    event = replace(world.event_of(message("e1", 1), known=known), expected_revision=known.revision)
    asked = Remapping(
        lane_id=lane["id"], message_id=lane["messages"][0]["id"], event=event, receipt_id=known.receipt_id
    )
    await world.ledger.write(lambda tx: remap(tx, asked, "anna", "table loaded"))
    await world.run()
    assert await states(world) == ["accepted"]
    assert world.register.requests == []
    await check_ledger(world)


async def test_in_shadow_mode_too_the_first_message_counts_as_accepted(world: World) -> None:
    held_there(world)
    await load(world)
    await world.report(n=1, shadow=True)
    await world.report(n=2, shadow=True)
    assert await states(world) == ["accepted", "shadow"]
    assert (await Cutover(world.ledger).release("gvr", 0.0, "anna")).released == 1
    await world.run()
    assert world.operations() == [("PUT", 2)]


async def test_a_cancel_that_comes_first_is_sent_as_it_names_the_contact(world: World) -> None:
    held_there(world)
    await load(world)
    await world.cancel(n=1)
    await world.run()
    assert world.operations() == [("DELETE", 1)]
    assert (await world.lane())["state"] == "idle"


async def test_a_cancel_that_names_nothing_is_held_with_its_rule(world: World) -> None:
    await load(world)
    await world.submit(replace(message("e1", intent="cancel"), body=b"{}"))
    await world.run()
    lane = await world.lane()
    assert (lane["state"], lane["cause"]) == ("held", f"rule:{INCOMPLETE}")
    assert world.register.requests == []


async def test_a_held_cancel_that_names_nothing_is_not_remapped_into_nothing(world: World) -> None:
    await load(world)
    await world.submit(replace(message("e1", intent="cancel"), body=b"{}"))
    lane = await world.lane()
    known = (await world.ledger.known(["e1"]))["e1"]
    event = replace(world.event_of(message("e1", intent="cancel"), known=known))
    asked = Remapping(
        lane_id=lane["id"], message_id=lane["messages"][0]["id"], event=event, receipt_id=known.receipt_id
    )
    with pytest.raises(NotPossible):
        await world.ledger.write(lambda tx: remap(tx, asked, "anna", "again"))
    held_there(world)
    await world.cancel(n=1)
    await world.run()
    assert world.operations() == [("DELETE", 1)]


async def test_a_cancel_is_made_from_what_the_list_gives(world: World) -> None:
    held_there(world, n=5)
    await load(world, listing(reported=message("e1", 5)))
    await world.submit(replace(message("e1", intent="cancel"), body=b"{}"))
    await world.run()
    assert world.operations() == [("DELETE", 5)]
    assert await states(world) == ["accepted", "accepted"]


async def test_what_differs_from_what_the_list_gives_is_sent_as_update(world: World) -> None:
    held_there(world, n=5)
    await load(world, listing(reported=message("e1", 5)))
    await world.report(n=6)
    await world.run()
    assert world.operations() == [("PUT", 6)]


async def test_what_equals_what_the_list_gives_is_not_sent(world: World) -> None:
    await load(world, listing(reported=message("e1", 5)))
    await world.report(n=5)
    await world.run()
    assert world.register.requests == []
    assert await states(world) == ["accepted", "unchanged"]


async def test_the_register_is_told_under_the_name_that_the_other_system_gave(world: World) -> None:
    held_there(world, id="theirs-1")
    await load(world, listing(known_as='{"id":"theirs-1"}'))
    await world.report(n=1)
    await world.report(n=2)
    await world.run()
    await world.cancel(n=3)
    await world.run()
    assert world.operations() == [("PUT", 2), ("DELETE", 2)]
    assert {orjson.loads(request.body or b"{}")["id"] for request in world.register.requests} == {"theirs-1"}
    assert world.register.holds == {}


async def test_a_contact_that_was_cancelled_before_it_was_listed_is_named(world: World) -> None:
    await world.submit(event_id="e1", status="cancelled")
    assert await load(world) == [Effect.CANCELLED]
    held_there(world)
    await world.cancel(n=1)
    await world.run()
    assert world.operations() == [("DELETE", 1)]


# What is on no list


async def test_the_newest_shadow_message_of_each_lane_is_released(world: World) -> None:
    await world.report("e1", n=1, shadow=True)
    await world.report("e1", n=2, shadow=True)
    await world.report("e2", n=1, shadow=True)
    await load(world, listing("e2"))
    released = await Cutover(world.ledger).release("gvr", 0.0, "anna")
    assert (released.released, released.needless, released.busy) == (1, 0, 0)
    await world.run()
    assert world.operations() == [("POST", 2)]
    assert await states(world, "e1") == ["shadow", "accepted"]
    again = await Cutover(world.ledger).release("gvr", 0.0, "anna")
    assert again.released == 0


async def test_a_rehearsed_release_counts_and_releases_nothing(world: World) -> None:
    for number in range(3):
        await world.report(f"e{number}", shadow=True)
    assert (await Cutover(world.ledger).release("gvr", 0.0, "anna", rehearse=True)).released == 3
    assert await world.run() == []
    await check_ledger(world)


async def test_only_what_was_made_since_then_is_released(world: World) -> None:
    await world.report("e1", shadow=True)
    world.advance(3600)
    await world.report("e2", shadow=True)
    assert (await Cutover(world.ledger).release("gvr", world.clock.now - 60, "anna")).released == 1
    await world.run()
    assert [body["id"] for _, body in world.register.effects] == ["e2"]


async def test_more_than_a_chunk_is_released(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapter.ledger.cutover.CHUNK", 2)
    for number in range(5):
        await world.report(f"e{number}", shadow=True)
    assert (await Cutover(world.ledger).release("gvr", 0.0, "anna")).released == 5
    assert len((await world.ledger.lanes(LaneFilter(state="waiting")))["lanes"]) == 5


async def test_the_list_is_read_page_by_page(world: World) -> None:
    await world.report("e1", shadow=True)
    await load(world, *(listing(f"e{number}") for number in range(1, 6)))
    cutover, found, after = Cutover(world.ledger), [], ("", "", "")
    while page := await cutover.page("s", "gvr", used=False, after=after, limit=2):
        found += [row["identifier"] for row in page]
        after = (page[-1]["sender"], page[-1]["identifier"], page[-1]["register"])
    assert found == ["enc-e2", "enc-e3", "enc-e4", "enc-e5"]
