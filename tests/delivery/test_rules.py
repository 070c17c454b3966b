"""The rules of a lane that the table of situations does not name one by one."""

from collections.abc import Callable

import pytest

from adapter.delivery.framing import request_of
from adapter.domain.message import Outcome, OutcomeClass
from adapter.errors import LeaseLost, NotPossible
from adapter.ledger.protocol import LaneFilter
from adapter.registers.protocol import Answer
from tests.support.world import LEASE, World, message

Worlds = Callable[..., World]


def methods(world: World) -> list[str]:
    return [request.method for request in world.register.requests]


# What is asked of the register


async def test_a_correction_of_what_was_accepted_is_an_update(worlds: Worlds) -> None:
    world = worlds()
    await world.report(n=1)
    await world.run()
    await world.report(n=2)
    await world.run()
    assert world.operations() == [("POST", 1), ("PUT", 2)]


async def test_another_patient_is_a_cancel_of_what_was_accepted_and_a_create(worlds: Worlds) -> None:
    world = worlds()
    await world.report(n=1, patient="wrong")
    await world.run()
    await world.report(n=2, patient="right")
    await world.run()
    assert world.operations() == [("POST", 1), ("DELETE", 1), ("POST", 2)]
    assert [body["patient"] for _, body in world.register.effects] == ["wrong", "wrong", "right"]
    assert (await world.lane())["states"] == ["accepted", "accepted"]


async def test_a_doubtful_cancel_of_the_wrong_patient_is_looked_up_before_the_create(worlds: Worlds) -> None:
    world = worlds(can_look_up=True)
    await world.report(n=1, patient="wrong")
    await world.run()
    world.register.faults.append("timeout-after")
    await world.report(n=2, patient="right")
    await world.settle_all()
    assert world.operations() == [("POST", 1), ("DELETE", 1), ("POST", 2)]
    assert methods(world) == ["POST", "DELETE", "GET", "POST"]


async def test_a_correction_of_the_wrong_patient_behind_a_doubtful_create_deletes_it_by_probe(
    worlds: Worlds,
) -> None:
    world = worlds(probe_by_write=True)
    world.register.faults.append("timeout-after")
    await world.report(n=1, patient="wrong")
    await world.turn()
    await world.report(n=2, patient="right")
    await world.settle_all()
    assert world.operations() == [("POST", 1), ("DELETE", 1), ("POST", 2)]


async def test_content_that_the_register_has_already_is_not_sent(worlds: Worlds) -> None:
    world = worlds()
    await world.report(n=1)
    await world.run()
    world.register.faults.append(503)
    await world.report(n=2)
    await world.run()

    await world.report(n=1)

    lane = await world.lane()
    assert (lane["state"], lane["states"]) == ("idle", ["accepted", "superseded", "unchanged"])
    assert await world.run() == []


async def test_a_report_that_turns_out_to_be_the_same_after_the_doubt_is_settled_is_not_sent(
    worlds: Worlds,
) -> None:
    world = worlds(can_look_up=True)
    world.register.faults.append("timeout-after")
    await world.report(n=1)
    await world.turn()
    await world.report(n=2)
    await world.report(n=1)
    await world.settle_all()
    assert world.operations() == [("POST", 1)]
    assert (await world.lane())["states"] == ["accepted", "superseded", "unchanged"]


async def test_a_cancel_of_nothing_sends_nothing(worlds: Worlds) -> None:
    world = worlds()
    await world.cancel()
    lane = await world.lane()
    assert (lane["state"], lane["states"]) == ("idle", ["closed"])
    assert await world.run() == []


async def test_a_waiting_create_and_its_cancel_close_each_other(worlds: Worlds) -> None:
    world = worlds()
    await world.report()
    await world.cancel()
    assert (await world.lane())["states"] == ["closed", "closed"]
    assert await world.run() == []


async def test_a_cancel_waits_for_a_create_that_is_under_way(worlds: Worlds) -> None:
    world = worlds()
    await world.report(n=1)
    (work,) = await world.claim()
    await world.cancel(n=2)
    assert (await world.lane())["states"] == ["sending", "waiting"]
    await world.work(work)
    await world.run()
    assert world.operations() == [("POST", 1), ("DELETE", 1)]


