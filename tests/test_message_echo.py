"""What the answer to a message repeats of it: nothing that is wrong in R4, nothing of a patient."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

from adapter.answers import IntakeAnswer
from adapter.ledger.ledger import Ledger
from tests.support.stores import store
from tests.test_intake import SENDER, body, intake_on, rules
from tests.test_messages import HEADER, message

IDENTITY = "195009072553"
CANARY = f"CANARY {IDENTITY}"
EVENT = HEADER["eventCoding"]


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    place = store("sqlite", tmp_path)
    opened = place.open()
    yield opened
    await opened.close()
    place.discard()


async def send(ledger: Ledger, **header: Any) -> IntakeAnswer:
    """The answer to a message with these members in its header (None: without it); it is R4 in any case."""
    given = message()
    own = {
        name: value
        for name, value in {**given["entry"][0]["resource"], **header}.items()
        if value is not None
    }
    given["entry"][0]["resource"] = own
    answer = await intake_on(ledger).submit(
        orjson.dumps(given), sender=SENDER, key=None, lang="en", message="sync"
    )
    said = body(answer)
    get_fhir_model_class(said["resourceType"]).model_validate(said)
    assert b"CANARY" not in answer.body
    assert IDENTITY[2:].encode() not in answer.body
    return answer


@pytest.mark.parametrize(
    "header",
    [
        {"eventCoding": CANARY},
        {"eventCoding": {"CANARY": {"x": IDENTITY}}},
        {"eventCoding": {**EVENT, "display": CANARY, "userSelected": "CANARY"}},
        {"eventCoding": {"system": "http://CANARY.example", "code": CANARY}},
        {"eventCoding": [EVENT, EVENT]},
        {"eventUri": "http://CANARY.example"},
        {"eventCoding": None, "eventUri": [CANARY]},
        {"eventCoding": None, "eventUri": f"urn:x:{IDENTITY}"},
        {"eventCoding": None},
        {"source": {"endpoint": f"{CANARY} <x>", "name": "CANARY Patient"}},
        {"source": {"endpoint": f"https://x.example/{IDENTITY}", "name": ["CANARY"]}},
        {"source": {"endpoint": "https://x.example/a?patient=CANARY"}},
        {"source": {"endpoint": "https://CANARY@x.example/a"}},
        {"source": {"endpoint": "https://x.example/" + "CANARY" * 20_000}},
        {"source": {"endpoint": {"CANARY": []}}},
        {"source": [CANARY]},
        {"source": None},
    ],
    ids=repr,
)
async def test_what_is_wrong_in_a_header_is_not_repeated(ledger: Ledger, header: dict[str, Any]) -> None:
    answer = await send(ledger, **header)
    answering = body(answer)["entry"][0]["resource"]
    assert (answer.status, answering["response"]["identifier"]) == (200, "m1")
    assert answering["eventCoding"] == EVENT
    assert answering.get("destination") in (None, [{"endpoint": HEADER["source"]["endpoint"]}])


@pytest.mark.parametrize("number", [CANARY, "CANARY" * 20_000, "å", ["CANARY"], {"CANARY": 1}, 7, "a\n"])
async def test_an_id_that_is_no_fhir_id_is_refused_without_an_answering_message(
    ledger: Ledger, number: Any
) -> None:
    answer = await send(ledger, id=number)
    assert (answer.status, body(answer)["resourceType"]) == (400, "OperationOutcome")
    assert any(".id" in at for issue in body(answer)["issue"] for at in issue.get("expression", ()))


@pytest.mark.parametrize("number", [IDENTITY, IDENTITY[2:], "m-500907-2553", "19500907-2553"])
async def test_a_message_whose_id_could_be_a_patients_is_taken_and_answered_without_it(
    ledger: Ledger, number: str
) -> None:
    answer = await send(ledger, id=number)
    assert (answer.status, body(answer)["resourceType"]) == (200, "OperationOutcome")
    assert {"INTAKE-MESSAGE-ID", "INTAKE-STORED"} <= set(rules(body(answer)))
    assert number.encode() not in answer.body
    assert await send(ledger, id=number) == answer


@pytest.mark.parametrize(
    "number", ["195009072554", "1772531700", "6d1f1c0e-5b1f-4f0e-9f43-3b6cf2d4a111", "20260303101500123"]
)
async def test_other_digits_are_no_identity_number(ledger: Ledger, number: str) -> None:
    answer = await send(ledger, id=number)
    assert body(answer)["entry"][0]["resource"]["response"]["identifier"] == number
