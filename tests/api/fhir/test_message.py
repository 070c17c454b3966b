"""$process-message over HTTP: what the door adds to intake's answer."""

import httpx
import orjson
import pytest

from tests.api.fhir.conftest import rules
from tests.test_messages import message

SETTINGS = '[registers.gvr]\nenabled = true\nurl = "http://127.0.0.1:9/gvr"\n'
PATH = "/fhir/$process-message"


@pytest.fixture
def settings() -> str:
    return SETTINGS


@pytest.mark.parametrize("path", [PATH, "/fhir/%24process-message"])
async def test_a_message_is_answered_by_a_message(face: httpx.AsyncClient, path: str) -> None:
    answer = await face.post(path, content=orjson.dumps(message()))
    header = answer.json()["entry"][0]["resource"]
    assert (answer.status_code, header["response"]["code"]) == (200, "ok")
    assert header["source"]["endpoint"].endswith("/fhir/$process-message")


@pytest.mark.parametrize(
    ("query", "headers"), [("?async=true", {}), ("", {"prefer": "respond-async"})], ids=["async", "prefer"]
)
async def test_who_does_not_wait_is_told_that_it_is_stored(
    face: httpx.AsyncClient, query: str, headers: dict[str, str]
) -> None:
    answer = await face.post(f"{PATH}{query}", content=orjson.dumps(message()), headers=headers)
    assert answer.status_code == 202
    assert "INTAKE-STORED" in rules(answer)


async def test_a_wish_that_is_neither_true_nor_false_is_refused(face: httpx.AsyncClient) -> None:
    answer = await face.post(f"{PATH}?async=perhaps", content=orjson.dumps(message()))
    assert (answer.status_code, rules(answer)) == (400, ["HTTP-PARAMETER"])


async def test_the_answer_can_be_xml(face: httpx.AsyncClient) -> None:
    answer = await face.post(f"{PATH}?_format=xml", content=orjson.dumps(message()))
    assert b'<code value="ok"/>' in answer.content


async def test_a_body_that_cannot_be_read_is_an_outcome(face: httpx.AsyncClient) -> None:
    answer = await face.post(PATH, content=b"{")
    assert answer.status_code == 400
    assert rules(answer) == ["FHIR-JSON"]


@pytest.mark.parametrize(
    "query",
    [
        "async=true&async=false",
        "async=false&async=false",
        "async=",
        "response-url=https://journal.example/fhir",
        "async=true&response-url=https://journal.example/fhir",
        "response-url=",
    ],
)
async def test_what_cannot_be_done_as_it_is_asked_is_refused(face: httpx.AsyncClient, query: str) -> None:
    answer = await face.post(f"{PATH}?{query}", content=orjson.dumps(message()))
    assert (answer.status_code, rules(answer)) == (400, ["HTTP-PARAMETER"])


async def test_an_empty_body_of_xml_is_not_said_to_be_json(face: httpx.AsyncClient) -> None:
    for path in ("/fhir", PATH):
        answer = await face.post(path, content=b" \n", headers={"content-type": "application/fhir+xml"})
        assert answer.status_code == 400
        assert b"FHIR-XML-NONE" in answer.content
