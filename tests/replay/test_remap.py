"""Remap through the real rules and tables: the retry-bin of the register, on each store."""

import orjson
import pytest

from adapter.errors import NotPossible
from adapter.ledger.envelope import open_envelope
from adapter.ledger.model import Edit, Listing
from tests.replay.conftest import REJECTED, UNIT, UNKNOWN, Office, contact

KOMBIKA = f"30220315001;{UNIT};2015-01-01;"
ANNA = ("anna", "table mended")


async def lane_of(office: Office, number: int = 0) -> int:
    return (await office.lanes())[number]["id"]


async def test_a_unit_that_no_table_knew_flows_once_a_later_file_has_it_under_the_same_id(
    any_office: Office,
) -> None:
    office = any_office
    assert await office.send(contact()) == 200
    (held,) = await office.messages()
    assert (held["state"], held["cause"]) == ("held", "rule:GVR-KOMBIKA")
    await office.mend(KOMBIKA)

    answer = await office.desk.remap_lane(await lane_of(office), *ANNA)
    await office.deliver()

    assert answer["effect"]["effect"] == "create"
    (told,) = await office.messages()
    assert (told["id"], told["seq"], told["state"]) == (held["id"], held["seq"], "accepted")
    (request,) = office.requests
    assert orjson.loads(request.body)["enhet"] == {"inr": "30220", "klin": "315", "avd": "001"}
    assert await office.ledger.notices() == []


async def test_a_correction_that_came_while_the_contact_was_held_is_what_flows(any_office: Office) -> None:
    office = any_office
    await office.send(contact())
    await office.send(contact(diagnosis="J20.9"))
    await office.mend(KOMBIKA)

    await office.desk.remap_lane(await lane_of(office), *ANNA)
    await office.deliver()

    assert (await office.states())[-1] == "accepted"
    (request,) = office.requests
    assert (request.method, b"J209" in request.body) == ("POST", True)


async def test_a_correction_after_the_remap_follows_as_an_update(office: Office) -> None:
    await office.send(contact())
    await office.mend(KOMBIKA)
    await office.desk.remap_lane(await lane_of(office), *ANNA)
    await office.deliver()
    await office.send(contact(diagnosis="J20.9"))

    await office.deliver()

    assert await office.states() == ["accepted", "accepted"]
    assert [request.method for request in office.requests] == ["POST", "PUT"]


async def test_a_message_that_was_rejected_for_our_fault_goes_out_anew_with_a_new_key(
    any_office: Office,
) -> None:
    office = any_office
    await office.mend(f"30299399009;{UNIT};2015-01-01;")
    await office.send(contact())
    await office.deliver(REJECTED)
    (parked,) = await office.messages()
    assert parked["state"] == "parked"
    await office.replace_table("30299399009", "30220315001")

    answer = await office.desk.remap_lane(await lane_of(office), *ANNA)
    await office.deliver()

    assert answer["effect"] == {
        "state": "parked",
        "cause": "gvr:KOMBIKA",
        "edition": parked["edition"],
        "effect": "create",
        "cause_after": None,
        "edition_after": parked["edition"],
        "fields": ["enhet.avd", "enhet.inr", "enhet.klin"],
    }
    first, second = office.requests
    assert (b"30299" in first.body, b"30220" in second.body) == (True, True)
    assert first.key != second.key
    (told,) = await office.messages()
    assert (told["id"], told["state"], told["rendering"], told["attempts"]) == (
        parked["id"],
        "accepted",
        1,
        2,
    )


async def test_what_the_message_was_before_is_kept(any_office: Office) -> None:
    office = any_office
    await office.mend(f"30299399009;{UNIT};2015-01-01;")
    await office.send(contact())
    await office.deliver(REJECTED)
    for before, after in (("30299399009", "30298398008"), ("30298398008", "30220315001")):
        await office.replace_table(before, after)
        await office.desk.remap_lane(await lane_of(office), *ANNA)

    kept = await office.ledger.read(
        lambda db: db.execute("SELECT n, body, unit, cause FROM renderings ORDER BY n").fetchall()
    )

    assert [(n, unit, cause) for n, _, unit, cause in kept] == [
        (0, "30299399009", "gvr:KOMBIKA"),
        (1, "30298398008", None),
    ]
    bodies = [orjson.loads(open_envelope(bytes(body))) for _, body, _, _ in kept]
    assert [body["enhet"]["inr"] for body in bodies] == ["30299", "30298"]


