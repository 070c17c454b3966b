"""Which form, spacing and compression an answer has, and how much of it there is."""

import gzip
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
from lxml import etree
from starlette.requests import Request

from adapter.answers import IntakeAnswer
from adapter.api.fhir.negotiation import Wish, wish_of

Post = Callable[..., Any]
JSON, XML = "application/fhir+json; charset=utf-8", "application/fhir+xml; charset=utf-8"
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "information", "code": "informational"}],
}


def asked(query: str = "", **headers: str) -> Wish:
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return wish_of(Request({"type": "http", "headers": given, "query_string": query.encode()}))


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("application/*", "json"),
        ("application/fhir+json", "json"),
        ("application/json", "json"),
        ("application/json+fhir", "json"),
        ("json", "json"),
        ("application/fhir+xml", "xml"),
        ("Application/FHIR+XML; charset=UTF-8", "xml"),
        ("text/xml", "xml"),
        ("application/xml+fhir", "xml"),
        ("application/fhir+xml, application/fhir+json", "json"),
        ("application/fhir+xml;q=1.0, application/fhir+json;q=0.9", "xml"),
        ("application/fhir+xml;q=0.8, */*;q=0.1", "xml"),
        ("application/fhir+json;q=0, */*", "xml"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "xml"),
        ("application/fhir+json; fhirVersion=3.0, application/fhir+xml; fhirVersion=4.0", "xml"),
    ],
)
def test_the_accept_header_says_which_form(accept: str, form: str) -> None:
    wish = asked(accept=accept)
    assert (wish.form, wish.acceptable) == (form, True)


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "text/turtle",
        "image/*",
        "application/fhir+json;q=0",
        "application/fhir+json;fhirVersion=5.0",
    ],
)
def test_an_accept_header_may_take_neither_form(accept: str) -> None:
    assert not asked(accept=accept).acceptable


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("json", "json"),
        ("xml", "xml"),
        ("text/xml", "xml"),
        ("application/fhir%2Bxml", "xml"),
        ("application/fhir+xml", "xml"),
        ("application%2Ffhir%2Bjson%3Bcharset%3Dutf-8", "json"),
        ("application/xml", "xml"),
        ("XML", "xml"),
    ],
)
def test_the_parameter_format_counts_before_the_header(value: str, form: str) -> None:
    for accept in ("application/fhir+json", "application/fhir+xml", "text/html"):
        wish = asked(f"a=b&_format={value}", accept=accept)
        assert (wish.form, wish.acceptable) == (form, True)


@pytest.mark.parametrize("value", ["html", "ttl", "text/html", "application/fhir+turtle"])
def test_another_format_is_not_acceptable_whatever_the_header_says(value: str) -> None:
    assert not asked(f"_format={value}", accept="application/fhir+json").acceptable


def test_who_leaves_the_form_open_is_answered_in_the_form_that_was_sent() -> None:
    assert asked(content_type="application/fhir+xml", accept="*/*").form == "xml"
    assert asked(content_type="text/xml").form == "xml"
    assert asked(content_type="application/fhir+xml", accept="application/fhir+json").form == "json"
    assert asked(content_type="application/fhir+xml", accept="text/html") == Wish(
        form="xml", acceptable=False
    )


@pytest.mark.parametrize(
    ("header", "gzip"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("x-gzip", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=x", False),
    ],
)
def test_gzip_is_used_when_it_is_asked_for(header: str, gzip: bool) -> None:
    assert asked(accept_encoding=header).gzip is gzip


@pytest.mark.parametrize(
    ("header", "wish"),
    [
        ("return=minimal", Wish(returned="minimal")),
        ("return=OperationOutcome", Wish(returned="OperationOutcome")),
        ('respond-async, Return="representation"', Wish(returned="representation", asynchronous=True)),
        ("handling=strict; return=minimal", Wish(strict=True, returned="minimal")),
        ("handling=lenient", Wish()),
        ("return=minimal, return=representation", Wish(returned="minimal")),
        ("return=invented", Wish()),
        ("", Wish()),
    ],
)
def test_the_prefer_header_is_read_as_its_rfc_says(header: str, wish: Wish) -> None:
    assert asked(prefer=header) == wish


@pytest.mark.parametrize(("value", "pretty"), [("true", True), ("false", False), ("", False), ("1", False)])
def test_pretty_is_a_parameter(value: str, pretty: bool) -> None:
    assert asked(f"_pretty={value}").pretty is pretty


@pytest.mark.parametrize(
    "query", ["_format=%ff", "_format", "&" * 500 + "_format=json", "_pretty=%00", "_format=json&" * 300]
)
def test_odd_queries_do_no_harm(query: str) -> None:
    assert asked(query).form == "json"


async def test_an_answer_is_xml_for_those_who_want_xml(post: Post, services: Any) -> None:
    services.intake.reply = IntakeAnswer(status=200, body=orjson.dumps(OUTCOME))
    response = await post(accept="application/fhir+xml")
    assert (response.status_code, response.headers["content-type"]) == (200, XML)
    root = etree.fromstring(response.content)
    assert [node.get("value") for node in root[0]] == ["information", "informational"]
    assert "accept" in response.headers["vary"].lower()


async def test_what_is_no_resource_stays_json(post: Post, services: Any) -> None:
    services.intake.reply = IntakeAnswer(status=200, body=b'{"a":1}')
    response = await post(accept="application/fhir+xml")
    assert (response.json(), response.headers["content-type"]) == ({"a": 1}, JSON)


async def test_xml_is_taken_byte_for_byte_and_answered_as_xml(post: Post, services: Any) -> None:
    raw = b'\xef\xbb\xbf\n<Bundle xmlns="http://hl7.org/fhir"/>'
    response = await post(raw, content_type="application/fhir+xml;charset=utf-8")
    assert (response.status_code, response.headers["content-type"]) == (200, XML)
    assert services.intake.submitted[0]["raw"] == raw


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (b" <Bundle/>", "application/fhir+json"),
        (b"\xef\xbb\xbf<Bundle/>", "application/json"),
        (b"{}", "application/fhir+xml"),
        (b"\n[]", "text/xml"),
    ],
)
async def test_a_body_in_the_other_form_is_refused(
    post: Post, services: Any, raw: bytes, content_type: str
) -> None:
    response = await post(raw, content_type=content_type, accept="application/fhir+json")
    code = response.json()["issue"][0]["details"]["coding"][0]["code"]
    assert (response.status_code, code) == (400, "HTTP-FORM")
    assert services.intake.submitted == []


