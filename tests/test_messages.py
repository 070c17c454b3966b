"""Messages at intake, on each kind of ledger: the four cases of reliable messaging, and answers."""

import asyncio
import copy
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle as BundleModel

from adapter.answers import IntakeAnswer
from adapter.domain.canonical import code_system
from adapter.errors import LedgerBusy
from adapter.fhir.message import REPORT
from adapter.fhir.read import validate
from adapter.ledger.ledger import Ledger
from adapter.ledger.protocol import LaneFilter
from tests.support.stores import STORES, store
from tests.test_intake import SENDER, body, intake_on, resource, rules, sample

Json = dict[str, Any]
HEADER: Json = {
    "resourceType": "MessageHeader",
    "eventCoding": {"system": code_system("meddelandetyp"), "code": REPORT},
    "source": {"name": "Journalen", "endpoint": "https://journal.example/fhir"},
}


@pytest.fixture(params=STORES)
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    place = store(request.param, tmp_path)
    opened = place.open()
    yield opened
    await opened.close()
    place.discard()


intake_of = cache(intake_on)


def message(bundle_id: str = "b1", header_id: str = "m1", **header: Any) -> Json:
    contact = sample("mottagningsbesok-sjukskoterska")
    entries = [{name: e[name] for name in ("fullUrl", "resource") if name in e} for e in contact["entry"]]
    encounter = next(e for e in entries if e["resource"]["resourceType"] == "Encounter")
    own = {**copy.deepcopy(HEADER), "id": header_id, "focus": [{"reference": encounter["fullUrl"]}], **header}
    return {
        "resourceType": "Bundle",
        "id": bundle_id,
        "type": "message",
        "timestamp": "2026-03-03T10:00:00+01:00",
        "entry": [
            {
                "fullUrl": f"urn:uuid:00000000-0000-0000-0000-{abs(hash(header_id)) % 10**12:012}",
                "resource": own,
            },
            *entries,
        ],
    }


def with_other_content(given: Json) -> Json:
    changed = copy.deepcopy(given)
    resource(changed, "Encounter")["period"]["end"] = "2026-03-03T23:59:00+01:00"
    return changed


async def send(ledger: Ledger, given: Json, exchange: str = "sync") -> IntakeAnswer:
    raw = orjson.dumps(given)
    return await intake_of(ledger).submit(raw, sender=SENDER, key=None, lang="en", message=exchange)


def code_of(answer: IntakeAnswer) -> str:
    return str(body(answer)["entry"][0]["resource"]["response"]["code"])


async def count(ledger: Ledger) -> int:
    return len((await ledger.messages(LaneFilter()))["messages"])


async def statuses(ledger: Ledger) -> list[int]:
    return [one["status"] for one in await ledger.receipts()]


async def test_a_message_is_answered_by_a_message_that_names_it(ledger):
    answer = await send(ledger, message())
    said = body(answer)
    BundleModel.model_validate(said)
    header, outcome = (entry["resource"] for entry in said["entry"])
    assert (answer.status, said["type"]) == (200, "message")
    assert header["response"]["identifier"] == "m1"
    assert header["response"]["code"] == "ok"
    assert header["response"]["details"]["reference"] == said["entry"][1]["fullUrl"]
    assert header["eventCoding"] == HEADER["eventCoding"]
    assert header["destination"] == [{"endpoint": HEADER["source"]["endpoint"]}]
    assert outcome["resourceType"] == "OperationOutcome"
    assert "INTAKE-STORED" in rules(outcome)
    assert await count(ledger) == 1


async def test_the_answer_is_right_by_our_own_validator(ledger):
    intake = intake_of(ledger)
    answer = await send(ledger, message())
    assert [
        f.rule for f in validate(answer.body, intake._translator.catalogue) if f.severity == "error"
    ] == []


async def test_seen_and_seen_gets_the_first_answer_again(ledger):
    first = await send(ledger, message())
    again = await send(ledger, {**message(), "timestamp": "2026-03-04T10:00:00+01:00"})
    assert again == first
    assert await count(ledger) == 1


async def test_a_new_bundle_id_with_a_message_that_is_known_is_answered_as_at_first(ledger):
    first = await send(ledger, message())
    assert await send(ledger, message("b2")) == first
    assert await count(ledger) == 1


async def test_a_known_bundle_id_with_a_new_message_is_an_error(ledger):
    await send(ledger, message())
    answer = await send(ledger, message("b1", "m2"))
    assert (answer.status, rules(body(answer))) == (409, ["INTAKE-MESSAGE-BUNDLE-ID"])
    assert body(answer)["issue"][0]["expression"] == ["Bundle.id"]
    assert await statuses(ledger) == [200, 409]


async def test_the_bundle_id_of_a_message_that_came_again_is_known_too(ledger):
    await send(ledger, message())
    await send(ledger, message("b2"))
    assert (await send(ledger, message("b2", "m2"))).status == 409


@pytest.mark.parametrize("bundle_id", ["b1", "b2"])
async def test_a_known_message_with_other_content_is_a_conflict_and_audited(ledger, bundle_id):
    await send(ledger, message())
    answer = await send(ledger, with_other_content(message(bundle_id)))
    assert (answer.status, rules(body(answer))) == (409, ["INTAKE-MESSAGE-REUSED"])
    assert body(answer)["issue"][0]["expression"] == ["Bundle.entry[0].resource.id"]
    assert await count(ledger) == 1
    assert await statuses(ledger) == [200, 409]