async def test_a_create_that_is_rejected_under_way_closes_with_the_cancel_behind_it(worlds: Worlds) -> None:
    world = worlds()
    world.register.faults.append(400)
    await world.report(n=1)
    (work,) = await world.claim()
    await world.cancel(n=2)
    await world.work(work)
    assert (await world.lane())["states"] == ["closed", "closed"]
    assert await world.notices() == []


# Order, parking, supersede


async def test_one_parked_lane_does_not_hold_the_others(worlds: Worlds) -> None:
    world = worlds()
    world.register.faults.append(400)
    for number in range(5):
        await world.report(f"e{number}")
    await world.run()
    states = [lane["state"] for lane in (await world.ledger.lanes(LaneFilter()))["lanes"]]
    assert states == ["parked", "idle", "idle", "idle", "idle"]


async def test_many_lanes_parked_for_one_cause_give_one_notice_that_clears_with_the_last(
    worlds: Worlds,
) -> None:
    world = worlds()
    world.register.down = 400
    for number in range(3):
        await world.report(f"e{number}")
    await world.run()
    (notice,) = await world.ledger.notices()
    assert (notice["cause"], notice["lanes"]) == ("http-400", 3)
    world.register.down = None
    for number in range(3):
        assert await world.notices() == [("parked", "http-400")]
        await world.report(f"e{number}", n=2)
    assert await world.notices() == []
    assert len(await world.ledger.notices(standing=False)) == 1


async def test_a_correction_unparks_a_rejected_lane_at_once(worlds: Worlds) -> None:
    world = worlds()
    world.register.faults.append(400)
    await world.report(n=1)
    await world.run()
    await world.report(n=2)
    await world.run()
    assert world.operations() == [("POST", 2)]
    assert (await world.lane())["states"] == ["superseded", "accepted"]


async def test_a_correction_that_came_before_the_rejection_takes_its_place(worlds: Worlds) -> None:
    world = worlds()
    world.register.faults.append(400)
    await world.report(n=1)
    (work,) = await world.claim()
    await world.report(n=2)
    await world.work(work)
    assert (await world.lane())["state"] == "waiting"
    await world.run()
    assert world.operations() == [("POST", 2)]


async def test_another_event_in_the_same_slot_waits_behind_a_parked_one(worlds: Worlds) -> None:
    world = worlds()
    world.register.faults.append(400)
    await world.submit(message("a", 1, slot="shared"))
    await world.run()
    await world.submit(message("b", 1, slot="shared"))
    await world.run()
    lane = await world.lane("shared")
    assert (lane["state"], lane["states"]) == ("parked", ["parked", "waiting"])


async def test_skip_and_flag_lets_the_next_event_pass_and_flags_both(worlds: Worlds) -> None:
    world = worlds(policy="skip-and-flag")
    world.register.faults.append(400)
    await world.submit(message("a", 1, slot="shared"))
    await world.run()
    await world.submit(message("b", 1, slot="shared"))
    await world.run()
    lane = await world.lane("shared")
    assert lane["states"] == ["skipped", "accepted"]
    assert [one["flag"] for one in lane["messages"]] == ["order-broken", "order-broken"]
    assert await world.notices() == []


@pytest.mark.parametrize("fault", ["timeout-before", "timeout-after"])
async def test_skip_and_flag_lets_nothing_past_an_unknown_outcome(worlds: Worlds, fault: str) -> None:
    world = worlds(policy="skip-and-flag")
    world.register.faults.append(fault)
    await world.submit(message("a", 1, slot="shared"))
    await world.settle_all()
    await world.submit(message("b", 1, slot="shared"))
    await world.settle_all()
    lane = await world.lane("shared")
    assert (lane["state"], lane["states"]) == ("unknown", ["unknown", "waiting"])
    assert methods(world) == ["POST"]


async def test_skip_and_flag_does_not_close_a_cancel_behind_an_unknown_create(worlds: Worlds) -> None:
    world = worlds(policy="skip-and-flag")
    world.register.faults.append("timeout-after")
    await world.report()
    await world.turn()
    await world.cancel()
    await world.settle_all()
    assert (await world.lane())["states"] == ["unknown", "waiting"]
    await world.ledger.settle_unknown((await world.lane())["id"], "accepted", "seen in the register")
    await world.run()
    assert methods(world) == ["POST", "DELETE"]
    assert world.register.holds == {}


