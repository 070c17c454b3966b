"""The situations of the delivery specification, row by row, through a real ledger."""

from collections.abc import Callable

import pytest

from adapter.delivery.framing import request_of
from adapter.domain.message import Operation
from adapter.errors import EditConflict, NotPossible
from adapter.ledger.model import Edit
from adapter.ledger.protocol import LaneFilter, Work
from adapter.registers.protocol import Request
from tests.support.world import LEASE, World, message

Worlds = Callable[..., World]


# create times out after the effect, register without keys; then a correction comes


async def test_a_create_that_timed_out_is_looked_up_and_the_correction_goes_as_update(worlds: Worlds) -> None:
    world = worlds(can_look_up=True)
    world.register.faults.append("timeout-after")
    await world.report(n=1)
    await world.turn()
    await world.report(n=2)
    lane = await world.lane()
    assert (lane["state"], lane["states"]) == ("unknown", ["unknown", "waiting"])

    await world.run()

    assert world.operations() == [("POST", 1), ("PUT", 2)]
    assert (await world.lane())["states"] == ["accepted", "accepted"]


async def test_a_create_without_effect_is_looked_up_and_only_the_correction_is_created(
    worlds: Worlds,
) -> None:
    world = worlds(can_look_up=True)
    world.register.faults.append("timeout-before")
    await world.report(n=1)
    await world.turn()
    await world.report(n=2)

    await world.settle_all()

    assert world.operations() == [("POST", 2)]
    assert (await world.lane())["states"] == ["superseded", "accepted"]


@pytest.mark.parametrize("fault", ["timeout-after", "timeout-before"])
async def test_without_look_up_the_newest_version_probes_as_an_update(worlds: Worlds, fault: str) -> None:
    world = worlds(probe_by_write=True)
    world.register.faults.append(fault)
    await world.report(n=1)
    await world.turn()
    await world.report(n=2)

    await world.settle_all()

    expected = [("POST", 1), ("PUT", 2)] if fault == "timeout-after" else [("POST", 2)]
    assert world.operations() == expected
    assert (await world.lane())["states"] == ["superseded", "accepted"]
    methods = [request.method for request in world.register.requests]
    assert methods == (["POST", "PUT"] if fault == "timeout-after" else ["POST", "PUT", "POST"])


async def test_with_no_means_the_outcome_stays_unknown_and_the_correction_waits(worlds: Worlds) -> None:
    world = worlds()
    world.register.faults.append("timeout-after")
    await world.report(n=1)
    await world.turn()
    await world.report(n=2)

    await world.settle_all()

    lane = await world.lane()
    assert (lane["state"], lane["states"]) == ("unknown", ["unknown", "waiting"])
    assert len(world.register.requests) == 1
    assert await world.notices() == [("unknown", "read-timeout")]


async def test_an_operator_settles_what_nothing_else_can(worlds: Worlds) -> None:
    world = worlds()
    world.register.faults.append("timeout-after")
    await world.report(n=1)
    await world.turn()
    await world.report(n=2)

    await world.ledger.settle_unknown((await world.lane())["id"], "accepted", "seen in the register")
    await world.run()

    assert world.operations() == [("POST", 1), ("PUT", 2)]
    assert await world.notices() == []


async def test_with_keys_the_same_bytes_are_sent_again_under_the_same_key(worlds: Worlds) -> None:
    world = worlds(honours_keys=True)
    world.register.faults.append("timeout-after")
    await world.report(n=1)
    await world.turn()
    await world.report(n=2)

    await world.settle_all()

    assert world.operations() == [("POST", 1), ("PUT", 2)]
    first, second, third = world.register.requests
    assert first == second
    assert third.key != first.key


# create rejected, lane parked; a cancel comes


