"""Intake against a real ledger: what is answered, what is stored, what is sent on."""

import asyncio
import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter.answers import IntakeAnswer
from adapter.config.model import Config
from adapter.errors import LedgerBusy, LedgerUnavailable, StaleEvent
from adapter.fhir.xml.writing import to_xml
from adapter.intake import Intake
from adapter.ledger.protocol import LaneFilter
from adapter.ledger.sqlite import SqliteLedger
from adapter.mapping.context import Sender
from adapter.offline import build_translator
from adapter.registers.gvr import GvrReceiver
from adapter.resources import data_folder

Json = dict[str, Any]
SENDER = Sender(name="journal")
VERSIONED = Sender(name="journal", version_source="lastUpdated")


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[SqliteLedger]:
    ledger = SqliteLedger.open(tmp_path / "ledger.db")
    yield ledger
    await ledger.close()


@pytest.fixture
def intake(ledger: SqliteLedger) -> Intake:
    return intake_on(ledger)


def intake_on(ledger: Any) -> Intake:
    config = Config()
    translator, senders = build_translator(config, {"gvr": GvrReceiver(config.registers.gvr.settings())})
    return Intake(translator, ledger, senders.context)


def sample(name: str) -> Json:
    return copy.deepcopy(orjson.loads((data_folder("samples") / f"{name}.json").read_bytes()))


async def send(
    intake: Intake, bundle: Json | bytes, *, key: str | None = None, sender: Sender = SENDER
) -> IntakeAnswer:
    raw = bundle if isinstance(bundle, bytes) else orjson.dumps(bundle)
    return await intake.submit(raw, sender=sender, key=key, lang="en")


def body(answer: IntakeAnswer) -> Json:
    return orjson.loads(answer.body)


def rules(value: Any) -> list[str]:
    """Every rule id in an answer, wherever its outcomes stand."""
    if isinstance(value, dict):
        own = [coding["code"] for coding in value.get("details", {}).get("coding", ())]
        return own + [rule for name, inner in value.items() if name != "details" for rule in rules(inner)]
    return [rule for item in value for rule in rules(item)] if isinstance(value, list) else []


def resource(bundle: Json, kind: str, number: int = 0) -> Json:
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind][number]


async def messages(ledger: SqliteLedger) -> list[Json]:
    return (await ledger.messages(LaneFilter()))["messages"]


async def states(ledger: SqliteLedger) -> list[str]:
    return [message["state"] for message in await messages(ledger)]


async def test_a_transaction_is_answered_entry_by_entry_in_order(intake):
    bundle = sample("mottagningsbesok-lakare")
    answer = body(await send(intake, bundle))
    assert answer["type"] == "transaction-response"
    assert len(answer["entry"]) == len(bundle["entry"])
    assert {entry["response"]["status"] for entry in answer["entry"]} == {"201 Created"}
    assert all("/api/events/" in entry["response"]["location"] for entry in answer["entry"])


async def test_a_collection_is_answered_with_an_outcome_that_names_its_events(intake):
    answer = body(await send(intake, sample("mottagningsbesok-sjukskoterska")))
    assert answer["resourceType"] == "OperationOutcome"
    assert "INTAKE-STORED" in rules(answer)


async def test_what_is_acknowledged_is_in_the_ledger(intake, ledger):
    await send(intake, sample("mottagningsbesok-lakare"))
    (message,) = await messages(ledger)
    assert (message["state"], message["register"]) == ("waiting", "gvr")


async def test_the_same_bundle_again_gets_the_first_answer_and_no_second_message(intake, ledger):
    first = await send(intake, sample("mottagningsbesok-lakare"))
    again = await send(intake, sample("mottagningsbesok-lakare"))
    assert again == first
    assert len(await messages(ledger)) == 1


@pytest.mark.parametrize("written", ["spaced", "sorted", "xml"])
async def test_a_bundle_without_a_key_is_known_by_its_content_however_it_is_written(intake, ledger, written):
    bundle = sample("mottagningsbesok-lakare")
    del bundle["identifier"]
    first = await send(intake, orjson.dumps(bundle))
    again = {
        "spaced": lambda: orjson.dumps(bundle, option=orjson.OPT_INDENT_2),
        "sorted": lambda: orjson.dumps(bundle, option=orjson.OPT_SORT_KEYS),
        "xml": lambda: to_xml(orjson.dumps(bundle)),
    }[written]()
    assert await send(intake, again) == first
    assert len(await ledger.receipts()) == 1