async def test_skip_and_flag_waits_as_long_as_the_doubt_can_settle_itself(worlds: Worlds) -> None:
    world = worlds(policy="skip-and-flag", can_look_up=True)
    world.register.faults.append("timeout-after")
    await world.report(n=1)
    await world.turn()
    await world.report(n=2)
    await world.settle_all()
    assert (await world.lane())["states"] == ["accepted", "accepted"]
    assert world.operations() == [("POST", 1), ("PUT", 2)]


# Held


async def test_a_held_version_replaces_what_was_not_sent_and_a_corrected_one_replaces_it(
    worlds: Worlds,
) -> None:
    world = worlds()
    await world.report(n=1)
    await world.submit(message("e1", 2, held="rule:GVR-DIAGNOS"))
    lane = await world.lane()
    assert (lane["state"], lane["cause"]) == ("held", "rule:GVR-DIAGNOS")
    assert await world.notices() == [("held", "rule:GVR-DIAGNOS")]
    assert await world.run() == []

    await world.report(n=3)
    await world.run()

    assert (await world.lane())["states"] == ["superseded", "superseded", "accepted"]
    assert await world.notices() == []


async def test_a_cancel_of_what_is_held_closes_both(worlds: Worlds) -> None:
    world = worlds()
    await world.submit(message("e1", 1, held="rule:X"))
    await world.cancel()
    assert (await world.lane())["states"] == ["closed", "closed"]


async def test_a_version_that_is_held_behind_one_under_way_stops_the_lane_afterwards(worlds: Worlds) -> None:
    world = worlds()
    await world.report(n=1)
    (work,) = await world.claim()
    await world.submit(message("e1", 2, held="rule:X"))
    await world.work(work)
    lane = await world.lane()
    assert (lane["state"], lane["states"]) == ("held", ["accepted", "held"])


# Unknown outcomes


@pytest.mark.parametrize("status", [409, 404])
async def test_settled_elsewhere_is_looked_up(worlds: Worlds, status: int) -> None:
    world = worlds(can_look_up=True)
    if status == 404:
        await world.report(n=1)
        await world.run()
        world.register.holds.clear()
    else:
        world.register.holds["e1"] = {"id": "e1", "n": 0, "patient": "p", "unit": "u1"}
    await world.report(n=2)
    await world.settle_all()
    assert world.operations()[-1] == ("POST" if status == 404 else "PUT", 2)
    assert (await world.lane())["state"] == "idle"


async def test_a_404_to_a_cancel_is_looked_up_and_done(worlds: Worlds) -> None:
    world = worlds(can_look_up=True)
    await world.report(n=1)
    await world.run()
    world.register.holds.clear()
    await world.cancel(n=2)
    await world.settle_all()
    assert (await world.lane())["states"] == ["accepted", "accepted"]


async def test_absence_is_believed_only_when_the_request_can_no_longer_arrive(worlds: Worlds) -> None:
    world = worlds(can_look_up=True)
    world.register.faults.append("late")
    await world.report()
    await world.turn()
    (asked,) = await world.turn()
    assert asked.attempt.kind == "lookup"
    assert (await world.lane())["state"] == "unknown"
    assert await world.ledger.due_in("gvr") == pytest.approx(2.0)

    world.register.arrive_late()
    world.advance(2.1)
    await world.run()

    assert world.operations() == [("POST", 1)]
    assert (await world.lane())["states"] == ["accepted"]


async def test_a_look_up_that_cannot_be_read_is_repeated_by_schedule_and_then_given_up(
    worlds: Worlds,
) -> None:
    world = worlds(can_look_up=True)
    world.register.faults.append("timeout-after")
    world.register.lookup_faults.extend([500] * 50)
    await world.report()
    await world.settle_all()
    lane = await world.lane()
    assert (lane["state"], lane["asks"], lane["due_at"]) == ("unknown", 4, None)
    assert await world.notices() == [("unknown", "read-timeout")]


