"""Visits that follow on earlier contacts, as every store keeps them."""

import hashlib

import pytest
from msgspec.structs import replace

from adapter.errors import NotPossible, StaleEvent
from adapter.ledger import envelope
from adapter.ledger.keys import make_key, read_keys
from adapter.ledger.model import Committed, Meeting, NewEvent, Visit
from adapter.ledger.referring import Again, Referring
from adapter.ledger.sql.referrals import Pending
from tests.support.world import World, message, receipt

CALL = Pending("s", "enc-call")


def visit(event_id: str = "visit", staff: tuple[str, ...] = ("SE1-B",), day: str = "2025-03-03") -> Visit:
    return Visit(
        event_id=event_id, date=day, unit="SE1-U", staff=staff, physical=True, patient="191212121212"
    )


async def event(world: World, event_id: str, n: int = 1, **members: object) -> NewEvent:
    known = (await world.ledger.known([event_id])).get(event_id)
    made = world.event_of(message(event_id, n), known=known)
    return replace(made, **members)


async def commit(world: World, made: NewEvent, key: str) -> Committed:
    return await world.ledger.commit(receipt(key), [made], lambda _: b"answer")


async def a_visit(
    world: World, n: int = 1, *, follows: tuple[str, ...] = ("enc-call",), **facts: object
) -> None:
    members = {"follows": follows, "visit": visit(**facts)}  # type: ignore[arg-type]
    await commit(world, await event(world, "visit", n, **members), f"v{n}")


async def known_visits(world: World) -> list[str]:
    found = await world.ledger.visits("s", ["enc-call", "enc-other"])
    return [one.event_id for one in found.get("enc-call", ())]


async def test_a_visit_is_known_to_the_contact_that_it_names_whichever_came_first(world: World) -> None:
    await a_visit(world)
    assert await world.ledger.visits("s", ["enc-call"]) == {"enc-call": (visit(),)}
    assert await world.ledger.visits("another", ["enc-call"]) == {}
    assert await Referring(world.ledger).pending(10) == [CALL]


async def test_a_correction_that_does_not_repeat_the_link_does_not_undo_it(world: World) -> None:
    await a_visit(world)
    await a_visit(world, 2, follows=())
    assert await known_visits(world) == ["visit"]


async def test_a_visit_that_names_another_contact_leaves_the_first(world: World) -> None:
    await a_visit(world)
    await a_visit(world, 2, follows=("enc-other",))
    assert await known_visits(world) == []
    assert [one.contact for one in await Referring(world.ledger).pending(10)] == ["enc-call", "enc-other"]


async def test_cancelling_the_visit_undoes_the_link(world: World) -> None:
    await a_visit(world)
    assert await Referring(world.ledger).settle(CALL, ("visit",), [])
    cancelled = await event(world, "visit", 2, status="cancelled", visit=visit())
    await commit(world, cancelled, "v2")
    assert await known_visits(world) == []
    assert await Referring(world.ledger).pending(10) == [CALL]


async def test_a_pending_visit_has_not_taken_place(world: World) -> None:
    planned = await event(world, "visit", status="pending", follows=("enc-call",), visit=visit())
    await commit(world, planned, "v1")
    assert await known_visits(world) == []


async def test_what_a_correction_changes_of_the_visit_is_known_and_looked_at_again(world: World) -> None:
    await a_visit(world)
    await Referring(world.ledger).settle(CALL, ("visit",), [])
    await a_visit(world, 2, follows=(), day="2025-03-04")
    assert (await world.ledger.visits("s", ["enc-call"]))["enc-call"][0].date == "2025-03-04"
    assert await Referring(world.ledger).pending(10) == [CALL]


async def test_an_older_version_of_the_visit_changes_nothing(world: World) -> None:
    newest = await event(world, "visit", version="2", follows=("enc-call",), visit=visit())
    await commit(world, newest, "v2")
    older = await event(world, "visit", 2, version="1", status="cancelled")
    await commit(world, older, "v1")
    assert await known_visits(world) == ["visit"]


async def test_a_contact_translated_without_its_visit_is_stale(world: World) -> None:
    await a_visit(world)
    with pytest.raises(StaleEvent):
        await commit(world, await event(world, "call"), "c1")
    await commit(world, await event(world, "call", followed_by=("visit",)), "c1")


async def test_a_contact_is_settled_with_the_visits_that_stand_and_no_others(world: World) -> None:
    await a_visit(world)
    referring = Referring(world.ledger)
    assert not await referring.settle(CALL, (), [])
    assert await referring.pending(10) == [CALL]
    assert await referring.settle(CALL, ("visit",), [])
    assert await referring.pending(10) == []