async def test_a_bundle_spaced_otherwise_is_the_same_bundle(intake, ledger):
    first = await send(intake, sample("mottagningsbesok-lakare"))
    spaced = orjson.dumps(sample("mottagningsbesok-lakare"), option=orjson.OPT_INDENT_2)
    assert await send(intake, spaced) == first
    assert len(await messages(ledger)) == 1


async def test_identical_bundles_at_the_same_moment_have_one_effect(intake, ledger):
    answers = await asyncio.gather(*(send(intake, sample("mottagningsbesok-lakare")) for _ in range(8)))
    assert {answer.status for answer in answers} == {200}
    assert len(await messages(ledger)) == 1


async def test_a_key_that_was_used_for_other_content_is_a_conflict(intake, ledger):
    await send(intake, sample("mottagningsbesok-lakare"))
    other = sample("mottagningsbesok-lakare")
    resource(other, "Condition")["code"]["coding"][0]["code"] = "J20.9"
    answer = await send(intake, other)
    assert (answer.status, rules(body(answer))) == (409, ["INTAKE-KEY-REUSED"])
    assert body(answer)["issue"][0]["expression"] == ["Bundle.identifier"]
    assert len(await messages(ledger)) == 1


async def test_keys_belong_to_their_sender(intake, ledger):
    await send(intake, sample("mottagningsbesok-lakare"))
    answer = await send(intake, sample("mottagningsbesok-lakare"), sender=Sender(name="annan"))
    assert answer.status == 200
    assert len(await messages(ledger)) == 2


async def test_an_idempotency_key_serves_where_the_bundle_has_no_identifier(intake):
    bundle = sample("mottagningsbesok-lakare")
    del bundle["identifier"]
    assert (await send(intake, bundle, key="k1")).status == 200
    resource(bundle, "Condition")["code"]["coding"][0]["code"] = "J20.9"
    assert (await send(intake, bundle, key="k1")).status == 409
    assert (await send(intake, bundle, key="k2")).status == 200


async def test_a_resend_of_what_is_no_longer_newest_is_taken_as_a_new_version(intake, ledger):
    first = sample("mottagningsbesok-lakare")
    await send(intake, first)
    await send(intake, sample("rattelse"))
    await send(intake, first)
    assert await states(ledger) == ["superseded", "superseded", "waiting"]


async def test_a_version_older_than_the_newest_is_stored_and_never_sent(intake, ledger):
    newer, older = sample("mottagningsbesok-lakare"), sample("rattelse")
    resource(newer, "Encounter")["meta"] = {"lastUpdated": "2025-03-04T10:00:00Z"}
    resource(older, "Encounter")["meta"] = {"lastUpdated": "2025-03-04T10:30:00+01:00"}
    await send(intake, newer, sender=VERSIONED)
    answer = body(await send(intake, older, sender=VERSIONED))
    assert "INTAKE-SUPERSEDED" in rules(answer)
    assert len(await messages(ledger)) == 1


async def test_unchanged_content_gives_no_message_and_says_so(intake, ledger):
    bundle = sample("mottagningsbesok-lakare")
    await send(intake, bundle)
    answer = body(await send(intake, bundle | {"identifier": {"system": "urn:x", "value": "2"}}))
    assert "INTAKE-UNCHANGED" in rules(answer)
    assert len(await messages(ledger)) == 1


async def test_a_refused_bundle_is_answered_with_the_rule_and_kept_as_rejected(intake, ledger):
    answer = await send(intake, sample("fel-kontrollsiffra"))
    assert answer.status == 422
    assert "ID-CHECKSUM" in rules(body(answer))
    assert await messages(ledger) == []
    assert [receipt["status"] for receipt in await ledger.receipts()] == [422]