async def test_a_first_answer_stands_when_the_contact_was_corrected_since(ledger):
    first = await send(ledger, message())
    await send(ledger, with_other_content(message("b2", "m2")))
    assert await send(ledger, message()) == first
    assert await count(ledger) == 2


async def test_the_same_message_at_the_same_moment_has_one_effect(ledger):
    answers = await asyncio.gather(*(send(ledger, message(f"b{n % 3}")) for n in range(9)))
    assert {code_of(answer) for answer in answers} == {"ok"}
    assert len({answer.body for answer in answers}) == 1
    assert await count(ledger) == 1


async def test_ids_belong_to_their_sender(ledger):
    await send(ledger, message())
    raw, other = orjson.dumps(with_other_content(message())), SENDER.__class__(name="annan")
    answer = await intake_of(ledger).submit(raw, sender=other, key=None, lang="en", message="sync")
    assert code_of(answer) == "ok"


async def test_a_message_that_nobody_can_take_is_answered_fatal_and_binds_no_id(ledger):
    wrong = message()
    resource(wrong, "Encounter")["status"] = "nonsense"
    answer = await send(ledger, wrong)
    assert (answer.status, code_of(answer)) == (200, "fatal-error")
    assert any(rule.startswith("FHIR-") for rule in rules(body(answer)))
    assert (await statuses(ledger))[0] >= 400
    assert code_of(await send(ledger, message())) == "ok"


async def test_an_asynchronous_message_is_acknowledged_once_it_is_stored(ledger):
    answer = await send(ledger, message(), "async")
    assert (answer.status, body(answer)["resourceType"]) == (202, "OperationOutcome")
    assert await count(ledger) == 1
    assert await send(ledger, message(), "async") == answer


async def test_an_asynchronous_message_that_nobody_can_take_is_refused(ledger):
    wrong = message()
    resource(wrong, "Encounter")["status"] = "nonsense"
    answer = await send(ledger, wrong, "async")
    assert (answer.status, body(answer)["resourceType"]) == (400, "OperationOutcome")


async def test_a_message_without_an_id_is_refused_without_an_answering_message(ledger):
    given = message()
    del given["entry"][0]["resource"]["id"]
    answer = await send(ledger, given)
    assert (answer.status, rules(body(answer))) == (400, ["INTAKE-MESSAGE-NO-ID"])


async def test_a_message_without_a_bundle_id_is_known_by_its_header(ledger):
    given = message()
    del given["id"]
    assert await send(ledger, given) == await send(ledger, given)
    assert await count(ledger) == 1


async def test_an_answer_to_a_message_is_not_processed(ledger):
    answer = await send(ledger, message(response={"identifier": "x", "code": "ok"}))
    assert code_of(answer) == "fatal-error"
    assert "INTAKE-MESSAGE-IS-ANSWER" in rules(body(answer))


@pytest.mark.parametrize(
    "event", [{"eventCoding": {"system": "urn:x", "code": "y"}}, {"eventUri": "urn:event:z"}]
)
async def test_another_event_is_told_and_read_as_a_report(ledger, event):
    given = message()
    header = given["entry"][0]["resource"]
    del header["eventCoding"]
    header.update(event)
    answer = await send(ledger, given)
    assert code_of(answer) == "ok"
    assert "INTAKE-MESSAGE-EVENT" in rules(body(answer))
    answering = body(answer)["entry"][0]["resource"]
    assert (answering["eventCoding"], "eventUri" in answering) == (HEADER["eventCoding"], False)


async def test_a_focus_that_is_not_in_the_message_is_told(ledger):
    answer = await send(ledger, message(focus=[{"reference": "Encounter/elsewhere"}]))
    assert "INTAKE-MESSAGE-FOCUS" in rules(body(answer))


async def test_another_bundle_is_no_message(ledger):
    answer = await send(ledger, sample("mottagningsbesok-sjukskoterska"))
    assert (answer.status, rules(body(answer))) == (400, ["INTAKE-NOT-A-MESSAGE"])


async def test_the_door_for_bundles_takes_messages_too(ledger):
    raw = orjson.dumps(message())
    answer = await intake_of(ledger).submit(raw, sender=SENDER, key="unused", lang="en")
    assert code_of(answer) == "ok"
    assert await send(ledger, message()) == answer


class BusyLedger:
    """A ledger that cannot keep up."""

    async def of_identifiers(self, *_: Any) -> Any:
        raise LedgerBusy("busy")

    message_of = receipt = commit = of_identifiers


@pytest.mark.parametrize(("exchange", "status"), [("sync", 200), ("async", 429)])
async def test_a_message_that_cannot_be_taken_now_is_to_be_sent_again(exchange, status):
    answer = await send(BusyLedger(), message(), exchange)
    assert (answer.status, answer.headers) == (status, {"Retry-After": "2"})
    if exchange == "sync":
        assert code_of(answer) == "transient-error"
    assert "INTAKE-BUSY" in rules(body(answer))