async def test_a_contact_that_became_triage_is_withdrawn_from_the_register(world: World) -> None:
    await world.report("call")
    await world.run()
    await a_visit(world)
    untold = await event(world, "call", followed_by=("visit",), messages=(), decides=("gvr",), remade=True)
    untold = replace(untold, content="triage")
    done = await Referring(world.ledger).settle(
        CALL, ("visit",), [Again(receipt=receipt(None), event=untold)]
    )
    await world.run()
    assert done
    assert ("DELETE", 1) in world.operations()


async def test_reading_an_edited_contact_again_keeps_the_edit(world: World) -> None:
    await world.report("call")
    await a_visit(world)
    again = await event(world, "call", 2, followed_by=("visit",), remade=True)
    await Referring(world.ledger).settle(CALL, ("visit",), [Again(receipt=receipt(None), event=again)])
    shown = await world.ledger.event("call")
    assert shown is not None
    assert shown["revision"] == 2
    lane = await world.lane("call")
    assert all(one["flag"] is None for one in lane["messages"])


# What nothing links


async def met(world: World, event_id: str, role: str, n: int = 1, **given: object) -> None:
    """An event with a meeting of patient p at unit u on one day."""
    day, staff = given.pop("day", "p u 2025-03-03"), given.pop("staff", (f"SE1-{role}",))
    members = {
        "meeting": Meeting(str(day), role),  # type: ignore[arg-type]
        "visit": visit(event_id, staff),  # type: ignore[arg-type]
        **given,
    }
    await commit(world, await event(world, event_id, n, **members), f"{event_id}{n}")


async def suggested(world: World, state: str = "open") -> list[tuple[str, str]]:
    while await Referring(world.ledger).pair_up(2):
        pass
    found = await Referring(world.ledger).suggestions(state)
    return [(one["contact"], one["visit"]) for one in found]


@pytest.mark.parametrize("order", [("contact", "visit"), ("visit", "contact")])
async def test_a_call_and_a_visit_of_one_patient_unit_and_day_are_suggested(
    world: World, order: tuple[str, str]
) -> None:
    for role in order:
        await met(world, f"the-{role}", role)
    assert await suggested(world) == [("the-contact", "the-visit")]


@pytest.mark.parametrize(
    "other",
    [
        {"day": "p u 2025-03-04"},
        {"day": "p v 2025-03-03"},
        {"staff": ("SE1-contact",)},
        {"staff": ()},
        {"status": "pending"},
    ],
)
async def test_nothing_else_is_suggested(world: World, other: dict[str, object]) -> None:
    await met(world, "call", "contact")
    await met(world, "visit", "visit", **other)
    await met(world, "call-2", "contact")
    assert await suggested(world) == []


async def test_what_is_linked_already_is_not_suggested(world: World) -> None:
    await met(world, "call", "contact")
    await met(world, "visit", "visit", follows=("enc-call",))
    assert await suggested(world) == []


async def test_a_suggestion_that_is_followed_links_the_visit(world: World) -> None:
    await met(world, "call", "contact")
    await met(world, "visit", "visit")
    await suggested(world)
    assert await Referring(world.ledger).link("call", "visit", "anna", "she says so")
    assert await known_visits(world) == ["visit"]
    assert await Referring(world.ledger).pending(10) == [CALL]
    assert (await suggested(world), await suggested(world, "linked")) == ([], [("call", "visit")])
    with pytest.raises(NotPossible):
        await Referring(world.ledger).dismiss("call", "visit", "anna", "after all")


async def test_what_was_dismissed_is_not_suggested_again(world: World) -> None:
    await met(world, "call", "contact")
    await met(world, "visit", "visit")
    await suggested(world)
    assert await Referring(world.ledger).dismiss("call", "visit", "anna", "another matter")
    await met(world, "visit", "visit", 2)
    assert (await suggested(world), await known_visits(world)) == ([], [])


async def test_a_suggestion_ends_with_the_visit(world: World) -> None:
    await met(world, "call", "contact")
    await met(world, "visit", "visit")
    assert await suggested(world) == [("call", "visit")]
    await commit(world, await event(world, "visit", 2, status="cancelled"), "v2")
    assert (await suggested(world), await suggested(world, "closed")) == ([], [("call", "visit")])
    assert not await Referring(world.ledger).link("call", "no-such-visit", "anna", "she says so")


async def test_no_patient_can_be_found_by_what_is_stored_of_a_meeting(world: World) -> None:
    envelope.use(read_keys(make_key()))
    await met(world, "call", "contact", day="191212121212 u 2025-03-03")
    await a_visit(world)
    rows = [
        await world.ledger.read(lambda db, t=table: db.execute(f"SELECT * FROM {t}").fetchall())  # type: ignore[misc]
        for table in ("events", "referrals")
    ]
    assert [len(found) for found in rows] == [2, 1]
    assert "1912" not in repr(rows)
    plain = hashlib.blake2b(b"191212121212 u 2025-03-03", digest_size=16).hexdigest()
    assert plain not in repr(rows)
