"""Shadow mode before a real register: nothing but questions reaches it."""

from typing import Any

import orjson

from tests.shadow.conftest import visit

NUMBER = "191212121212"


async def test_what_another_system_reports_alike_agrees(offices: Any) -> None:
    office = await offices(shadow=True)
    for number in range(3):
        await office.send(visit(number))
    found = await office.post("/api/shadow/compare", register="gvr", bodies=await office.bodies())
    assert (found["agrees"], found["counts"]["equal"], found["ours"]) == (True, 3, 3)
    assert office.received() == []


async def test_differences_are_told_without_patients(offices: Any) -> None:
    office = await offices(shadow=True)
    for number in range(3):
        await office.send(visit(number))
    same, other, alone = await office.bodies()
    theirs = [same, {**other, "taxa": "99"}, {**alone, "patientId": "195009072553"}]
    found = await office.post("/api/shadow/compare", register="gvr", bodies=theirs)
    assert {kind: n for kind, n in found["counts"].items() if n} == {
        "equal": 1, "different": 1, "only_ours": 1, "only_theirs": 1,
    }  # fmt: skip
    assert found["only_theirs"]["places"] == [2]
    told = orjson.dumps(found).decode()
    assert NUMBER not in told
    assert "195009072553" not in told


async def test_the_newest_message_of_each_event_is_compared_and_cancelled_ones_are_not(offices: Any) -> None:
    office = await offices(shadow=True)
    await office.send(visit(1))
    await office.send(visit(1, diagnosis="J18.0"))
    await office.send(visit(2))
    await office.send(visit(2, status="cancelled"))
    found = await office.post("/api/shadow/compare", register="gvr", bodies=(await office.bodies())[1:2])
    assert (found["agrees"], found["ours"], found["cancelled"]) == (True, 1, 1)


async def test_dates_of_care_choose_from_both_sides(offices: Any) -> None:
    office = await offices(shadow=True)
    await office.send(visit(1))
    bodies = await office.bodies()
    theirs = [*bodies, {**bodies[0], "datum": "2025-04-01"}]
    march = await office.post("/api/shadow/compare", register="gvr", until="2025-03-31", bodies=theirs)
    assert (march["agrees"], march["theirs"]) == (True, 1)
    april = await office.post("/api/shadow/compare", register="gvr", since="2025-04-01", bodies=theirs)
    assert (april["ours"], april["counts"]["only_theirs"]) == (0, 1)


async def test_other_names_of_members_are_understood(offices: Any) -> None:
    office = await offices(shadow=True, rename={"taxa": "avgift.taxa"})
    await office.send(visit(1))
    (body,) = await office.bodies()
    theirs = {name: value for name, value in body.items() if name != "taxa"}
    theirs["avgift"] = {"taxa": body["taxa"]}
    assert (await office.post("/api/shadow/compare", register="gvr", bodies=[theirs]))["agrees"]


async def test_the_register_can_be_asked_page_by_page_what_it_holds(offices: Any) -> None:
    office = await offices(shadow=True)
    for number in range(3):
        await office.send(visit(number))
    first, second, _ = await office.bodies()
    ids = [one["event_id"] for one in (await office.client.get("/api/messages")).json()["messages"]]
    office.report_elsewhere({**first, "handelseId": ids[0]}, {**second, "handelseId": ids[1], "akut": "J"})
    before = office.received()
    page = await office.post("/api/shadow/lookup", register="gvr", limit=2)
    assert page["counts"] == {"equal": 1, "different": 1}
    last = await office.post("/api/shadow/lookup", register="gvr", limit=2, after=page["after"])
    assert (last["counts"], last["after"], last["stopped"]) == ({"absent": 1}, None, None)
    assert office.received() == before


async def test_a_register_that_cannot_be_reached_ends_the_questions(offices: Any) -> None:
    office = await offices(shadow=True, url="http://127.0.0.1:9/gvr")
    await office.send(visit(1))
    found = await office.post("/api/shadow/lookup", register="gvr")
    assert (found["counts"], found["after"]) == ({}, None)
    assert found["stopped"]


async def test_what_cannot_be_asked_is_said(offices: Any) -> None:
    office = await offices(shadow=True, lookup=None)
    answer = await office.post("/api/shadow/lookup", status=409, register="gvr")
    assert "look-up" in answer["error"]["text"]
    assert (await office.post("/api/shadow/compare", status=409, register="pasis", bodies=[]))["error"]
    wrong = await office.post("/api/shadow/compare", status=422, register="gvr", since="soon", bodies=[])
    assert wrong["error"]["text"] == "wrong or missing: since"
    wrong = await office.post("/api/shadow/compare", status=422, register="gvr", bodies=[NUMBER])
    assert NUMBER not in orjson.dumps(wrong).decode()


async def test_nothing_is_released_while_the_register_is_in_shadow_mode(offices: Any) -> None:
    office = await offices(shadow=True)
    await office.send(visit(1))
    refused = await office.post("/api/registers/gvr/release-shadow", status=409)
    assert "shadow = false" in refused["error"]["hint"]
    rehearsed = await office.post("/api/registers/gvr/release-shadow", dry_run=True)
    assert rehearsed == {"released": 1, "needless": 0, "busy": 0}
    assert await office.states(1) == ["shadow"]


async def test_before_a_register_in_production_a_test_persons_contact_is_held_and_nothing_is_sent(
    offices: Any,
) -> None:
    office = await offices(production=True)
    answer = await office.send(visit(1))
    await office.settled()
    lanes = (await office.client.get("/api/lanes?state=held")).json()["lanes"]
    assert [lane["cause"] for lane in lanes] == ["rule:GUARD-TESTPERSON"]
    assert "GUARD-TESTPERSON" in answer.text
    assert office.received() == []