async def test_a_refusal_comes_in_the_form_that_is_wanted(post: Post, client: httpx.AsyncClient) -> None:
    for response in (
        await post(content_type="text/plain", accept="application/fhir+xml"),
        await post(content_type="application/fhir+xml; charset=latin-1"),
        await client.get("/fhir/nothing?_format=xml"),
        await client.put("/fhir", headers={"accept": "text/xml"}),
    ):
        assert response.status_code >= 400
        assert response.headers["content-type"] == XML
        assert etree.fromstring(response.content).tag == "{http://hl7.org/fhir}OperationOutcome"


async def test_who_takes_neither_form_is_told_in_json(client: httpx.AsyncClient) -> None:
    response = await client.get("/fhir/metadata", headers={"accept": "text/html"})
    assert (response.status_code, response.headers["content-type"]) == (406, JSON)
    assert response.json()["issue"][0]["details"]["coding"][0]["code"] == "HTTP-ACCEPT"


async def test_the_statement_comes_as_xml_too_and_says_so(client: httpx.AsyncClient) -> None:
    response = await client.get("/fhir/metadata?_format=application/fhir+xml")
    root = etree.fromstring(response.content)
    formats = [node.get("value") for node in root.findall("{http://hl7.org/fhir}format")]
    assert formats == ["application/fhir+json", "application/fhir+xml", "json", "xml"]


async def test_pretty_answers_say_the_same_in_many_lines(client: httpx.AsyncClient) -> None:
    plain = await client.get("/fhir/metadata")
    pretty = await client.get("/fhir/metadata?_pretty=true")
    assert pretty.json() == plain.json()
    assert len(plain.text.splitlines()) == 1
    assert len(pretty.text.splitlines()) > 20
    assert len((await client.get("/fhir/metadata?_pretty=true&_format=xml")).text.splitlines()) > 20


async def test_large_answers_are_compressed_for_those_who_ask_and_small_ones_are_not(
    client: httpx.AsyncClient, post: Post, services: Any
) -> None:
    async with client.stream("GET", "/fhir/metadata", headers={"accept-encoding": "gzip"}) as response:
        packed = b"".join([part async for part in response.aiter_raw()])
    plain = await client.get("/fhir/metadata", headers={"accept-encoding": "identity"})
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain.content
    assert int(response.headers["content-length"]) == len(packed) < len(plain.content)
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in (await post(accept_encoding="gzip")).headers


async def test_a_head_request_says_what_a_get_would(client: httpx.AsyncClient) -> None:
    head, get = (
        await client.head("/fhir/metadata?_format=xml"),
        await client.get("/fhir/metadata?_format=xml"),
    )
    assert head.status_code == 200
    for name in ("content-type", "content-length"):
        assert head.headers[name] == get.headers[name]


RESPONSE = {
    "resourceType": "Bundle",
    "type": "transaction-response",
    "entry": [{"response": {"status": "201", "outcome": OUTCOME}}, {"response": {"status": "200"}}] * 2,
}


@pytest.fixture
def taken(services: Any) -> None:
    services.intake.reply = IntakeAnswer(status=200, body=orjson.dumps(RESPONSE))


@pytest.mark.usefixtures("taken")
async def test_a_minimal_answer_has_no_body(post: Post) -> None:
    response = await post(prefer="return=minimal", accept="application/fhir+xml")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["preference-applied"] == "return=minimal"
    assert "content-type" not in response.headers


@pytest.mark.usefixtures("taken")
async def test_an_outcome_alone_has_the_issues_of_every_entry(post: Post) -> None:
    body = (await post(prefer="return=OperationOutcome")).json()
    assert body == {"resourceType": "OperationOutcome", "issue": OUTCOME["issue"] * 2}


@pytest.mark.usefixtures("taken")
async def test_a_representation_is_the_whole_answer(post: Post) -> None:
    assert (await post(prefer="return=representation")).json() == RESPONSE
    assert (await post()).json() == RESPONSE


async def test_an_outcome_is_never_without_an_issue(post: Post, services: Any) -> None:
    services.intake.reply = IntakeAnswer(status=200, body=b'{"resourceType":"Bundle","entry":[]}')
    (issue,) = (await post(prefer="return=OperationOutcome")).json()["issue"]
    assert issue["code"] == "informational"


async def test_a_refusal_is_told_in_full_whatever_is_preferred(post: Post, services: Any) -> None:
    services.intake.reply = IntakeAnswer(status=422, body=orjson.dumps(OUTCOME))
    for prefer in ("return=minimal", "return=OperationOutcome"):
        response = await post(prefer=prefer)
        assert response.json() == OUTCOME
        assert "preference-applied" not in response.headers
