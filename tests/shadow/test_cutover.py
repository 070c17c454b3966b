"""From shadow mode to production before a real register: nothing is reported twice, nothing is missing."""

from typing import Any

from tests.shadow.conftest import UNIT, identifier, visit


async def load(office: Any, *contacts: Any, status: int = 200, **asked: Any) -> Any:
    listed = [one if isinstance(one, dict) else {"identifier": identifier(one)} for one in contacts]
    given = {"register": "gvr", "sender": "default", "contacts": listed, **asked}
    return await office.post("/api/cutovers", status=status, **given)


def counted(answer: dict[str, Any]) -> dict[str, int]:
    return {kind: n for kind, n in answer["counts"].items() if n}


async def test_from_the_shadow_to_production(offices: Any) -> None:
    office = await offices(shadow=True)
    for number in (1, 2, 3):
        await office.send(visit(number))
    theirs = await office.bodies()
    office.report_elsewhere(*theirs[:2])
    listed = [
        {"identifier": identifier(number), "body": body} for number, body in zip((1, 2), theirs, strict=False)
    ]
    assert counted(await load(office, *listed, identifier_of(4))) == {"accepted": 2, "listed": 1}

    office = await offices(shadow=False)
    assert (await office.post("/api/registers/gvr/release-shadow"))["released"] == 1
    await office.send(visit(1, diagnosis="J18.0"))
    await office.send(visit(2, status="cancelled"))
    await office.send(visit(4))
    await office.settled()
    ours = await event_of(office, 3)
    assert sorted(office.received()[2:]) == [
        ("DELETE", "OLD-1", 200),
        ("POST", ours, 201),
        ("PUT", "OLD-0", 200),
    ]
    assert await office.states(4) == ["accepted"]

    said = [identifier(number) for number in (1, 2, 3, 4, 5)]
    period = {"from": "2025-03-01", "to": "2025-03-31"}
    found = await office.post(
        "/api/completeness", sender="default", unit=UNIT, register="gvr", identifiers=said, **period
    )
    assert found["counts"] == {"accepted": 3, "cancelled": 1, "never-received": 1}
    assert (found["complete"], found["classes"]["never-received"]) == (False, [identifier(5)])
    enough = await office.post("/api/completeness", sender="default", unit=UNIT, count=4, **period)
    assert (enough["complete"], enough["missing"]) == (True, 0)


def identifier_of(number: int) -> dict[str, Any]:
    return {"identifier": identifier(number)}


async def event_of(office: Any, number: int) -> str:
    return next(one["event_id"] for one in await office._events() if one["identifier"] == identifier(number))


async def test_a_rehearsal_and_loading_twice(offices: Any) -> None:
    office = await offices(shadow=True)
    await office.send(visit(1))
    assert counted(await load(office, 1, 2, dry_run=True)) == {"accepted": 1, "listed": 1}
    assert (await office.client.get("/api/cutovers")).json()["contacts"] == []
    assert counted(await load(office, 1, 2)) == {"accepted": 1, "listed": 1}
    assert counted(await load(office, 1, 2)) == {"already": 1, "listed": 1}
    listed = (await office.client.get("/api/cutovers", params={"limit": 1})).json()
    following = (await office.client.get("/api/cutovers", params={"after": listed["next"]})).json()
    assert [one["identifier"] for one in (*listed["contacts"], *following["contacts"])] == [
        identifier(1), identifier(2),
    ]  # fmt: skip
    assert listed["totals"] == [{"sender": "default", "register": "gvr", "listed": 2, "used": 1}]
    waiting = (await office.client.get("/api/cutovers", params={"used": "false"})).json()["contacts"]
    assert [one["identifier"] for one in waiting] == [identifier(2)]


async def test_what_cannot_be_used_is_named(offices: Any) -> None:
    office = await offices(shadow=True)
    await office.send(visit(1))
    (body,) = await office.bodies()
    answer = await load(
        office,
        {"identifier": "no bar"},
        {"identifier": identifier(1), "body": {**body, "taxa": "99"}},
        {"identifier": identifier(2)},
        {"identifier": identifier(2)},
    )
    assert [one["place"] for one in answer["bad"]] == [0]
    assert (answer["duplicates"], answer["own_ids"], answer["differs"]) == (1, 1, [identifier(1)])
    unknown = await load(office, 1, status=422, sender="nobody")
    assert "known: default" in unknown["error"]["text"]
    assert (await load(office, 1, status=409, register="signe"))["error"]


async def test_the_first_message_that_comes_is_not_sent_and_a_first_cancel_is(offices: Any) -> None:
    office = await offices(shadow=False)
    await load(office, 1, 2)
    await office.send(visit(1))
    answer = await office.send(visit(2, status="cancelled"))
    await office.settled()
    assert await office.states(1) == ["accepted"]
    assert await office.states(2) == ["accepted", "accepted"]
    assert [method for method, _, _ in office.received()] == ["DELETE"]
    assert "INTAKE-NOTHING-TO-CANCEL" not in answer.text


async def test_a_first_cancel_that_names_nobody_is_held_unless_the_list_says_what_was_reported(
    offices: Any,
) -> None:
    office = await offices(shadow=True)
    await office.send(visit(2))
    (body,) = await office.bodies()
    office.report_elsewhere(body)
    office = await offices(shadow=False)
    reported = {**body, "handelseId": "OLD-0"}
    await load(office, 1, {"identifier": identifier(3), "body": reported})
    for number in (1, 3):
        await office.send(deletion(number))
    await office.settled()
    lanes = (await office.client.get("/api/lanes?state=held")).json()["lanes"]
    assert [lane["cause"] for lane in lanes] == ["rule:CUTOVER-CANCEL-INCOMPLETE"]
    assert office.received()[1:] == [("DELETE", "OLD-0", 200)]


def deletion(number: int) -> dict[str, Any]:
    url = f"Encounter?identifier={identifier(number)}"
    entry = {"request": {"method": "DELETE", "url": url}}
    return {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}


async def test_a_cancel_of_what_nobody_has_reported_is_in_vain_as_ever(offices: Any) -> None:
    office = await offices(shadow=False)
    answer = await office.send(visit(1, status="cancelled"))
    assert "INTAKE-NOTHING-TO-CANCEL" in answer.text
    assert office.received() == []