async def test_a_cancel_of_a_rejected_create_closes_both_and_clears_the_alert(worlds: Worlds) -> None:
    world = worlds()
    world.register.faults.append(400)
    await world.report()
    await world.run()
    assert (await world.lane())["state"] == "parked"
    assert await world.notices() == [("parked", "http-400")]

    await world.cancel()
    await world.settle_all()

    lane = await world.lane()
    assert (lane["state"], lane["states"]) == ("idle", ["closed", "closed"])
    assert len(world.register.requests) == 1
    assert await world.notices() == []


# *update* rejected; a cancel comes


async def test_a_cancel_takes_a_rejected_updates_place_and_cancels_what_was_accepted(worlds: Worlds) -> None:
    world = worlds()
    await world.report(n=1)
    await world.run()
    world.register.faults.append(400)
    await world.report(n=2)
    await world.run()

    await world.cancel(n=3)
    await world.run()

    assert world.operations() == [("POST", 1), ("DELETE", 1)]
    assert (await world.lane())["states"] == ["accepted", "superseded", "accepted"]


# two corrections while the lane backs off


async def test_of_two_corrections_during_a_back_off_the_newest_wins_and_the_due_time_stays(
    worlds: Worlds,
) -> None:
    world = worlds()
    world.register.faults.extend([503, 503])
    await world.report(n=1)
    await world.run()
    world.advance(5)
    await world.run()
    before = await world.lane()
    assert before["tries"] == 2

    await world.report(n=2)
    await world.report(n=3)

    lane = await world.lane()
    assert lane["due_at"] == before["due_at"] == world.clock.now + 300
    assert (lane["states"], lane["tries"]) == (["superseded", "superseded", "waiting"], 0)
    assert await world.claim() == []
    world.advance(301)
    (work,) = await world.turn()
    assert (work.attempt.number, work.message.seq) == (1, 3)
    assert len({request.key for request in world.register.requests}) == 2
    assert world.operations() == [("POST", 3)]


# an update times out, and the look-up asks with the new body's query


@pytest.mark.parametrize("fault", ["timeout-before", "timeout-after"])
async def test_an_update_that_the_look_up_misses_is_sent_again_and_never_created(
    worlds: Worlds, fault: str
) -> None:
    world = worlds(can_look_up=True)
    world.register.found_by = ("n",)
    await world.report(n=1)
    await world.run()
    world.register.faults.append(fault)
    await world.report(n=2)
    await world.settle_all()

    assert world.operations() == [("POST", 1), ("PUT", 2)]
    assert (await world.lane())["states"] == ["accepted", "accepted"]


async def test_a_probe_that_the_look_up_misses_is_sent_again_and_never_created(worlds: Worlds) -> None:
    world = worlds(can_look_up=True, probe_by_write=True)
    world.register.found_by = ("n",)
    world.register.faults.extend(["timeout-after", "timeout-before"])
    world.register.lookup_faults.extend([500, 500, 500])
    await world.report(n=1)
    await world.turn()
    await world.report(n=2)
    await world.settle_all()

    assert world.operations() == [("POST", 1), ("PUT", 2)]
    assert [request.method for request in world.register.requests].count("POST") == 1


@pytest.mark.parametrize("revives", [False, True])
async def test_an_update_that_the_register_answers_with_404_is_created_when_the_look_up_agrees(
    worlds: Worlds, revives: bool
) -> None:
    world = worlds(can_look_up=True, revives_by_update=revives)
    await world.report(n=1)
    await world.run()
    if revives:
        await world.cancel()
        await world.run()
    world.register.holds.clear()
    await world.report(n=2)
    await world.settle_all()

    methods = [request.method for request in world.register.requests]
    assert methods[-4:] == ["PUT", "GET", "GET", "POST"]
    assert (await world.lane())["state"] == "idle"


