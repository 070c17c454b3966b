"""What a sender is told of each entry, and of a cancellation that cancels nothing."""

import copy
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapter.intake import Intake
from adapter.ledger.sqlite import SqliteLedger
from tests.test_intake import (
    Json,
    body,
    cancelled_events,
    intake_on,
    messages,
    resource,
    rules,
    sample,
    send,
)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[SqliteLedger]:
    ledger = SqliteLedger.open(tmp_path / "ledger.db")
    yield ledger
    await ledger.close()


@pytest.fixture
def intake(ledger: SqliteLedger) -> Intake:
    return intake_on(ledger)


def responses(answer: Json) -> list[tuple[str, list[str]]]:
    """Status and rules of each entry."""
    return [(one["response"]["status"][:3], rules(one)) for one in answer["entry"]]


def severities(answer: Json) -> set[tuple[str, str]]:
    """Status and severity of every issue."""
    return {
        (one["response"]["status"][:3], issue["severity"])
        for one in answer["entry"]
        for issue in one["response"]["outcome"]["issue"]
    }


async def test_what_belongs_to_an_encounter_that_cannot_be_read_is_refused_with_it(intake):
    bundle = sample("mottagningsbesok-lakare") | {"type": "batch"}
    other = sample("mottagningsbesok-sjukskoterska")
    resource(other, "Encounter")["period"] = {"start": "nope"}
    number = len(bundle["entry"])
    for entry in other["entry"]:
        kind = entry["resource"]["resourceType"]
        bundle["entry"].append({**entry, "request": {"method": "POST", "url": kind}})
    told = responses(body(await send(intake, bundle)))
    assert {status for status, _ in told[:number]} == {"201"}
    of_encounter = [one for one in told[number:] if one[0] == "400"]
    rest = [one for one in told[number:] if one[0] != "400"]
    assert len(of_encounter) == 1
    assert rest
    assert {status for status, _ in rest} == {"422"}
    assert all("INTAKE-ENTRY-REFUSED" in found for _, found in rest)


async def test_what_a_refused_contact_shares_with_a_taken_one_is_taken(intake):
    answer = body(await send(intake, sample("batch-med-ett-fel")))
    assert {"201", "422"} == {status for status, _ in responses(answer)}
    assert ("201", "error") not in severities(answer)
    assert ("422", "error") in severities(answer)


async def test_a_deletion_of_nothing_in_particular_is_told_by_its_error_alone(intake):
    url = "Encounter?identifier=a|b,c|d"
    entry = {"request": {"method": "DELETE", "url": url}}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
    assert responses(body(await send(intake, bundle))) == [("422", ["CONTACT-NO-IDENTIFIER"])]


async def test_an_entry_that_no_contact_reads_is_no_creation(intake):
    bundle = sample("mottagningsbesok-lakare")
    bundle["entry"].append(
        {
            "fullUrl": "urn:uuid:6f2d0c6e-7f0e-4f4e-9d53-0d5b8f8f2a11",
            "resource": {"resourceType": "Basic", "code": {"text": "annat"}},
            "request": {"method": "POST", "url": "Basic"},
        }
    )
    answer = body(await send(intake, bundle))
    assert responses(answer)[-1] == ("200", ["INTAKE-ENTRY-NOT-READ"])


async def test_an_error_that_holds_a_taken_contact_is_a_warning_in_its_entry(intake, ledger):
    bundle = sample("enhet-utan-kombika")
    answer = body(await send(intake, bundle))
    assert "INTAKE-HELD" in rules(answer)
    assert {severity for _, severity in severities(answer)} == {"warning", "information"}


@pytest.mark.parametrize("name", ["makulering", "makulering-med-delete"])
async def test_each_repetition_of_a_cancellation_of_nothing_says_so_and_makes_no_message(
    intake, ledger, name
):
    for number in range(3):
        bundle = sample(name)
        bundle["identifier"] = {"system": "urn:example", "value": str(number)}
        told = rules(body(await send(intake, bundle)))
        assert "INTAKE-NOTHING-TO-CANCEL" in told
        assert not {"INTAKE-STORED", "INTAKE-UNCHANGED"} & set(told)
    assert await messages(ledger) == []


async def test_a_cancellation_of_what_was_only_planned_has_nothing_to_cancel(intake, ledger):
    planned = sample("mottagningsbesok-lakare")
    resource(planned, "Encounter")["status"] = "planned"
    await send(intake, planned)
    gone = copy.deepcopy(planned)
    gone["identifier"]["value"] = "2"
    resource(gone, "Encounter")["status"] = "cancelled"
    assert "INTAKE-NOTHING-TO-CANCEL" in rules(body(await send(intake, gone)))
    assert await messages(ledger) == []


async def test_what_was_told_and_is_only_planned_now_is_still_cancelled(intake, ledger):
    for number, status in enumerate(("finished", "planned", "cancelled")):
        bundle = sample("mottagningsbesok-lakare")
        bundle["identifier"]["value"] = f"v{number}"
        resource(bundle, "Encounter")["status"] = status
        told = rules(body(await send(intake, bundle)))
    assert "INTAKE-STORED" in told
    assert await cancelled_events(ledger) == 1
