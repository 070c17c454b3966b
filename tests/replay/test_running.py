"""Runs: at the rate, each lane once whoever is killed, and never against what has changed since the plan."""

import asyncio
from functools import partial
from typing import Any

import pytest

from adapter.errors import LedgerBusy, NotPossible
from adapter.ledger.replay import Choice, Item
from adapter.ledger.replay_items import do_item, retry_as_planned
from adapter.ledger.replaying import order
from tests.replay.conftest import REJECTED, UNIT, UNKNOWN, Office, contact

KOMBIKA = f"30220315001;{UNIT};2015-01-01;"


async def held(office: Office, number: int) -> None:
    """So many contacts are held, and the table is mended."""
    for one in range(number):
        await office.send(contact(one))
    await office.mend(KOMBIKA)


async def whys(office: Office, replay: dict[str, Any]) -> list[str | None]:
    return [item["why"] for item in (await office.desk.items(replay["id"], 0, 1000))["items"]]


async def test_every_lane_of_the_plan_flows_under_its_own_id(any_office: Office) -> None:
    office = any_office
    await held(office, 12)
    before = {message["id"] for message in await office.messages()}

    done = await office.replay()
    await office.deliver()

    assert (done["state"], done["total"], done["done"], done["left"]) == ("done", 12, 12, 0)
    assert await office.states() == ["accepted"] * 12
    assert {message["id"] for message in await office.messages()} == before
    assert len(office.requests) == 12
    assert await office.ledger.notices() == []


async def test_a_retry_sends_parked_messages_and_looks_into_unknown_ones(any_office: Office) -> None:
    office = any_office
    await office.mend(KOMBIKA)
    await office.send(contact(1))
    await office.deliver(REJECTED)
    await office.send(contact(2))
    await office.deliver(UNKNOWN)

    done = await office.replay("retry")

    assert (done["done"], done["skipped"]) == (2, 0)
    assert sorted(lane["state"] for lane in await office.lanes()) == ["unknown", "waiting"]
    assert {lane["due_at"] for lane in await office.lanes()} == {office.clock.now}
    assert {fact["actor"] for fact in await office.facts("retried")} == {"anna (replay 1)"}


async def test_nothing_is_done_before_the_plan_is_run(office: Office) -> None:
    await held(office, 2)
    await office.plan()
    await asyncio.sleep(0.05)
    assert await office.states() == ["held", "held"]


async def test_a_lane_that_changed_since_the_plan_is_skipped_and_says_why(any_office: Office) -> None:
    office = any_office
    await held(office, 3)
    plan = await office.plan()
    lanes = [lane["id"] for lane in await office.lanes()]
    await office.send(contact(0, diagnosis="J20.9"))
    await office.ledger.discard(lanes[1], "not to be sent")

    done = await office.run(plan["id"])

    assert (done["done"], done["skipped"]) == (1, 2)
    assert await whys(office, done) == ["changed-since", "changed-since", None]
    assert done["totals"]["skipped"] == {"changed-since": 2}
    assert done["whys"]["changed-since"]["en"].startswith("The lane has changed")


async def test_a_lane_that_would_come_out_otherwise_than_planned_is_skipped(office: Office) -> None:
    await held(office, 1)
    plan = await office.plan()
    await office.replace_table("30220315001", "30221316001")
    done = await office.run(plan["id"])
    assert await whys(office, done) == ["plan-outdated"]
    assert await office.states() == ["held"]


async def test_a_parked_lane_that_was_retried_meanwhile_is_not_retried_again(office: Office) -> None:
    await office.mend(KOMBIKA)
    await office.send(contact())
    await office.deliver(REJECTED)
    plan = await office.plan("retry")
    await office.ledger.retry((await office.lanes())[0]["id"])
    done = await office.run(plan["id"])
    assert await whys(office, done) == ["changed-since"]


