"""What intake may rely on, whatever the store."""

import pytest
from msgspec.structs import replace

from adapter.errors import StaleEvent
from adapter.ledger.envelope import seal
from adapter.ledger.model import Committed, NewEvent
from adapter.ledger.protocol import LaneFilter
from tests.support.world import World, message, receipt


def event(event_id: str = "e1", revision: int = 0, n: int = 1, version: str | None = None) -> NewEvent:
    return NewEvent(
        event_id=event_id,
        sender="s",
        identifier=event_id,
        version=version,
        expected_revision=revision,
        status="final",
        content=f"c{n}",
        messages=(message(event_id, n),),
    )


async def test_the_answer_is_made_in_the_commit_and_given_again(world: World) -> None:
    def answer(committed: Committed) -> bytes:
        return repr(sorted(committed.dispositions.items())).encode()

    committed = await world.ledger.commit(receipt("k"), [event()], answer)

    stored = await world.ledger.receipt("s", "k")
    assert stored is not None
    assert stored.answer == b"[('e1', 'stored')]"
    assert (stored.receipt_id, stored.status, stored.newest) == (committed.receipt_id, 200, True)


async def test_an_answer_that_fails_leaves_nothing_behind(world: World) -> None:
    def answer(_: Committed) -> bytes:
        raise ValueError("no answer")

    with pytest.raises(ValueError, match="no answer"):
        await world.ledger.commit(receipt("k"), [event()], answer)

    assert await world.ledger.receipt("s", "k") is None
    assert await world.ledger.known(["e1"]) == {}
    assert (await world.ledger.summary())["lanes"] == {}
    assert (await world.ledger.audit_verify()).broken_at is None


async def test_keys_belong_to_their_sender(world: World) -> None:
    await world.ledger.commit(receipt("k", sender="a"), [event()], lambda _: b"a")
    assert await world.ledger.receipt("b", "k") is None


async def test_the_payload_comes_back_as_it_was_sealed(world: World) -> None:
    sealed = seal(b"{}")
    await world.ledger.commit(replace(receipt("k"), payload=sealed), [event()], lambda _: b"")
    stored = await world.ledger.receipt("s", "k")
    assert stored is not None
    assert stored.payload == sealed


async def test_an_event_that_changed_since_it_was_read_is_stale(world: World) -> None:
    await world.ledger.commit(receipt("k1"), [event()], lambda _: b"")
    with pytest.raises(StaleEvent):
        await world.ledger.commit(receipt("k2"), [event(revision=0, n=2)], lambda _: b"")
    assert await world.ledger.receipt("s", "k2") is None
    known = (await world.ledger.known(["e1", "e2"]))["e1"]
    assert (known.revision, known.content) == (1, "c1")


async def test_one_stale_event_stops_the_whole_submission(world: World) -> None:
    await world.ledger.commit(receipt("k1"), [event("e1")], lambda _: b"")
    with pytest.raises(StaleEvent):
        await world.ledger.commit(receipt("k2"), [event("e2"), event("e1", n=2)], lambda _: b"")
    assert set(await world.ledger.known(["e1", "e2"])) == {"e1"}


async def test_a_key_that_was_bound_without_the_callers_knowledge_is_stale(world: World) -> None:
    await world.ledger.commit(receipt("k", "hash-1"), [event()], lambda _: b"")
    with pytest.raises(StaleEvent):
        await world.ledger.commit(receipt("k", "hash-2"), [event("e2")], lambda _: b"")


async def test_a_receipt_that_replaces_the_one_it_knows_takes_the_key_over(world: World) -> None:
    first = await world.ledger.commit(receipt("k"), [event(n=1)], lambda _: b"first")
    await world.ledger.commit(receipt("other"), [event(revision=1, n=2)], lambda _: b"")
    stored = await world.ledger.receipt("s", "k")
    assert stored is not None
    assert (stored.receipt_id, stored.newest) == (first.receipt_id, False)

    again = replace(receipt("k"), replaces=first.receipt_id)
    await world.ledger.commit(again, [event(revision=2, n=1)], lambda _: b"again")

    stored = await world.ledger.receipt("s", "k")
    assert stored is not None
    assert (stored.answer, stored.newest) == (b"again", True)


async def test_refused_submissions_bind_no_key(world: World) -> None:
    for _ in range(2):
        await world.ledger.commit(replace(receipt(None), status=400), [], lambda _: b"refused")
    assert [one["status"] for one in await world.ledger.receipts()] == [400, 400]


async def test_an_older_version_is_kept_but_never_sent(world: World) -> None:
    await world.submit(message("e1", 2), version="2025-03-02")
    committed = await world.submit(message("e1", 1), version="2025-03-01")
    assert committed.dispositions == {"e1": "superseded-on-arrival"}
    await world.run()
    assert world.operations() == [("POST", 2)]
    found = await world.ledger.event("e1")
    assert found is not None
    assert [one["disposition"] for one in found["versions"]] == ["stored", "superseded-on-arrival"]
    assert found["revision"] == 1