async def test_an_update_that_an_operator_denies_is_created_only_if_the_register_knew_nothing(
    worlds: Worlds,
) -> None:
    world = worlds()
    await world.report(n=1)
    await world.run()
    world.register.faults.append("timeout-before")
    for expected in ("PUT", "POST"):
        await world.report(n=2 if expected == "PUT" else 3)
        await world.run()
        await world.ledger.settle_unknown((await world.lane())["id"], "not-accepted", "not there")
        await world.run()
        assert world.register.requests[-1].method == expected
        world.register.holds.clear()


# the register refuses a look-up as it would refuse any attempt


async def in_doubt(world: World, *events: str) -> None:
    """Put the events' creates in doubt; nothing has reached the register."""
    world.register.faults.extend(["timeout-before"] * len(events))
    for event in events:
        await world.report(event, unit=f"unit of {event}")
    await world.turn()
    world.advance(10)


async def test_a_look_up_that_is_not_authenticated_pauses_and_one_that_is_answered_resumes(
    worlds: Worlds,
) -> None:
    world = worlds(can_look_up=True)
    await in_doubt(world, "e1", "e2")
    world.register.lookup_faults.extend([401] * 100)
    for _ in range(40):
        await world.run()
        world.advance(31)
    assert await world.notices() == [("paused", "http-401")]
    assert {(await world.lane(event))["asks"] for event in ("e1", "e2")} == {0}
    assert len(world.register.requests) <= 2 + 2 + 40

    world.register.lookup_faults.clear()
    (probe,) = await world.turn()
    assert probe.attempt.kind == "lookup"
    assert await world.notices() == []
    await world.settle_all()
    assert sorted(world.register.holds) == ["e1", "e2"]


async def test_a_look_up_that_cannot_be_read_resumes_nothing(worlds: Worlds) -> None:
    world = worlds(can_look_up=True)
    await in_doubt(world, "e1")
    world.register.lookup_faults.extend([401, 500])
    await world.run()
    world.advance(31)
    await world.run()
    assert await world.notices() == [("paused", "http-401")]


async def test_while_look_ups_alone_are_refused_deliveries_go_on(worlds: Worlds) -> None:
    world = worlds(can_look_up=True)
    await in_doubt(world, "e1")
    world.register.lookup_faults.extend([401] * 100)
    await world.run()
    await world.report("e2")
    for _ in range(3):
        world.advance(31)
        await world.run()
    assert list(world.register.holds) == ["e2"]


async def test_403s_to_look_ups_of_several_units_pause_the_register_and_nothing_stays_stuck(
    worlds: Worlds,
) -> None:
    world = worlds(can_look_up=True)
    await in_doubt(world, "e1", "e2")
    world.register.lookup_faults.append(403)
    (work, other) = await world.claim()
    await world.work(work)
    stuck = await world.lane(work.lane.slot)
    assert (stuck["state"], stuck["due_at"], stuck["asks"]) == ("unknown", None, 0)
    assert await world.notices() == [("unknown", "http-403")]

    world.register.lookup_faults.append(403)
    await world.work(other)
    assert await world.notices() == [("paused", "http-403")]
    await world.settle_all()
    assert sorted(world.register.holds) == ["e1", "e2"]
    assert await world.notices() == []


async def test_a_throttled_look_up_holds_the_whole_register(worlds: Worlds) -> None:
    world = worlds(can_look_up=True)
    await in_doubt(world, "e1")
    world.register.retry_after = "90"
    world.register.lookup_faults.append(429)
    await world.turn()
    await world.report("e2")
    assert await world.claim() == []
    assert await world.ledger.due_in("gvr") == pytest.approx(90)
    assert (await world.lane("e1"))["asks"] == 0
    await world.settle_all()
    assert sorted(world.register.holds) == ["e1", "e2"]


async def test_look_ups_that_could_not_be_sent_are_never_used_up(worlds: Worlds) -> None:
    world = worlds(can_look_up=True, schedule=(0.0, 5.0, 10.0))
    await in_doubt(world, "e1")
    world.register.lookup_faults.extend([500, 500, *["refused"] * 20])
    await world.settle_all()
    assert not world.register.lookup_faults
    assert world.operations() == [("POST", 1)]


