"""Edits on a real ledger: what becomes of the event, its lanes, its history and the audit trail."""

import pytest

from adapter.domain.message import Operation
from adapter.edits import EditRefused
from adapter.errors import EditConflict, NotPossible
from adapter.ledger.model import NewEvent, NewReceipt
from tests.edits.conftest import UNKNOWN, Office, resources, sample, with_code

PATIENT = ("191212121212", "19121212", "Tolvan", "195009072553", "J20.9", "J18.9", "J209", "J189")


def rules(refused: EditRefused) -> list[str]:
    return [finding.rule for finding in refused.findings if finding.severity == "error"]


async def test_an_edit_is_the_events_newest_version_and_corrects_what_was_accepted(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    await office.deliver()
    found = await office.edit(event, with_code(await office.bundle(event), "J20.9"))
    assert (found["state"], found["disposition"]) == ("applied", "stored")
    ((operation, body),) = await office.deliver()
    assert (operation, body["diagnoser"][0]["kod"]) == (Operation.UPDATE, "J209")


async def test_what_was_received_stays_and_the_difference_is_kept(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    before = await office.ledger.receipts()
    found = await office.edit(event, with_code(await office.bundle(event), "J20.9"))
    receipts = await office.ledger.receipts()
    assert receipts[0] == before[0]
    assert [receipt["sender"] for receipt in receipts] == ["journal", "journal"]
    shown = await office.edits.show(found["id"], "bo")
    assert shown is not None
    assert shown["difference"] == [
        {"op": "replace", "path": "/entry/5/resource/code/coding/0/code", "before": "J18.9", "after": "J20.9"}
    ]
    assert (shown["actor"], shown["reason"], shown["based_on"]) == ("anna", "wrong code", 1)


async def test_the_next_edit_begins_with_the_edited_bundle(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    await office.edit(event, with_code(await office.bundle(event), "J20.9"))
    source = await office.edits.source(event, "bo")
    assert source is not None
    assert (source["revision"], source["edited"]) == (2, True)
    assert resources(source["bundle"], "Condition")[0]["code"]["coding"][0]["code"] == "J20.9"
    assert (await office.edit(event, with_code(source["bundle"], "J18.9"), based_on=2))["state"] == "applied"


async def test_an_edit_of_an_older_version_is_refused(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    fetched = await office.bundle(event)
    await office.send(with_code(sample("mottagningsbesok-lakare"), "J45.9"))
    before = await office.states()
    with pytest.raises(EditConflict):
        await office.edit(event, with_code(fetched, "J20.9"))
    assert await office.states() == before
    assert await office.edits.of_event(event) == []


async def test_two_edits_of_one_version_cannot_both_win(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    fetched = await office.bundle(event)
    await office.edit(event, with_code(fetched, "J20.9"))
    with pytest.raises(EditConflict):
        await office.edit(event, with_code(fetched, "J45.9"), actor="bo")


async def test_a_dry_run_tells_what_would_happen_and_stores_nothing(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    found = await office.try_out(event, with_code(await office.bundle(event), "J20.9"))
    assert found["state"] == "dry-run"
    assert [change["path"] for change in found["difference"]] == found["paths"]
    ((message),) = found["messages"]
    assert (message["register"], message["what"], message["changed"]) == (
        "gvr", "report", ["diagnoser[0].kod"],
    )  # fmt: skip
    assert await office.states() == ["waiting"]
    assert (await office.event(event))["revision"] == 1
    assert await office.edits.of_event(event) == []


async def test_an_edit_that_changes_the_patient_cancels_and_creates(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    await office.deliver()
    edited = await office.bundle(event)
    (patient,) = resources(edited, "Patient")
    patient["identifier"][0]["value"] = "195009072553"
    patient["birthDate"] = "1950-09-07"
    await office.edit(event, edited)
    sent = await office.deliver() + await office.deliver()
    assert [operation for operation, _ in sent] == [Operation.CANCEL, Operation.CREATE]
    assert [body["patientId"] for _, body in sent] == ["191212121212", "195009072553"]


async def test_an_edit_waits_behind_an_outcome_that_is_not_known(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    await office.deliver(UNKNOWN)
    found = await office.edit(event, with_code(await office.bundle(event), "J20.9"))
    assert found["messages"][0]["lane_state"] == "unknown"
    assert await office.states() == ["unknown", "waiting"]
    assert await office.deliver() == []
    await office.ledger.settle_unknown(1, "accepted", "seen in the register")
    ((operation, _),) = await office.deliver()
    assert operation is Operation.UPDATE


async def test_an_edit_frees_what_a_rule_held(office: Office) -> None:
    (event,) = await office.send(sample("enhet-utan-kombika"))
    assert await office.states() == ["held"]
    edited = await office.bundle(event)
    unit = resources(sample("mottagningsbesok-lakare"), "Organization")[0]["identifier"]
    resources(edited, "Organization")[0]["identifier"] = unit
    await office.edit(event, edited)
    assert await office.states() == ["superseded", "waiting"]


async def test_a_senders_version_that_undoes_an_edit_is_flagged(office: Office) -> None:
    first = sample("mottagningsbesok-lakare")
    (event,) = await office.send(first)
    await office.edit(event, with_code(await office.bundle(event), "J20.9"))
    await office.send(with_code(first, "J45.9"))
    found = await office.event(event)
    assert [version["undoes_edit"] for version in found["versions"]] == [False, False, True]
    assert found["versions"][1]["edit"] == {"based_on": 1, "actor": "anna", "reason": "wrong code"}
    assert found["registers"]["gvr"][0]["flag"] == "undoes-edit"
    lane = await office.ledger.lane(1)
    assert lane is not None
    assert [message["flag"] for message in lane["messages"]] == [None, None, "undoes-edit"]
    assert [message["edit"] is not None for message in lane["messages"]] == [False, True, False]


async def test_an_edit_of_a_groups_member_concerns_that_member_alone(office: Office) -> None:
    events = await office.send(sample("gruppbesok"))
    await office.deliver()
    edited = with_code(await office.bundle(events[1]), "M25.5", number=1)
    found = await office.edit(events[1], edited)
    assert len(found["messages"]) == 1
    ((operation, body),) = await office.deliver()
    assert (operation, body["diagnoser"][0]["kod"]) == (Operation.UPDATE, "M255")
    assert [(await office.event(event))["revision"] for event in events] == [1, 2, 1]


async def test_members_who_are_left_out_of_an_edited_bundle_are_not_withdrawn(office: Office) -> None:
    events = await office.send(sample("gruppbesok"))
    edited = with_code(await office.bundle(events[0]), "M25.5")
    resources(edited, "Group")[0]["member"].pop()
    await office.edit(events[0], edited)
    assert (await office.event(events[2]))["status"] == "final"
    assert await office.states() == ["superseded", "waiting", "waiting", "waiting"]


async def test_a_second_person_commits_an_edit(careful: Office) -> None:
    (event,) = await careful.send(sample("mottagningsbesok-lakare"))
    found = await careful.edit(event, with_code(await careful.bundle(event), "J20.9"))
    assert (found["state"], await careful.states()) == ("proposed", ["waiting"])
    assert [edit["id"] for edit in await careful.edits.proposed(10, 0)] == [found["id"]]
    done = await careful.edits.approve(found["id"], "bo", "en")
    assert done is not None
    assert (done["state"], done["actor"], done["decided_by"]) == ("applied", "anna", "bo")
    assert await careful.states() == ["superseded", "waiting"]
    assert await careful.edits.proposed(10, 0) == []


@pytest.mark.parametrize("same", ["anna", "Anna", " anna "])
async def test_whoever_proposes_an_edit_cannot_approve_it(careful: Office, same: str) -> None:
    (event,) = await careful.send(sample("mottagningsbesok-lakare"))
    found = await careful.edit(event, with_code(await careful.bundle(event), "J20.9"))
    with pytest.raises(NotPossible):
        await careful.edits.approve(found["id"], same, "en")
    assert await careful.states() == ["waiting"]


async def test_a_refused_edit_changes_nothing_and_stays_refused(careful: Office) -> None:
    (event,) = await careful.send(sample("mottagningsbesok-lakare"))
    found = await careful.edit(event, with_code(await careful.bundle(event), "J20.9"))
    refused = await careful.edits.refuse(found["id"], "bo", "the code was right")
    assert refused is not None
    assert (refused["state"], refused["decided_why"]) == ("refused", "the code was right")
    for decide in (
        careful.edits.approve(found["id"], "bo", "en"),
        careful.edits.refuse(found["id"], "b", "no"),
    ):
        with pytest.raises(NotPossible):
            await decide
    assert await careful.states() == ["waiting"]


async def test_a_proposed_edit_that_a_newer_version_has_overtaken_cannot_be_approved(careful: Office) -> None:
    (event,) = await careful.send(sample("mottagningsbesok-lakare"))
    found = await careful.edit(event, with_code(await careful.bundle(event), "J20.9"))
    await careful.send(with_code(sample("mottagningsbesok-lakare"), "J45.9"))
    with pytest.raises(EditConflict):
        await careful.edits.approve(found["id"], "bo", "en")
    assert await careful.states() == ["superseded", "waiting"]
    assert len(await careful.edits.proposed(10, 0)) == 1


async def test_every_look_and_act_is_audited_without_a_value_of_the_patients(careful: Office) -> None:
    (event,) = await careful.send(sample("mottagningsbesok-lakare"))
    edited = with_code(await careful.bundle(event), "J20.9")
    await careful.try_out(event, edited)
    proposed = await careful.edit(event, edited)
    await careful.edits.show(proposed["id"], "bo")
    await careful.edits.approve(proposed["id"], "bo", "en")
    again = await careful.edit(event, with_code(edited, "J45.9"), based_on=2)
    await careful.edits.refuse(again["id"], "bo", "the code was right")
    trail = await careful.audited()
    kinds = [kind for kind, _ in trail if kind not in ("received", "arrived", "superseded")]
    assert kinds == [
        "source-read", "edit-tried", "edit-proposed", "edit-read", "edit-approved",
        "edit-proposed", "edit-refused",
    ]  # fmt: skip
    details = dict(trail)
    assert details["source-read"] == {"event": event, "revision": 1, "actor": "reader"}
    assert details["edit-proposed"]["paths"] == ["/entry/5/resource/code/coding/0/code"]
    assert (details["edit-refused"]["refused_by"], details["edit-refused"]["actor"]) == ("bo", "anna")
    assert not [value for value in PATIENT if value in repr(trail)]
    assert (await careful.ledger.audit_verify()).broken_at is None


async def test_what_is_listed_of_edits_holds_no_value(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    found = await office.edit(event, with_code(await office.bundle(event), "J20.9"))
    shown = repr((found, await office.edits.of_event(event), await office.event(event)))
    assert not [value for value in PATIENT if value in shown]


async def test_the_content_of_edits_is_sealed_in_the_store(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    await office.edit(event, with_code(await office.bundle(event), "J20.9"))
    rows = await office.ledger.read(lambda db: db.execute("SELECT payload, difference FROM edits").fetchall())
    assert all(column.startswith(b"vardbro1 ") for row in rows for column in row)


async def test_there_is_nothing_to_edit_of_an_event_that_is_not_there(office: Office) -> None:
    assert await office.edits.source("v0", "anna") is None
    assert await office.edits.show(1, "anna") is None
    assert await office.edits.approve(1, "anna", "en") is None
    assert await office.audited() == []


async def test_an_event_whose_bundle_was_not_kept_cannot_be_edited(office: Office) -> None:
    receipt = NewReceipt(
        sender="journal", key=None, body_hash="", size=0, received_at=0.0, status=200, payload=None
    )
    event = NewEvent(
        event_id="e1", sender="journal", identifier="n", version=None, expected_revision=0, status="final",
        content="",
    )  # fmt: skip
    await office.ledger.commit(receipt, [event], lambda _: b"")
    with pytest.raises(NotPossible):
        await office.edits.source("e1", "anna")


async def test_a_number_in_the_place_of_a_name_does_not_get_into_the_trail(office: Office) -> None:
    batch = sample("mottagningsbesok-lakare") | {"type": "batch"}
    odd = {"resourceType": "Basic", "code": {"text": "x"}, "191212121212": "y"}
    batch["entry"].append({"resource": odd, "request": {"method": "POST", "url": "Basic"}})
    (event,) = await office.send(batch)
    edited = with_code(await office.bundle(event), "J20.9")
    edited["entry"].pop()
    number = len(batch["entry"]) - 1
    edited["entry"].append(
        {"resource": odd | {"191212121212": "z"}, "request": batch["entry"][-1]["request"]}
    )
    found = await office.edit(event, edited)
    assert f"/entry/{number}/resource/***" in found["paths"]
    assert not [value for value in PATIENT if value in repr((found, await office.audited()))]