@pytest.mark.parametrize(("rate", "seconds"), [(1, 24), (5, 4.8), (25, 0.96), (500, 0.04)])
async def test_lanes_are_done_at_the_rate_and_not_faster(office: Office, rate: float, seconds: float) -> None:
    await held(office, 25)
    plan = await office.plan(rate=rate)
    began = office.pace.now
    await office.run(plan["id"])
    assert office.pace.now - began == pytest.approx(seconds)


async def test_a_paused_replay_does_nothing_more_until_it_is_run_on(office: Office) -> None:
    await held(office, 10)
    plan = await office.plan(rate=10)
    office.desk = desk = office.new_desk(sleep=_pause_after(office, 4, plan["id"]))

    await desk.order(plan["id"], "run", "anna")
    paused = await office.rest(plan["id"])
    assert (paused["state"], paused["done"], paused["left"]) == ("paused", 4, 6)
    assert (await office.states()).count("held") == 6

    done = await office.run(plan["id"])
    assert (done["state"], done["done"]) == ("done", 10)
    assert len(await office.facts("remapped")) == 10


async def test_a_cancelled_replay_leaves_the_other_lanes_as_they_are(office: Office) -> None:
    await held(office, 10)
    plan = await office.plan(rate=10)
    office.desk = office.new_desk(sleep=_pause_after(office, 4, plan["id"], "cancel"))
    await office.desk.order(plan["id"], "run", "anna")
    cancelled = await office.rest(plan["id"])
    assert (cancelled["state"], cancelled["done"], cancelled["left"]) == ("cancelled", 4, 6)
    with pytest.raises(NotPossible, match="cancelled"):
        await office.desk.order(plan["id"], "run", "anna")


async def test_a_run_that_is_killed_goes_on_where_it_stood_and_does_each_lane_once(
    any_office: Office,
) -> None:
    office = any_office
    await held(office, 20)
    plan = await office.plan(rate=20)
    for batches in (3, 4):
        reached = asyncio.Event()
        victim = office.new_desk(sleep=_hang_after(batches, reached))
        await office.desk.runner.stop()
        await victim.order(plan["id"], "run", "anna")
        await reached.wait()
        for task in (victim.runner._loop, *victim.runner._tasks):
            task.cancel()
        await office.reopen()

    done = await office.run(plan["id"])

    assert (done["state"], done["done"], done["skipped"]) == ("done", 20, 0)
    remapped = await office.ledger.read(
        lambda db: db.execute("SELECT lane_id, COUNT(*) FROM audit WHERE kind = 'remapped' GROUP BY lane_id")
        .fetchall()
    )  # fmt: skip
    assert [count for _, count in remapped] == [1] * 20
    assert (await office.ledger.audit_verify()).broken_at is None


async def test_a_runner_that_stops_leaves_its_replay_to_the_next_one_at_once(office: Office) -> None:
    await held(office, 10)
    plan = await office.plan(rate=10)
    reached = asyncio.Event()
    office.desk = office.new_desk(sleep=_hang_after(3, reached))
    await office.desk.order(plan["id"], "run", "anna")
    await reached.wait()

    await office.desk.runner.stop()

    row = await office.ledger.read(lambda db: db.execute("SELECT state, owner FROM replays").fetchone())
    assert tuple(row) == ("running", None)


async def test_two_nodes_do_each_lane_once(any_office: Office) -> None:
    office = any_office
    await held(office, 30)
    plan = await office.plan()
    other = office.new_desk()
    other.runner.start()
    await office.desk.order(plan["id"], "run", "anna")
    done = await office.rest(plan["id"])
    await other.runner.stop()
    assert (done["done"], len(await office.facts("remapped"))) == (30, 30)


async def test_an_item_that_is_done_is_never_done_again(any_office: Office) -> None:
    office = any_office
    await office.mend(KOMBIKA)
    await office.send(contact())
    await office.deliver(REJECTED)
    plan = await office.plan("retry")
    await office.desk.runner.stop()
    replay = await office.ledger.write(lambda tx: order(tx, plan["id"], "run", "anna"))

    async def do() -> Item | None:
        act = partial(retry_as_planned, replay)
        return await office.ledger.write(partial(do_item, replay=replay, n=1, act=act))

    first = await do()
    await office.deliver(REJECTED)
    assert first is not None
    assert await do() is None
    assert await office.states() == ["parked"]


