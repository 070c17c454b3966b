"""A search by POST is answered as the same search by GET."""

import httpx
import pytest

from tests.api.fhir.conftest import rules

FORM = {"content-type": "application/x-www-form-urlencoded"}
BOTH = [
    ("CodeSystem", "_count=2&_offset=1"),
    ("CodeSystem", "name:contains=e&_summary=count"),
    ("NamingSystem", "kind=identifier&horse=x"),
    ("CodeSystem", "_summary=perhaps"),
    ("AuditEvent", "date=ge2020&_count=3"),
    ("Provenance", "recorded=2026-03-03T10:15:00%2B01:00&horse=x"),
    ("AuditEvent", "date=x"),
]


@pytest.mark.parametrize(("kind", "asked"), BOTH)
async def test_a_form_asks_what_an_address_asks(face: httpx.AsyncClient, kind: str, asked: str) -> None:
    by_get = await face.get(f"/fhir/{kind}?{asked}", headers=FORM)
    first, _, rest = asked.partition("&")
    for query, form in (("", asked), (f"?{first}", rest), (f"?{asked}", "")):
        by_post = await face.post(f"/fhir/{kind}/_search{query}", content=form, headers=FORM)
        assert (by_post.status_code, by_post.json()) == (by_get.status_code, by_get.json())


@pytest.mark.parametrize("kind", ["CodeSystem", "AuditEvent"])
async def test_the_form_of_the_answer_may_be_asked_for_in_the_body(
    face: httpx.AsyncClient, kind: str
) -> None:
    answer = await face.post(f"/fhir/{kind}/_search", content="_format=xml", headers=FORM)
    assert answer.headers["content-type"].startswith("application/fhir+xml")
    refused = await face.post(f"/fhir/{kind}/_search", content="_format=horse", headers=FORM)
    assert refused.status_code == 406


@pytest.mark.parametrize("kind", ["CodeSystem", "AuditEvent"])
@pytest.mark.parametrize(
    ("content", "headers", "status", "rule"),
    [
        ("{}", {"content-type": "application/fhir+json"}, 415, "HTTP-TYPE"),
        ("_id=x", {**FORM, "content-encoding": "gzip"}, 415, "HTTP-ENCODING"),
        ("x" * 70_000, FORM, 413, "HTTP-SIZE"),
        ("a=1&" * 300, FORM, 400, "HTTP-PARAMETER"),
        (b"_id=\xff", FORM, 400, "HTTP-PARAMETER"),
        ("_id=%FF", FORM, 400, "HTTP-PARAMETER"),
    ],
)
async def test_what_is_no_form_is_refused(
    face: httpx.AsyncClient, kind: str, content: str, headers: dict[str, str], status: int, rule: str
) -> None:
    answer = await face.post(f"/fhir/{kind}/_search", content=content, headers=headers)
    assert (answer.status_code, rules(answer)) == (status, [rule])