async def test_when_look_ups_stay_unreadable_keys_settle_the_doubt(worlds: Worlds) -> None:
    world = worlds(can_look_up=True, honours_keys=True)
    world.register.faults.append("timeout-after")
    world.register.lookup_faults.extend([500] * 50)
    await world.report()
    await world.settle_all()
    assert methods(world) == ["POST", "GET", "GET", "GET", "POST"]
    assert world.operations() == [("POST", 1)]
    assert (await world.lane())["states"] == ["accepted"]


async def test_a_rejection_under_the_same_key_settles_the_doubt(worlds: Worlds) -> None:
    world = worlds(honours_keys=True)
    world.register.faults.extend(["timeout-before", 400])
    await world.report()
    await world.settle_all()
    assert (await world.lane())["state"] == "parked"


@pytest.mark.parametrize("answer", [400, 403])
async def test_a_refused_probe_tells_nothing_and_a_newer_version_probes_again(
    worlds: Worlds, answer: int
) -> None:
    world = worlds(probe_by_write=True)
    world.register.faults.extend(["timeout-after", answer])
    await world.report(n=1)
    await world.settle_all()
    assert (await world.lane())["state"] == "unknown"
    await world.report(n=2)
    await world.settle_all()
    assert world.operations() == [("POST", 1), ("PUT", 2)]


async def test_a_probe_waits_until_the_request_can_no_longer_arrive(worlds: Worlds) -> None:
    world = worlds(probe_by_write=True, schedule=(0.0, 0.0, 0.0))
    world.register.faults.append("late")
    await world.report()
    await world.turn()
    assert await world.turn() == []
    assert await world.ledger.due_in("gvr") == pytest.approx(2.0)


async def test_an_unknown_that_an_operator_denies_is_sent_again(worlds: Worlds) -> None:
    world = worlds()
    world.register.faults.append("timeout-before")
    await world.report()
    await world.settle_all()
    await world.ledger.settle_unknown((await world.lane())["id"], "not-accepted", "not in the register")
    await world.run()
    assert world.operations() == [("POST", 1)]


# Leases and evidence


async def test_only_the_holder_settles(worlds: Worlds) -> None:
    world = worlds(can_look_up=True)
    await world.report()
    (first,) = await world.claim(owner="first")
    world.advance(LEASE + 1)
    (second,) = await world.claim(owner="second")
    assert second.attempt.kind == "lookup"
    accepted = Outcome(kind=OutcomeClass.ACCEPTED, cause="http-201")
    with pytest.raises(LeaseLost):
        await world.ledger.settle(first, accepted, None)
    assert (await world.lane())["states"] == ["unknown"]
    await world.work(second)
    assert (await world.lane())["state"] == "unknown"


async def test_a_settlement_counts_once(worlds: Worlds) -> None:
    world = worlds()
    await world.report()
    (work,) = await world.claim()
    await world.work(work)
    with pytest.raises(LeaseLost):
        await world.ledger.settle(work, Outcome(kind=OutcomeClass.REJECTED, cause="x"), None)
    assert (await world.lane())["states"] == ["accepted"]


async def test_evidence_calls_a_look_up_off(worlds: Worlds) -> None:
    world = worlds(can_look_up=True)
    await world.report()
    (first,) = await world.claim(owner="first")
    world.advance(LEASE + 1)
    (second,) = await world.claim(owner="second")
    await world.evidence(first, Answer(status=201))
    lane = await world.lane()
    assert lane["states"] == ["accepted"]
    assert [attempt["outcome"]["cause"] for attempt in lane["attempts"]] == ["taken-over", "called-off"]
    with pytest.raises(LeaseLost):
        await world.work(second)


async def test_evidence_that_nothing_was_sent_lets_the_lane_flow(worlds: Worlds) -> None:
    world = worlds()
    await world.report()
    (first,) = await world.claim(owner="first")
    world.advance(LEASE + 1)
    await world.claim(owner="second")
    await world.evidence(first, Answer(failure="connect"))
    await world.run()
    assert world.operations() == [("POST", 1)]


async def test_evidence_of_a_rejection_parks(worlds: Worlds) -> None:
    world = worlds()
    await world.report()
    (first,) = await world.claim(owner="first")
    world.advance(LEASE + 1)
    await world.claim(owner="second")
    await world.evidence(first, Answer(status=400))
    assert (await world.lane())["state"] == "parked"