async def test_a_look_up_that_the_register_had_no_time_for_follows_the_schedule(worlds: Worlds) -> None:
    world = worlds(can_look_up=True, schedule=(0.0, 5.0, 10.0))
    await in_doubt(world, "e1")
    world.register.lookup_faults.extend([503] * 20)
    await world.settle_all()
    lane = await world.lane()
    assert (lane["state"], lane["asks"], lane["due_at"]) == ("unknown", 3, None)


# a register throttles and names no time worth the name


async def test_a_register_that_throttles_for_no_time_at_all_is_not_hammered(worlds: Worlds) -> None:
    world = worlds()
    world.register.down = 429
    world.register.retry_after = "0"
    await world.report()
    waits = []
    for _ in range(7):
        await world.run()
        waits.append(await world.ledger.due_in("gvr"))
        world.advance(waits[-1] or 0.0)
    assert waits == [pytest.approx(wait) for wait in (1, 2, 4, 8, 16, 30, 30)]

    world.register.down = None
    await world.run()
    world.register.faults.append(429)
    await world.report("e2")
    await world.run()
    assert await world.ledger.due_in("gvr") == pytest.approx(1)


# a crash leaves an attempt open


async def test_after_a_crash_an_absence_is_believed_when_a_living_sender_would_believe_it(
    worlds: Worlds,
) -> None:
    world = worlds(can_look_up=True, grace=5.0, timeout=15.0)
    world.register.faults.append("late")
    await world.report()
    (work,) = await world.claim()
    world.register.answer(request_of(work.attempt.request))
    world.advance(1)
    await world.reopen()
    for _ in range(15):  # the request takes effect a second after its sender would have given up
        await world.run()
        world.advance(1)
    world.register.arrive_late()
    await world.settle_all()
    assert world.operations() == [("POST", 1)]


async def test_after_a_crash_the_grace_runs_from_the_restart_at_the_latest(worlds: Worlds) -> None:
    world = worlds(can_look_up=True, grace=15.0)
    await world.report()
    await world.claim()
    world.advance(4)
    await world.reopen()
    await world.run()
    assert [request.method for request in world.register.requests] == ["GET"]
    assert await world.ledger.due_in("gvr") == pytest.approx(15)
    world.advance(10)
    await world.run()
    assert world.operations() == []
    await world.settle_all()
    assert world.operations() == [("POST", 1)]


async def test_an_absence_is_not_believed_before_the_registers_grace_has_passed(worlds: Worlds) -> None:
    world = worlds(can_look_up=True, grace=60.0)
    world.register.faults.append("late")
    await world.report()
    await world.run()
    world.advance(59)
    await world.run()
    world.register.arrive_late()
    await world.settle_all()
    assert world.operations() == [("POST", 1)]


# a worker pauses past its lease while the register accepts


async def test_a_late_workers_answer_resolves_the_unknown_and_nothing_is_created_twice(
    worlds: Worlds,
) -> None:
    world = worlds()
    await world.report()
    (paused,) = await world.claim(owner="first")
    world.advance(LEASE + 1)
    assert await world.claim(owner="second") == []
    assert (await world.lane())["state"] == "unknown"

    answer = world.register.work(_request(paused))
    with pytest.raises(Exception, match="token"):
        await world.settle(paused, answer)
    await world.evidence(paused, answer)
    await world.settle_all()

    assert world.operations() == [("POST", 1)]
    assert (await world.lane())["states"] == ["accepted"]


@pytest.mark.parametrize("means", ["can_look_up", "honours_keys", "probe_by_write"])
async def test_the_new_holder_resolves_the_doubt_by_what_the_register_can(worlds: Worlds, means: str) -> None:
    world = worlds(**{means: True})
    await world.report()
    (paused,) = await world.claim(owner="first")
    world.register.work(_request(paused))
    world.advance(LEASE + 1)

    await world.settle_all()

    assert (await world.lane())["states"] == ["accepted"]
    assert [method for method, _ in world.operations()].count("POST") == 1