async def test_a_refusal_binds_no_key(intake):
    bad = sample("utan-diagnos")
    assert (await send(intake, bad)).status == 422
    good = sample("mottagningsbesok-lakare") | {"identifier": bad["identifier"]}
    assert (await send(intake, good)).status == 200


async def test_a_transaction_is_refused_whole_for_one_contact(intake, ledger):
    answer = await send(intake, sample("batch-med-ett-fel") | {"type": "transaction"})
    assert answer.status == 422
    assert await messages(ledger) == []


async def test_a_batch_takes_the_good_contacts_and_tells_of_the_other(intake, ledger):
    answer = body(await send(intake, sample("batch-med-ett-fel")))
    statuses = [entry["response"]["status"][:3] for entry in answer["entry"]]
    assert statuses == ["201", "201", "201", "201", "201", "201", "422", "201", "201"]
    assert len(await messages(ledger)) == 2


async def test_a_batch_with_a_rejected_entry_is_judged_anew_when_it_comes_again(intake, ledger):
    await send(intake, sample("batch-med-ett-fel"))
    again = body(await send(intake, sample("batch-med-ett-fel")))
    assert "INTAKE-UNCHANGED" in rules(again)
    assert len(await messages(ledger)) == 2


async def test_an_entry_that_belongs_to_no_contact_is_told_so(intake):
    bundle = sample("mottagningsbesok-lakare")
    bundle["entry"].append(
        {
            "fullUrl": "urn:uuid:6f2d0c6e-7f0e-4f4e-9d53-0d5b8f8f2a11",
            "resource": {"resourceType": "Basic", "code": {"text": "annat"}},
            "request": {"method": "POST", "url": "Basic"},
        }
    )
    answer = body(await send(intake, bundle))
    assert rules(answer["entry"][-1]) == ["INTAKE-ENTRY-NOT-READ"]


async def test_what_is_not_reported_is_taken_and_says_by_which_rule(intake, ledger):
    answer = await send(intake, sample("telefonsamtal"))
    assert answer.status == 200
    assert "INTAKE-NOT-REPORTED" in rules(body(answer))
    assert await messages(ledger) == []


async def test_a_contact_that_is_no_longer_reported_is_withdrawn(intake, ledger):
    await send(intake, sample("mottagningsbesok-lakare"))
    changed = sample("mottagningsbesok-lakare") | {"identifier": {"system": "urn:x", "value": "2"}}
    resource(changed, "Encounter")["type"].append(
        {
            "coding": [
                {"system": "https://vardbro.example/fhir/CodeSystem/vardkontakttyp", "code": "kommentar"}
            ]
        }
    )
    await send(intake, changed)
    assert await states(ledger) == ["closed", "closed"]


async def test_other_content_that_is_held_for_the_same_cause_is_another_version(intake, ledger):
    bundle = sample("enhet-utan-kombika")
    bundle.pop("identifier", None)
    first = orjson.dumps(bundle)
    other = first.replace(b"J18.9", b"J15.9")
    for body in (first, other, first):
        await send(intake, body)
    (event_id,) = {message["event_id"] for message in await messages(ledger)}
    event = await ledger.event(event_id)
    assert [version["disposition"] for version in event["versions"]] == ["stored"] * 3
    assert await states(ledger) == ["superseded", "superseded", "held"]


async def test_a_contact_that_a_table_may_mend_is_held_and_said_to_be(intake, ledger):
    answer = await send(intake, sample("enhet-utan-kombika"))
    assert answer.status == 200
    assert "INTAKE-HELD" in rules(body(answer))
    assert await states(ledger) == ["held"]


async def test_a_planned_contact_is_kept_without_a_message(intake, ledger):
    assert (await send(intake, sample("bokad-ej-genomford"))).status == 200
    assert await messages(ledger) == []


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[]", b'{"resourceType":"Patient"}'])
async def test_unreadable_input_is_refused_and_recorded(intake, ledger, raw):
    answer = await send(intake, raw)
    assert answer.status == 400
    assert body(answer)["resourceType"] == "OperationOutcome"
    assert len(await ledger.receipts()) == 1


async def test_a_refusal_at_the_door_is_recorded_without_content(intake, ledger):
    answer = await intake.refuse(413, "HTTP-SIZE", sender=SENDER, size=9, body_hash="", lang="sv", limit="8")
    assert answer.status == 413
    assert [receipt["status"] for receipt in await ledger.receipts()] == [413]