async def test_a_ledger_that_is_busy_is_waited_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await held(office, 10)
    plan = await office.plan(rate=10)
    write, refused = office.ledger.write, iter([False, False, False, True, True, False, True])

    async def busy(job: Any) -> Any:
        if next(refused, False):
            raise LedgerBusy("Too much waits for the ledger.")
        return await write(job)

    monkeypatch.setattr(office.ledger, "write", busy)
    done = await office.run(plan["id"])
    assert (done["state"], done["done"], done["skipped"]) == ("done", 10, 0)


async def test_a_fault_in_one_lane_does_not_stop_the_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await held(office, 3)
    plan = await office.plan()
    remake, second = office.remaker.remake, (await office.lanes())[1]["id"]

    def failing(origin: Any) -> Any:
        if origin.standing.lane.id == second:
            raise ZeroDivisionError("19121212-1212")
        return remake(origin)

    monkeypatch.setattr(office.remaker, "remake", failing)
    done = await office.run(plan["id"])
    assert await whys(office, done) == [None, "fault", None]


async def test_only_what_fits_the_state_of_a_replay_can_be_ordered(office: Office) -> None:
    await held(office, 1)
    plan = await office.plan()
    with pytest.raises(NotPossible, match="planned"):
        await office.desk.order(plan["id"], "pause", "anna")
    with pytest.raises(NotPossible, match="no such replay"):
        await office.desk.order(7, "run", "anna")
    await office.run(plan["id"])
    for act in ("run", "pause", "cancel"):
        with pytest.raises(NotPossible, match="done"):
            await office.desk.order(plan["id"], act, "anna")


async def test_the_audit_says_who_planned_ran_and_stopped_a_replay_and_names_no_patient(
    office: Office,
) -> None:
    await held(office, 1)
    await office.replay()
    begun, planned, running, done = [
        (await office.facts(f"replay-{what}"))[0] for what in ("begun", "planned", "running", "done")
    ]
    assert begun == {"replay": 1, "kind": "remap", "actor": "anna", "reason": "table mended"}
    assert planned == {"replay": 1, "actor": "anna", "total": 1}
    assert running == {"replay": 1, "actor": "anna", "total": 1, "done": 0, "skipped": 0}
    assert done == {"replay": 1, "actor": "anna", "total": 1, "done": 1, "skipped": 0}


async def test_replays_are_listed_newest_first_in_pages(office: Office) -> None:
    for _ in range(3):
        await office.plan(register="gvr")
    page = await office.desk.replays(2, None)
    assert ([one["id"] for one in page["replays"]], page["next"]) == ([3, 2], 2)
    assert [one["id"] for one in (await office.desk.replays(2, page["next"]))["replays"]] == [1]
    assert page["replays"][0]["filter"] == {"register": "gvr"}


async def test_a_limit_is_kept(office: Office) -> None:
    await held(office, 5)
    begun = await office.desk.begin("remap", Choice(limit=3), 500, "anna", "a few first")
    assert (await office.rest(begun["id"]))["total"] == 3


def _pause_after(office: Office, batches: int, replay_id: int, act: str = "pause") -> Any:
    """A sleep in which the operator stops the replay before the batch after so many."""
    slept = 0

    async def sleep(seconds: float) -> None:
        nonlocal slept
        await office.pace.sleep(seconds)
        if slept == batches:
            await office.desk.order(replay_id, act, "anna")
        slept += 1

    return sleep


def _hang_after(batches: int, reached: asyncio.Event) -> Any:
    """A sleep that never ends before the batch after so many."""
    slept = 0

    async def sleep(_: float) -> None:
        nonlocal slept
        if slept == batches:
            reached.set()
            await asyncio.Event().wait()
        slept += 1

    return sleep