async def test_a_second_remap_changes_nothing(office: Office) -> None:
    await office.send(contact())
    await office.mend(KOMBIKA)
    lane = await lane_of(office)
    await office.desk.remap_lane(lane, *ANNA)

    with pytest.raises(NotPossible, match="same message"):
        await office.desk.remap_lane(lane, *ANNA)
    await office.deliver()
    with pytest.raises(NotPossible, match="Nothing is open"):
        await office.desk.remap_lane(lane, *ANNA)

    assert len(office.requests) == 1
    assert len(await office.facts("remapped")) == 1


async def test_of_an_event_that_an_operator_has_edited_the_edited_bundle_is_remapped(office: Office) -> None:
    await office.send(contact())
    event_id = (await office.messages())[0]["event_id"]
    edited = contact(diagnosis="J20.9")
    edit = Edit(based_on=1, actor="bo", reason="asked by the unit")
    await office.edits.submit(event_id, edited, edit, "en")
    await office.mend(KOMBIKA)

    await office.desk.remap_lane(await lane_of(office), *ANNA)
    await office.deliver()

    (request,) = office.requests
    assert b"J209" in request.body
    assert (await office.ledger.known([event_id]))[event_id].edited


async def test_a_held_contact_that_another_system_has_reported_counts_as_accepted(office: Office) -> None:
    await office.send(contact())
    (row,) = await office.ledger.read(lambda db: db.execute("SELECT identifier FROM events").fetchall())
    listed = Listing(sender="journal", identifier=row[0], register="gvr")
    await office.ledger.write(lambda tx: tx.cutovers.save(listed, tx.now, used=False))
    await office.mend(KOMBIKA)

    answer = await office.desk.remap_lane(await lane_of(office), *ANNA)

    assert (answer["effect"]["effect"], answer["state"]) == ("cut-over", "idle")
    assert await office.states() == ["accepted"]
    assert await office.deliver() == []


async def test_what_still_cannot_be_made_stays_held_and_says_so(office: Office) -> None:
    await office.send(contact())
    with pytest.raises(NotPossible, match="still cannot be made"):
        await office.desk.remap_lane(await lane_of(office), *ANNA)
    assert await office.states() == ["held"]


async def test_an_unknown_outcome_is_never_remapped_though_a_newer_version_waits(office: Office) -> None:
    await office.mend(KOMBIKA)
    await office.send(contact())
    await office.deliver(UNKNOWN)
    await office.send(contact(diagnosis="J20.9"))
    assert await office.states() == ["unknown", "waiting"]
    await office.replace_table("30220315001", "30221316001")

    with pytest.raises(NotPossible, match="not known"):
        await office.desk.remap_lane(await lane_of(office), *ANNA)

    assert await office.states() == ["unknown", "waiting"]


async def test_a_resend_of_the_same_bundle_is_unchanged_after_the_remap(any_office: Office) -> None:
    office = any_office
    await office.send(contact())
    await office.mend(KOMBIKA)
    await office.desk.remap_lane(await lane_of(office), *ANNA)

    await office.send(contact())
    await office.deliver()
    await office.send(contact())

    assert await office.states() == ["accepted"]
    dispositions = await office.ledger.read(
        lambda db: db.execute("SELECT disposition FROM event_versions ORDER BY id").fetchall()
    )
    assert [row[0] for row in dispositions] == ["stored", "unchanged"]


async def test_an_event_says_of_the_register_what_the_remap_made_of_it(office: Office) -> None:
    await office.send(contact())
    await office.mend(KOMBIKA)
    await office.desk.remap_lane(await lane_of(office), *ANNA)
    (row,) = await office.ledger.read(
        lambda db: db.execute("SELECT revision, fates_json FROM events").fetchall()
    )
    assert (row[0], orjson.loads(row[1])) == (2, {"gvr": ["message", None]})


async def test_the_audit_says_who_why_and_from_which_edition_to_which_and_names_no_patient(
    office: Office,
) -> None:
    await office.send(contact())
    await office.mend(KOMBIKA)
    await office.desk.remap_lane(await lane_of(office), *ANNA)
    (fact,) = await office.facts("remapped")
    assert fact == {
        "actor": "anna",
        "reason": "table mended",
        "state": "held",
        "cause": "rule:GVR-KOMBIKA",
        "edition_before": "gvr-vardkontakt-2025",
        "edition": "gvr-vardkontakt-2025",
        "intent": "report",
        "held": None,
        "rendering": 1,
    }
    assert (await office.ledger.audit_verify()).broken_at is None


async def test_a_lane_that_is_not_there_is_none(office: Office) -> None:
    assert await office.desk.remap_lane(7, *ANNA) is None