class FailingLedger:
    """A ledger whose commit raises, in front of a real one."""

    def __init__(self, ledger: SqliteLedger, error: Exception, times: int) -> None:
        self._ledger, self._error, self._times = ledger, error, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def commit(self, *args: Any) -> Any:
        if self._times > 0:
            self._times -= 1
            raise self._error
        return await self._ledger.commit(*args)


@pytest.mark.parametrize(
    ("error", "status", "rule"),
    [(LedgerBusy("full"), 429, "INTAKE-BUSY"), (LedgerUnavailable("disk"), 503, "INTAKE-UNAVAILABLE")],
)
async def test_a_ledger_that_cannot_is_answered_with_when_to_come_again(ledger, error, status, rule):
    answer = await send(intake_on(FailingLedger(ledger, error, 1)), sample("mottagningsbesok-lakare"))
    assert (answer.status, rules(body(answer))) == (status, [rule])
    assert int(answer.headers["Retry-After"]) > 0
    assert await messages(ledger) == []


async def test_an_event_that_changed_meanwhile_is_translated_again(ledger):
    intake = intake_on(FailingLedger(ledger, StaleEvent("changed"), 3))
    assert (await send(intake, sample("mottagningsbesok-lakare"))).status == 200
    assert len(await messages(ledger)) == 1


async def test_an_event_that_never_holds_still_is_answered_503_and_not_acknowledged(ledger):
    intake = intake_on(FailingLedger(ledger, StaleEvent("changed"), 1000))
    assert (await send(intake, sample("mottagningsbesok-lakare"))).status == 503


async def test_no_answer_holds_a_value_of_the_patient(intake):
    for name in ("mottagningsbesok-lakare", "fel-kontrollsiffra", "batch-med-ett-fel", "gruppbesok"):
        text = (await send(intake, sample(name))).body.decode()
        for value in ("19121212", "Tolvan", "Siv", "19500907"):
            assert value not in text


async def cancelled_events(ledger: SqliteLedger) -> int:
    return sum(message["intent"] == "cancel" for message in await messages(ledger))


async def test_deleting_a_groups_encounter_cancels_every_member(intake, ledger):
    group, deletion = sample("gruppbesok"), sample("makulering-med-delete")
    await send(intake, group)
    identifier = resource(group, "Encounter")["identifier"][0]
    url = f"Encounter?identifier={identifier['system']}|{identifier['value']}"
    deletion["entry"][0]["request"]["url"] = url
    await send(intake, deletion)
    assert await states(ledger) == ["closed"] * 6
    assert await cancelled_events(ledger) == 3


async def test_a_member_who_has_left_the_group_is_withdrawn(intake, ledger):
    group = sample("gruppbesok")
    await send(intake, group)
    group["identifier"]["value"] = "2"
    resource(group, "Group")["member"].pop()
    await send(intake, group)
    assert sorted(await states(ledger)) == ["closed", "closed", "waiting", "waiting"]
    assert await cancelled_events(ledger) == 1


async def test_a_cancellation_of_what_was_never_sent_says_so_and_makes_no_message(intake, ledger):
    answer = body(await send(intake, sample("makulering")))
    assert "INTAKE-NOTHING-TO-CANCEL" in rules(answer)
    assert "INTAKE-STORED" not in rules(answer)
    assert await messages(ledger) == []


async def test_a_contact_that_comes_after_its_cancellation_is_reported(intake, ledger):
    await send(intake, sample("makulering"))
    await send(intake, sample("mottagningsbesok-sjukskoterska"))
    assert await states(ledger) == ["waiting"]


async def test_old_content_in_other_bytes_under_its_own_key_is_taken_as_a_new_version(intake, ledger):
    first = sample("mottagningsbesok-lakare")
    await send(intake, first)
    await send(intake, sample("rattelse"))
    answer = await send(intake, orjson.dumps(first, option=orjson.OPT_INDENT_2))
    assert answer.status == 200
    assert await states(ledger) == ["superseded", "superseded", "waiting"]