async def test_an_equal_or_missing_version_goes_by_the_order_of_arrival(world: World) -> None:
    await world.submit(message("e1", 1), version="2025-03-01")
    assert (await world.submit(message("e1", 2), version="2025-03-01")).dispositions == {"e1": "stored"}
    assert (await world.submit(message("e1", 3))).dispositions == {"e1": "stored"}
    later = await world.submit(message("e1", 4), version="2025-02-01")
    assert later.dispositions == {"e1": "superseded-on-arrival"}


async def test_unchanged_content_gives_no_message_and_says_so(world: World) -> None:
    await world.submit(message("e1", 1), version="1")
    await world.run()
    committed = await world.submit(message("e1", 1), version="3")
    assert committed.dispositions == {"e1": "unchanged"}
    assert (await world.lane())["states"] == ["accepted"]
    stale = await world.submit(message("e1", 2), version="2")
    assert stale.dispositions == {"e1": "superseded-on-arrival"}


async def test_unchanged_content_is_tried_again_where_it_was_rejected(world: World) -> None:
    world.register.faults.append(400)
    await world.report(n=1)
    await world.run()
    assert (await world.report(n=1)).dispositions == {"e1": "unchanged"}
    await world.run()
    assert (await world.lane())["states"] == ["superseded", "accepted"]


async def test_unchanged_content_that_can_still_not_be_made_stays_held_once(world: World) -> None:
    await world.submit(message("e1", 1, held="rule:X"))
    await world.submit(message("e1", 1, held="rule:X"))
    assert (await world.lane())["states"] == ["held"]


async def test_a_register_that_is_not_to_be_told_any_more_gets_a_cancel(world: World) -> None:
    await world.submit(message("e1", 1))
    await world.run()
    await world.submit(event_id="e1", decides=("gvr",))
    await world.run()
    assert world.operations() == [("POST", 1), ("DELETE", 1)]


async def test_a_register_that_a_version_does_not_decide_keeps_what_it_has(world: World) -> None:
    await world.submit(message("e1", 1))
    await world.run()
    await world.submit(event_id="e1", status="pending")
    await world.run()
    assert world.operations() == [("POST", 1)]


async def test_registers_have_lanes_of_their_own(world: World) -> None:
    await world.submit(message("e1", 1), message("e1", 1, register="pasis", held="rule:X"))
    await world.run()
    found = await world.ledger.event("e1")
    assert found is not None
    assert {name: [one["state"] for one in lanes] for name, lanes in found["registers"].items()} == {
        "gvr": ["accepted"],
        "pasis": ["held"],
    }


async def test_the_summary_counts_what_there_is(world: World) -> None:
    world.register.faults.append(400)
    for number in range(4):
        await world.report(f"e{number}")
    await world.run()
    await world.report("e1", n=2)
    await world.cancel("e2")
    lanes = (await world.ledger.lanes(LaneFilter()))["lanes"]
    messages = (await world.ledger.messages(LaneFilter()))["messages"]
    summary = await world.ledger.summary()
    for counted, listed in ((summary["lanes"], lanes), (summary["messages"], messages)):
        states = [one["state"] for one in listed]
        assert counted == {state: states.count(state) for state in states}
    assert summary["registers"]["gvr"]["lanes"] == summary["lanes"]


@pytest.mark.parametrize("state", ["waiting", "accepted", "superseded", "parked"])
async def test_lists_are_filtered_and_paged(world: World, state: str) -> None:
    world.register.faults.extend([400, 400, 400])
    for number in range(3):
        await world.report(f"p{number}")
    await world.run()
    for number in range(3):
        await world.report(f"a{number}")
    await world.run()
    for number in range(3):
        await world.report(f"w{number}")
        await world.report(f"w{number}", n=2)
    everything = (await world.ledger.messages(LaneFilter(state=state)))["messages"]
    assert {one["state"] for one in everything} == {state}
    first = await world.ledger.messages(LaneFilter(state=state, limit=2))
    second = await world.ledger.messages(LaneFilter(state=state, limit=2, after=first["next"]))
    assert first["messages"] + second["messages"] == everything
    assert second["next"] is None
    (lane,) = (await world.ledger.lanes(LaneFilter(lane="w1")))["lanes"]
    of_lane = (await world.ledger.messages(LaneFilter(lane="w1", register="gvr")))["messages"]
    assert [one["lane_id"] for one in of_lane] == [lane["id"]] * 2
    assert (await world.ledger.lanes(LaneFilter(since=world.clock.now + 1)))["lanes"] == []


async def test_what_operators_see_holds_no_bodies_and_no_fingerprints(world: World) -> None:
    await world.submit(message("e1", 1, patient="191212121212"))
    await world.run()
    lane = await world.lane()
    seen = repr(
        (
            lane,
            await world.ledger.messages(LaneFilter()),
            await world.ledger.event("e1"),
            await world.notices(),
        )
    )
    assert "191212121212" not in seen
    assert lane["messages"][0].keys().isdisjoint({"content", "identity", "body"})


async def test_nobody_is_known_of_what_is_not_there(world: World) -> None:
    assert await world.ledger.lane(99) is None
    assert await world.ledger.event("nobody") is None
