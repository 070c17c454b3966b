"""Edits as a store keeps and decides them, on every store."""

import asyncio

import pytest
from msgspec.structs import replace

from adapter.errors import EditConflict, LedgerError, NotPossible
from adapter.ledger.editing import Editing, NewEdit, Version
from adapter.ledger.model import Edit
from adapter.ledger.sql.edits import StoredEdit
from tests.support.world import World, message, receipt


def new_edit(actor: str = "anna", based_on: int = 1) -> NewEdit:
    return NewEdit(
        event_id="e1",
        edit=Edit(based_on=based_on, actor=actor, reason="wrong code"),
        bundle=b'{"edited": true}',
        difference=b'[{"op": "add", "path": "/edited"}]',
        paths=("/edited",),
    )


async def version(world: World, n: int = 2, based_on: int = 1) -> Version:
    known = (await world.ledger.known(["e1"]))["e1"]
    event = world.event_of(
        message("e1", n), known=known, edit=Edit(based_on=based_on, actor="anna", reason="wrong code")
    )
    return Version(receipt=receipt(None), event=replace(event, expected_revision=based_on))


async def proposed(world: World) -> StoredEdit:
    await world.report("e1")
    return await Editing(world.ledger).propose(new_edit())


async def test_an_edit_is_committed_with_its_version(world: World) -> None:
    await world.report("e1")
    editing = Editing(world.ledger)
    stored, committed = await editing.apply(new_edit(), await version(world))
    assert (stored.state, stored.decided_by, stored.receipt_id) == ("applied", "anna", committed.receipt_id)
    assert await editing.one(stored.id) == stored
    assert await editing.bundle(stored.id) == b'{"edited": true}'
    assert (await world.lane())["states"] == ["superseded", "waiting"]
    event = await world.ledger.event("e1")
    assert event is not None
    assert (event["edited"], event["revision"]) == (True, 2)


async def test_an_edit_whose_version_is_overtaken_leaves_nothing(world: World) -> None:
    await world.report("e1")
    late = await version(world)
    await world.report("e1", n=3)
    editing = Editing(world.ledger)
    with pytest.raises(EditConflict):
        await editing.apply(new_edit(), late)
    with pytest.raises(EditConflict):
        await editing.propose(new_edit())
    assert await editing.of_event("e1") == []
    assert (await world.lane())["states"] == ["superseded", "waiting"]


async def test_of_edits_at_the_same_moment_one_wins(world: World) -> None:
    await world.report("e1")
    editing = Editing(world.ledger)
    versions = [await version(world, n) for n in range(2, 8)]
    done = await asyncio.gather(*(editing.apply(new_edit(), one) for one in versions), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["EditConflict"] * 5 + ["tuple"]
    assert len(await editing.of_event("e1")) == 1


async def test_a_proposed_edit_waits_without_touching_the_lane(world: World) -> None:
    edit = await proposed(world)
    editing = Editing(world.ledger)
    assert await editing.proposed() == [edit]
    assert await editing.proposed(after=edit.id) == []
    assert (await world.lane())["states"] == ["waiting"]


async def test_approval_at_the_same_moment_commits_once(world: World) -> None:
    edit = await proposed(world)
    editing = Editing(world.ledger)
    one = await version(world)
    done = await asyncio.gather(
        *(editing.approve(edit.id, f"bo{number}", one) for number in range(4)), return_exceptions=True
    )
    assert sum(isinstance(each, LedgerError) for each in done) == 3
    assert (await world.lane())["states"] == ["superseded", "waiting"]
    assert await editing.proposed() == []


async def test_an_approval_that_comes_too_late_leaves_the_edit_proposed(world: World) -> None:
    edit = await proposed(world)
    late = await version(world)
    await world.report("e1", n=3)
    editing = Editing(world.ledger)
    with pytest.raises(EditConflict):
        await editing.approve(edit.id, "bo", late)
    assert await editing.one(edit.id) == edit


async def test_a_refused_edit_is_decided_for_good(world: World) -> None:
    edit = await proposed(world)
    editing = Editing(world.ledger)
    refused = await editing.refuse(edit.id, "bo", "the code was right")
    assert (refused.state, refused.decided_by, refused.decided_why) == ("refused", "bo", "the code was right")
    with pytest.raises(NotPossible):
        await editing.approve(edit.id, "cia", await version(world))
    with pytest.raises(NotPossible):
        await editing.refuse(99, "bo", "not there")


async def test_an_edit_wakes_the_register_that_it_goes_to(world: World) -> None:
    await world.report("e1")
    woken: list[frozenset[str]] = []
    world.ledger.on_messages(woken.append)
    await Editing(world.ledger).apply(new_edit(), await version(world))
    assert woken == [frozenset({"gvr"})]


async def test_the_lanes_of_an_event_are_found_with_their_newest_report(world: World) -> None:
    await world.report("e1")
    await world.run()
    await world.report("e1", n=2)
    await world.submit(message("e1", 3, held="rule:X"))
    (lane,) = await Editing(world.ledger).in_lanes("e1", [("gvr", "vardkontakt", "e1"), ("gvr", "x", "new")])
    assert (lane.slot, lane.state, lane.intent) == (("gvr", "vardkontakt", "e1"), "held", "report")
    assert b'"n":2' in lane.body
    assert lane.accepted == message("e1").content