# edit-and-resubmit while a newer version waits


async def test_an_edit_based_on_an_older_version_is_refused(worlds: Worlds) -> None:
    world = worlds()
    await world.report(n=1)
    await world.report(n=2)
    edit = Edit(based_on=1, actor="op", reason="wrong unit")

    with pytest.raises(EditConflict):
        await world.submit(message("e1", 9), edit=edit)

    assert (await world.lane())["states"] == ["superseded", "waiting"]


async def test_a_later_version_that_undoes_an_edit_is_flagged(worlds: Worlds) -> None:
    world = worlds()
    await world.report(n=1)
    await world.submit(message("e1", 9), edit=Edit(based_on=1, actor="op", reason="wrong unit"))

    committed = await world.report(n=1)

    assert committed.undone == ("e1",)
    lane = await world.lane()
    assert [one["flag"] for one in lane["messages"]] == [None, None, "undoes-edit"]
    assert lane["states"] == ["superseded", "superseded", "waiting"]


# a register is paused three days for authentication, many lanes wait


@pytest.mark.failure(part="register", fault="401 for days")
async def test_a_pause_for_authentication_spends_nothing_and_a_probe_ends_it(worlds: Worlds) -> None:
    world = worlds()
    world.register.down = 401
    for number in range(40):
        await world.report(f"e{number}")
    for _ in range(3 * 24):
        await world.run()
        world.advance(3600)
    assert await world.notices() == [("paused", "http-401")]
    lanes = (await world.ledger.lanes(LaneFilter(limit=100)))["lanes"]
    assert {lane["state"] for lane in lanes} == {"waiting"}
    assert {lane["tries"] for lane in lanes} == {0}
    assert len(world.register.requests) <= 10 + 3 * 24

    world.register.down = None
    (probe,) = await world.turn()
    await world.run()

    assert probe.message.event_id == "e0"
    assert len(world.register.effects) == 40
    assert await world.notices() == []
    everything = await world.ledger.notices(standing=False)
    assert [(one["kind"], one["cleared_at"] is None) for one in everything] == [("paused", False)]


async def test_after_a_pause_the_oldest_go_first_but_new_traffic_has_its_share(worlds: Worlds) -> None:
    world = worlds()
    await world.ledger.pause("gvr", "agreed")
    for number in range(40):
        world.advance(1)
        await world.report(f"e{number}")
    await world.ledger.resume("gvr")

    works = await world.claim(limit=8, fresh=2)

    assert {work.message.event_id for work in works} == {*(f"e{n}" for n in range(6)), "e38", "e39"}


async def test_throttling_holds_the_whole_register_as_long_as_it_says_and_spends_nothing(
    worlds: Worlds,
) -> None:
    world = worlds()
    world.register.faults.append(429)
    world.register.retry_after = "90"
    await world.report("e1")
    await world.turn()
    await world.report("e2")

    assert await world.claim() == []
    assert await world.ledger.due_in("gvr") == pytest.approx(90)
    assert (await world.lane("e1"))["tries"] == 0
    world.advance(91)
    await world.run()
    assert len(world.register.effects) == 2


# cancelled at the register, then the Encounter is finished again


@pytest.mark.parametrize(("revives", "method"), [(False, "POST"), (True, "PUT")])
async def test_a_cancelled_event_that_comes_back_is_created_or_revived(
    worlds: Worlds, revives: bool, method: str
) -> None:
    world = worlds(revives_by_update=revives)
    await world.report(n=1)
    await world.run()
    await world.cancel(n=2)
    await world.run()

    await world.report(n=3)
    (work,) = await world.claim()

    assert work.attempt.operation is (Operation.UPDATE if revives else Operation.CREATE)
    assert _request(work).method == method