async def test_evidence_about_an_older_attempt_is_kept_and_moves_nothing(worlds: Worlds) -> None:
    world = worlds(honours_keys=True)
    await world.report()
    (first,) = await world.claim(owner="first")
    world.advance(LEASE + 1)
    (second,) = await world.claim(owner="second")
    assert second.attempt.kind == "resend"
    await world.evidence(first, Answer(status=400))
    lane = await world.lane()
    assert (lane["state"], lane["states"]) == ("leased", ["sending"])
    assert lane["attempts"][0]["evidence"]["cause"] == "http-400"
    await world.work(second)
    assert (await world.lane())["states"] == ["accepted"]


async def test_evidence_after_a_look_up_found_nothing_makes_the_correction_an_update(worlds: Worlds) -> None:
    world = worlds(can_look_up=True)
    await world.report(n=1)
    (first,) = await world.claim(owner="first")
    world.advance(LEASE + 1)
    (second,) = await world.claim(owner="second")
    await world.report(n=2)
    world.advance(3)
    await world.ledger.withdraw(second)
    world.register.down = "refused"
    await world.turn()
    assert (await world.lane())["states"] == ["superseded", "waiting"]

    await world.evidence(first, world.register.work(request_of(first.attempt.request)))
    world.register.down = None
    await world.settle_all()

    assert world.operations() == [("POST", 1), ("PUT", 2)]


async def test_giving_back_what_was_not_sent_spends_nothing(worlds: Worlds) -> None:
    world = worlds()
    await world.report()
    (work,) = await world.claim()
    await world.ledger.withdraw(work)
    lane = await world.lane()
    assert (lane["state"], lane["tries"], lane["states"]) == ("waiting", 0, ["waiting"])
    await world.report(n=2)
    await world.run()
    assert world.operations() == [("POST", 2)]


async def test_what_a_killed_service_left_open_is_unknown_as_soon_as_the_ledger_opens(worlds: Worlds) -> None:
    world = worlds(can_look_up=True)
    await world.report()
    (work,) = await world.claim()
    world.register.answer(request_of(work.attempt.request))
    await world.reopen()
    assert (await world.lane())["state"] == "unknown"
    await world.settle_all()
    assert world.operations() == [("POST", 1)]


async def test_the_attempt_is_committed_with_its_request_before_it_can_be_sent(worlds: Worlds) -> None:
    world = worlds()
    await world.report()
    (work,) = await world.claim()
    await world.reopen()
    (attempt,) = (await world.lane())["attempts"]
    assert (attempt["id"], attempt["operation"]) == (work.attempt.id, "create")
    assert attempt["outcome"]["cause"] == ("taken-over" if world.store.shared else "cut-off")


