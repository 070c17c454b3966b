"""What an edited bundle may not do, and how it is told."""

import copy
from typing import Any

import pytest

from adapter.edits import EditRefused
from tests.edits.conftest import Office, resources, sample, with_code

Json = dict[str, Any]


async def refusal(office: Office, event: str, bundle: Json) -> list[tuple[str, tuple[str, ...]]]:
    """The errors for which an edit is refused; nothing may be stored."""
    before = await office.states(), len(await office.ledger.receipts())
    with pytest.raises(EditRefused) as refused:
        await office.edit(event, bundle)
    assert (await office.states(), len(await office.ledger.receipts())) == before
    assert await office.edits.of_event(event) == []
    return [(one.rule, one.expression) for one in refused.value.findings if one.severity == "error"]


async def test_an_edit_of_nothing_is_refused(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    assert await refusal(office, event, await office.bundle(event)) == [("EDIT-NOTHING", ("Bundle",))]


async def test_an_edit_that_makes_another_event_of_it_is_refused(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    edited = await office.bundle(event)
    resources(edited, "Encounter")[0]["identifier"][0]["value"] = "another"
    assert await refusal(office, event, edited) == [("EDIT-EVENT-GONE", ("Bundle.entry",))]


async def test_a_groups_member_cannot_become_another_patient(office: Office) -> None:
    events = await office.send(sample("gruppbesok"))
    edited = await office.bundle(events[0])
    patient = resources(edited, "Patient")[0]
    patient["identifier"][0]["value"], patient["birthDate"] = "191010101010", "1910-10-10"
    assert [rule for rule, _ in await refusal(office, events[0], edited)] == ["EDIT-EVENT-GONE"]


async def test_an_edit_that_the_rules_refuse_is_refused_with_their_findings(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    edited = await office.bundle(event)
    resources(edited, "Patient")[0]["identifier"][0]["value"] = "191212121213"
    assert "ID-CHECKSUM" in [rule for rule, _ in await refusal(office, event, edited)]


@pytest.mark.parametrize("bundle", [{}, {"resourceType": "Patient"}, {"resourceType": "Bundle", "type": "x"}])
async def test_what_is_no_bundle_is_refused(office: Office, bundle: Json) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    assert await refusal(office, event, bundle)


@pytest.mark.parametrize("value", [2**70, "\ud800"])
async def test_a_value_that_is_no_json_for_others_is_refused(office: Office, value: object) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    await refusal(office, event, await office.bundle(event) | {"id": value})


async def test_an_edit_that_changes_a_groups_other_members_is_refused(office: Office) -> None:
    events = await office.send(sample("gruppbesok"))
    edited = await office.bundle(events[0])
    resources(edited, "Encounter")[0]["period"]["start"] = "2025-03-04T09:00:00+01:00"
    resources(edited, "Encounter")[0]["period"]["end"] = "2025-03-04T10:00:00+01:00"
    assert [rule for rule, _ in await refusal(office, events[0], edited)] == ["EDIT-OTHERS"] * 2


async def test_an_edit_that_brings_another_contact_is_refused(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    edited = with_code(await office.bundle(event), "J20.9")
    other = copy.deepcopy(sample("hembesok-sarskilt-boende")["entry"])
    edited["entry"] += other
    assert [rule for rule, _ in await refusal(office, event, edited)] == ["EDIT-OTHERS"]


async def test_an_edit_that_deletes_another_event_is_refused(office: Office) -> None:
    (event,) = await office.send(sample("mottagningsbesok-lakare"))
    edited = with_code(await office.bundle(event), "J20.9")
    edited["entry"].append({"request": {"method": "DELETE", "url": "Encounter?identifier=urn:x|1"}})
    assert [rule for rule, _ in await refusal(office, event, edited)] == ["EDIT-OTHERS"]