# one member of a group is rejected


async def test_each_member_of_a_group_has_a_lane_of_its_own(worlds: Worlds) -> None:
    world = worlds()
    world.register.faults.append(400)
    for member in ("group-1", "group-2", "group-3"):
        await world.report(member)

    await world.run()

    states = [(await world.lane(member))["state"] for member in ("group-1", "group-2", "group-3")]
    assert states == ["parked", "idle", "idle"]


# triage must cancel an event whose outcome is unknown


@pytest.mark.parametrize(
    ("fault", "effects"), [("timeout-after", ["POST", "DELETE"]), ("timeout-before", [])]
)
async def test_a_cancel_behind_an_unknown_probes_with_a_delete(
    worlds: Worlds, fault: str, effects: list[str]
) -> None:
    world = worlds(probe_by_write=True)
    world.register.faults.append(fault)
    await world.report(n=1)
    await world.turn()
    await world.cancel(n=2)
    assert (await world.lane())["states"] == ["unknown", "waiting"]

    await world.settle_all()

    assert [method for method, _ in world.operations()] == effects
    assert [request.method for request in world.register.requests] == ["POST", "DELETE"]
    assert (await world.lane())["state"] == "idle"
    assert world.register.holds == {}


async def test_a_cancel_behind_an_unknown_waits_for_the_look_up(worlds: Worlds) -> None:
    world = worlds(can_look_up=True)
    world.register.faults.append("timeout-after")
    await world.report(n=1)
    await world.turn()
    await world.cancel(n=2)

    await world.settle_all()

    assert [request.method for request in world.register.requests] == ["POST", "GET", "DELETE"]
    assert world.register.holds == {}


# the edition of the rules changes between intake and delivery


@pytest.mark.failure(
    part="tables-and-rules",
    fault="the edition changes before delivery",
    sender="Nothing.",
    operator="The message shows the edition that made it.",
    kept="The message as it was made; nothing is made anew silently.",
    recovers="There is nothing to recover. Where the new rules are to count: remap the lane.",
)
async def test_a_message_goes_as_it_was_made_and_carries_its_edition(worlds: Worlds) -> None:
    world = worlds()
    await world.submit(message("e1", 1, edition="2024"))
    await world.reopen()

    (work,) = await world.turn()

    assert work.message.edition == "2024"
    assert world.operations() == [("POST", 1)]


# exhausted after any ambiguous attempt


async def test_exhausted_after_an_ambiguous_attempt_is_unknown_and_not_parked(worlds: Worlds) -> None:
    world = worlds(can_look_up=True, schedule=(0.0, 5.0, 10.0))
    world.register.faults.extend(["timeout-before", 503, 503])
    await world.report()

    await world.settle_all()

    lane = await world.lane()
    assert (lane["state"], lane["states"], lane["tries"]) == ("unknown", ["unknown"], 3)
    assert await world.notices() == [("unknown", "http-503")]


async def test_exhausted_without_an_ambiguous_attempt_is_parked(worlds: Worlds) -> None:
    world = worlds(schedule=(0.0, 5.0, 10.0))
    world.register.down = 503
    await world.report()

    await world.settle_all()

    lane = await world.lane()
    assert (lane["state"], lane["tries"]) == ("parked", 3)
    assert await world.notices() == [("parked", "http-503")]


def _request(work: Work) -> Request:
    return request_of(work.attempt.request)


async def test_a_doubt_that_nothing_can_settle_is_not_said_to_be_looked_into(worlds: Worlds) -> None:
    world = worlds()
    world.ledger.without_means = frozenset({"gvr"})
    world.register.faults.append("timeout-after")
    await world.report()
    await world.run()
    lane = await world.lane()
    with pytest.raises(NotPossible):
        await world.ledger.retry(lane["id"])
    await world.ledger.settle_unknown(lane["id"], "accepted", "seen in the register")
    assert (await world.lane())["state"] == "idle"