async def test_a_request_that_cannot_be_made_parks_its_lane_only(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = worlds()
    make = world.receiver.request

    def trip(operation: object, service: str, body: dict[str, object], key: str | None) -> object:
        if body["id"] == "e1":
            raise KeyError("patientId")
        return make(operation, service, body, key)  # type: ignore[arg-type]

    monkeypatch.setattr(world.receiver, "request", trip)
    await world.report("e1")
    await world.report("e2")
    await world.run()
    assert (await world.lane("e1"))["cause"] == "request-not-made"
    assert (await world.lane("e2"))["state"] == "idle"


# 403 and pauses


async def test_a_403_of_one_unit_parks_its_lanes_and_the_other_units_flow(worlds: Worlds) -> None:
    world = worlds()
    world.register.forbidden_units = {"u1"}
    for number in range(3):
        await world.report(f"a{number}", unit="u1")
        await world.report(f"b{number}", unit="u2")
    for _ in range(6):
        await world.turn(limit=1)
    assert len(world.register.effects) == 3
    assert (await world.lane("a0"))["state"] == "parked"
    assert await world.notices() == [("parked", "http-403")]


async def test_403s_across_units_pause_the_register_and_park_nothing(worlds: Worlds) -> None:
    world = worlds()
    world.register.down = 403
    for number in range(4):
        await world.report(f"e{number}", unit=f"u{number}")
    await world.run()
    states = {lane["state"] for lane in (await world.ledger.lanes(LaneFilter()))["lanes"]}
    assert states == {"waiting"}
    assert await world.notices() == [("paused", "http-403")]

    world.register.down = None
    world.advance(31)
    await world.run()

    assert len(world.register.effects) == 4
    assert await world.notices() == []


async def test_a_success_between_403s_shows_that_they_are_the_units_own(worlds: Worlds) -> None:
    world = worlds()
    world.register.forbidden_units = {"u1", "u3"}
    for unit in ("u1", "u2", "u3", "u2"):
        await world.report(f"e-{unit}-{len(world.register.requests)}", unit=unit)
        await world.run()
    assert await world.notices() == [("parked", "http-403")]


async def test_a_probe_during_a_pause_for_403s_tries_another_unit(worlds: Worlds) -> None:
    world = worlds()
    world.register.forbidden_units = {"u1", "u2"}
    for unit in ("u1", "u2", "u3"):
        await world.report(f"e-{unit}", unit=unit)
    await world.turn(limit=2)
    assert await world.notices() == [("paused", "http-403")]
    world.advance(31)
    (probe,) = await world.turn()
    assert probe.message.unit == "u3"
    await world.turn(limit=1)
    assert len(world.register.effects) == 1
    assert ("paused", "http-403") not in await world.notices()


async def test_a_paused_register_gets_nothing_until_it_is_resumed(worlds: Worlds) -> None:
    world = worlds()
    await world.ledger.pause("gvr", "maintenance")
    await world.report()
    assert await world.claim() == []
    assert await world.ledger.due_in("gvr") is None
    await world.reopen()
    assert await world.claim() == []
    await world.ledger.resume("gvr")
    await world.run()
    assert len(world.register.effects) == 1


async def test_throttling_in_the_middle_of_a_doubt_keeps_the_doubt(worlds: Worlds) -> None:
    world = worlds(honours_keys=True)
    world.register.faults.extend(["timeout-before", 429])
    await world.report()
    await world.settle_all()
    lane = await world.lane()
    assert lane["states"] == ["accepted"]
    assert len({request.key for request in world.register.requests}) == 1


# Operators


async def test_a_retry_keeps_the_message_and_starts_its_attempts_anew(worlds: Worlds) -> None:
    world = worlds()
    world.register.faults.append(400)
    await world.report()
    await world.run()
    lane = await world.lane()
    await world.ledger.retry(lane["id"])
    (work,) = await world.turn()
    assert (work.message.id, work.attempt.number) == (lane["messages"][0]["id"], 2)
    assert (await world.lane())["states"] == ["accepted"]


async def test_what_is_held_cannot_be_retried(worlds: Worlds) -> None:
    world = worlds()
    await world.submit(message("e1", 1, held="rule:X"))
    with pytest.raises(NotPossible):
        await world.ledger.retry((await world.lane())["id"])


async def test_what_is_under_way_cannot_be_discarded(worlds: Worlds) -> None:
    world = worlds()
    await world.report()
    await world.claim()
    with pytest.raises(NotPossible):
        await world.ledger.discard((await world.lane())["id"], "wrong")


async def test_discarding_lets_flow_what_waits_behind(worlds: Worlds) -> None:
    world = worlds()
    world.register.faults.append(400)
    await world.submit(message("a", 1, slot="shared"))
    await world.run()
    await world.submit(message("b", 1, slot="shared"))
    lane = await world.lane("shared")
    await world.ledger.discard(lane["id"], "reported on paper", actor="anna")
    await world.run()
    lane = await world.lane("shared")
    assert lane["states"] == ["discarded", "accepted"]
    assert {"kind": "discarded", "actor": "anna"}.items() <= {
        **next(cause for cause in lane["causes"] if cause["kind"] == "discarded"),
        "actor": next(c for c in lane["causes"] if c["kind"] == "discarded")["detail"]["actor"],
    }.items()


# Shadow


async def test_a_register_in_shadow_mode_is_sent_nothing(worlds: Worlds) -> None:
    world = worlds()
    await world.report(shadow=True)
    lane = await world.lane()
    assert (lane["state"], lane["states"]) == ("idle", ["shadow"])
    assert await world.run() == []
