"""Plans: which lanes, what would become of each, and nothing of any patient."""

from typing import Any

import orjson

from adapter.ledger.replay import Choice
from adapter.replay import planning
from tests.replay.conftest import REJECTED, UNIT, UNKNOWN, Office, contact

OTHER_UNIT = "SE2321000016-8YYY"
KOMBIKA = f"30220315001;{UNIT};2015-01-01;"


async def items(office: Office, replay: dict[str, Any]) -> list[dict[str, Any]]:
    return (await office.desk.items(replay["id"], 0, 1000))["items"]


async def test_a_plan_says_for_each_lane_what_would_become_of_it_and_sends_nothing(
    any_office: Office,
) -> None:
    office = any_office
    await office.send(contact(1))
    await office.send(contact(2, unit=OTHER_UNIT))
    await office.mend(KOMBIKA)

    plan = await office.plan()

    assert (plan["state"], plan["total"], plan["skipped"], plan["left"]) == ("planned", 2, 1, 1)
    assert plan["totals"] == {
        "effects": {"create": 1, "left": 1},
        "causes": {},
        "fields": {},
        "skipped": {"still-held": 1},
    }
    mended, other = await items(office, plan)
    assert mended["effect"] == {
        "state": "held",
        "cause": "rule:GVR-KOMBIKA",
        "edition": "gvr-vardkontakt-2025",
        "effect": "create",
        "cause_after": None,
        "edition_after": "gvr-vardkontakt-2025",
        "fields": [],
    }
    assert (other["state"], other["why"]) == ("skipped", "still-held")
    assert await office.states() == ["held", "held"]
    assert await office.claim() == []


async def test_a_plan_names_the_fields_that_differ_and_no_values(office: Office) -> None:
    await office.mend(f"30299399009;{UNIT};2015-01-01;")
    await office.send(contact())
    await office.deliver(REJECTED)
    await office.replace_table("30299399009", "30220315001")

    plan = await office.plan()

    assert plan["totals"]["fields"] == {"enhet.avd": 1, "enhet.inr": 1, "enhet.klin": 1}
    shown = orjson.dumps([plan, await items(office, plan)]).decode()
    for value in ("191212121212", "30299", "30220", "J18"):
        assert value not in shown


async def test_a_parked_message_that_comes_out_the_same_is_left_to_a_retry(office: Office) -> None:
    await office.mend(KOMBIKA)
    await office.send(contact())
    await office.deliver(REJECTED)
    plan = await office.plan()
    assert plan["totals"]["skipped"] == {"same": 1}


async def test_a_retry_says_what_would_be_sent_or_that_it_looks(office: Office) -> None:
    await office.mend(KOMBIKA)
    await office.send(contact(1))
    await office.deliver(REJECTED)
    await office.send(contact(2))
    await office.deliver(UNKNOWN)
    await office.send(contact(3))
    await office.deliver()
    await office.send(contact(3, diagnosis="J20.9"))
    await office.deliver(REJECTED)

    plan = await office.plan("retry")

    assert plan["totals"]["effects"] == {"create": 1, "look": 1, "update": 1}
    assert [item["effect"]["state"] for item in await items(office, plan)] == ["parked", "parked", "unknown"]


async def test_a_remap_never_takes_unknown_lanes_and_a_retry_never_held_ones(office: Office) -> None:
    await office.send(contact(1))
    await office.mend(f"30221316001;{OTHER_UNIT};2015-01-01;")
    await office.send(contact(2, unit=OTHER_UNIT))
    await office.deliver(UNKNOWN)
    assert [item["effect"]["state"] for item in await items(office, await office.plan())] == ["held"]
    assert [item["effect"]["state"] for item in await items(office, await office.plan("retry"))] == [
        "unknown"
    ]


async def test_filters_choose_lanes_by_cause_unit_lane_state_and_time(office: Office) -> None:
    await office.send(contact(1))
    office.clock.now += 100
    await office.send(contact(2, unit=OTHER_UNIT))
    await office.mend(f"30221316001;{OTHER_UNIT};2015-01-01;")
    await office.send(contact(3, unit=OTHER_UNIT))
    await office.deliver(REJECTED)
    lanes = await office.lanes()
    first, second = (lane["id"] for lane in lanes[:2])

    async def chosen(**choice: Any) -> list[int]:
        return [item["lane"] for item in await items(office, await office.plan(**choice))]

    assert await chosen(state="held") == [first, second]
    assert await chosen(cause="rule:GVR-KOMBIKA") == [first, second]
    assert await chosen(cause="gvr:KOMBIKA") == [lanes[2]["id"]]
    assert await chosen(unit=UNIT) == [first]
    assert await chosen(lane=str(second)) == [second]
    assert await chosen(lane=lanes[0]["slot"]) == [first]
    assert await chosen(since=office.clock.now - 50, state="held") == [second]
    assert await chosen(register="gvr", limit=2) == [first, second]
    assert await chosen(register="pasis") == []


async def test_a_plan_grows_page_by_page_and_a_killed_service_goes_on_with_the_next_page(
    office: Office, monkeypatch: Any
) -> None:
    monkeypatch.setattr(planning, "PAGE", 3)
    for number in range(8):
        await office.send(contact(number))
    await office.mend(KOMBIKA)
    planner = planning.Planner(office.ledger, office.remaker)
    begun = await office.ledger.write(lambda tx: begin_and_take(tx, "first"))
    grown = await planner.page(begun, "first")
    assert (grown.state, grown.total) == ("planning", 3)

    office.clock.now += 31  # the first node is gone, its lease runs out
    office.desk.runner.start()
    plan = await office.rest(begun.id)

    assert (plan["state"], plan["total"]) == ("planned", 8)
    assert [item["n"] for item in await items(office, plan)] == list(range(1, 9))
    assert len({item["lane"] for item in await items(office, plan)}) == 8


async def test_a_page_that_was_written_already_is_not_written_again(office: Office) -> None:
    await office.send(contact())
    planner = planning.Planner(office.ledger, office.remaker)
    begun = await office.ledger.write(lambda tx: begin_and_take(tx, "first"))
    await planner.page(begun, "first")
    again = await planner.page(begun, "first")
    assert again.total == 1


async def test_a_bundle_that_cannot_be_opened_is_skipped_and_stops_nobody(office: Office) -> None:
    await office.send(contact(1))
    await office.send(contact(2))
    await office.ledger.write(
        lambda tx: tx.db.execute("UPDATE receipts SET payload = ? WHERE id = 1", (b"vardbro1 zstd none\nx",))
    )
    await office.ledger.write(lambda tx: tx.db.execute("UPDATE receipts SET payload = NULL WHERE id = 2"))
    plan = await office.plan()
    assert plan["totals"]["skipped"] == {"damaged": 1, "not-kept": 1}


def begin_and_take(tx: Any, owner: str) -> Any:
    from adapter.ledger.replaying import begin, take  # noqa: PLC0415

    begin(tx, "remap", Choice(), 500, "anna", "table mended")
    return take(tx, owner)[0]
