"""$import-ndjson: each contact of an export by itself, within bounds."""

import copy
from typing import Any

import httpx
import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle

from adapter.composition import Application
from adapter.ledger.protocol import LaneFilter
from adapter.submission import import_lines
from tests.api.fhir.conftest import rules
from tests.test_intake import sample

NDJSON = {"content-type": "application/fhir+ndjson"}
SETTINGS = '[registers.gvr]\nenabled = true\nurl = "http://127.0.0.1:9/gvr"\n'


@pytest.fixture
def settings() -> str:
    return SETTINGS


def export(number: int = 0) -> list[dict[str, Any]]:
    """The resources of one contact as a bulk export has them: with ids, and references by id."""
    entries = sample("mottagningsbesok-sjukskoterska")["entry"]
    names = {e["fullUrl"]: f"{e['resource']['resourceType']}/r{number}-{i}" for i, e in enumerate(entries)}
    text = orjson.dumps([e["resource"] for e in entries])
    for url, name in names.items():
        text = text.replace(url.encode(), name.encode())
    resources: list[dict[str, Any]] = orjson.loads(text)
    for resource, name in zip(resources, names.values(), strict=True):
        resource["id"] = name.rpartition("/")[2]
        if resource["resourceType"] == "Encounter":
            resource["identifier"][0]["value"] = f"nd-{number}"
    return resources


def lines(*resources: Any) -> bytes:
    return b"\n".join(one if isinstance(one, bytes) else orjson.dumps(one) for one in resources)


async def post(face: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await face.post("/fhir/$import-ndjson", content=content, headers=NDJSON)


def said(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    Bundle.model_validate(answer.json())
    assert answer.json()["type"] == "batch-response"
    return [entry["response"] for entry in answer.json()["entry"]]


async def test_each_contact_is_taken_and_named_in_order(
    face: httpx.AsyncClient, application: Application
) -> None:
    found = said(await post(face, lines(*export(0), *export(1), *export(2))))
    assert [one["status"] for one in found] == ["200 OK"] * 3
    assert len({one["location"] for one in found}) == 3
    for one in found:
        assert (await application.ledger.event(one["location"].rpartition("/")[2])) is not None


async def test_the_same_import_again_has_no_second_effect(
    face: httpx.AsyncClient, application: Application
) -> None:
    first = await post(face, lines(*export()))
    assert (await post(face, lines(*export()))).json() == first.json()
    assert len((await application.ledger.messages(LaneFilter()))["messages"]) == 1


async def test_one_wrong_contact_does_not_hold_back_the_others(face: httpx.AsyncClient) -> None:
    wrong = copy.deepcopy(export(1))
    next(one for one in wrong if one["resourceType"] == "Encounter")["status"] = "horse"
    found = said(await post(face, lines(*export(0), *wrong, *export(2))))
    assert [one["status"] for one in found] == ["200 OK", "400 Bad Request", "200 OK"]
    assert "FHIR-CODE" in rules(found[1]["outcome"])


async def test_lines_that_are_of_no_use_are_told_at_the_end(face: httpx.AsyncClient) -> None:
    alone = {"resourceType": "Location", "id": "alone"}
    found = said(await post(face, lines(*export(), b"{", b"[]", {"resourceType": "Location"}, alone)))
    assert found[-1]["status"] == "400 Bad Request"
    assert rules(found[-1]["outcome"]) == ["NDJSON-LINE", "NDJSON-LINE", "NDJSON-NO-ID", "NDJSON-UNUSED"]


async def test_a_line_may_be_a_bundle(face: httpx.AsyncClient) -> None:
    found = said(await post(face, lines(sample("mottagningsbesok-sjukskoterska"))))
    assert [one["status"] for one in found] == ["200 OK"]


@pytest.mark.parametrize(
    ("content", "status", "rule"),
    [
        (b"", 400, "FHIR-JSON-NONE"),
        (b"\n\n", 400, "FHIR-JSON-NONE"),
        (b"{\n{", 400, "NDJSON-LINE"),
        (b'{"resourceType":"Patient","id":"a"}', 422, "NDJSON-UNUSED"),
        (b"[" * 100_000, 400, "NDJSON-LINE"),
        (b'{"resourceType":"Patient","id":"a","x":' + b"[" * 900 + b"]" * 900 + b"}", 422, "NDJSON-UNUSED"),
    ],
)
async def test_a_body_without_a_contact_is_refused(
    face: httpx.AsyncClient, content: bytes, status: int, rule: str
) -> None:
    answer = await post(face, content)
    assert answer.status_code == status
    assert rule in rules(answer)


async def test_contacts_that_share_too_much_are_refused_before_anything_is_taken(
    face: httpx.AsyncClient, application: Application
) -> None:
    shared = {"resourceType": "Organization", "id": "o", "name": "x" * 20_000}
    encounters = [
        {"resourceType": "Encounter", "id": f"e{n}", "serviceProvider": {"reference": "Organization/o"}}
        for n in range(50)
    ]
    answer = await post(face, lines(shared, *encounters))
    assert (answer.status_code, rules(answer)) == (413, ["NDJSON-TOO-MUCH"])
    assert await application.ledger.receipts() == []


async def test_too_many_contacts_are_refused(
    face: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_lines, "MOST_CONTACTS", 2)
    assert (await post(face, lines(*export(0), *export(1)))).status_code == 200
    assert (await post(face, lines(*export(0), *export(1), *export(2)))).status_code == 413


async def test_another_content_type_is_refused(face: httpx.AsyncClient) -> None:
    answer = await face.post("/fhir/$import-ndjson", content=b"x", headers={"content-type": "text/plain"})
    assert (answer.status_code, rules(answer)) == (415, ["HTTP-TYPE"])


async def test_a_resource_that_contradicts_itself_is_told_and_its_contact_not_taken(
    face: httpx.AsyncClient, application: Application
) -> None:
    first, second = export(0), export(1)
    patient = next(one for one in first if one["resourceType"] == "Patient")
    answer = await post(face, lines(*first, {**patient, "gender": "unknown"}, *second))
    found = said(answer)
    assert [one["status"] for one in found] == ["200 OK", "400 Bad Request"]
    assert found[1]["outcome"]["issue"][0]["details"]["coding"][0]["code"] == "NDJSON-ID-TWICE"
    assert len(await application.ledger.receipts()) == 1


async def test_a_contact_of_which_all_lines_contradict_is_no_success(face: httpx.AsyncClient) -> None:
    first = export(0)
    again = [{**one, "identifier": [{"value": "x"}]} for one in first if one["resourceType"] == "Encounter"]
    answer = await post(face, lines(*first, *again))
    assert answer.status_code == 400
    assert "NDJSON-ID-TWICE" in rules(answer)


async def test_the_later_state_of_a_resource_is_taken(face: httpx.AsyncClient) -> None:
    first = export(0)
    old = [
        {**one, "status": "planned", "meta": {"lastUpdated": "2025-01-01T00:00:00Z"}}
        for one in first
        if one["resourceType"] == "Encounter"
    ]
    for one in first:
        one["meta"] = {"lastUpdated": "2025-03-04T00:00:00Z"}
    (taken,) = said(await post(face, lines(*first, *old)))
    assert taken["status"] == "200 OK"
