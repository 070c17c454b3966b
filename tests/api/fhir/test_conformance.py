"""Our conformance resources: read and searched by everybody."""

from typing import Any

import httpx
import pytest
from fhir.resources.R4B.bundle import Bundle

from adapter.domain.canonical import BASE
from adapter.fhir.read import validate
from adapter.published import SERVED
from tests.api.conftest import shipped_catalogue
from tests.api.fhir.conftest import rules


async def search(face: httpx.AsyncClient, kind: str, **params: str) -> dict[str, Any]:
    answer = await face.get(f"/fhir/{kind}", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    Bundle.model_validate(found)
    assert [f.rule for f in validate(answer.content, shipped_catalogue()) if f.severity == "error"] == []
    return found


def ids(found: dict[str, Any]) -> list[str]:
    return [e["resource"]["id"] for e in found.get("entry", ()) if e["search"]["mode"] == "match"]


@pytest.mark.parametrize("kind", SERVED)
async def test_each_type_is_listed_and_each_resource_can_be_read(face: httpx.AsyncClient, kind: str) -> None:
    found = await search(face, kind, _count="500")
    assert found["total"] == len(ids(found)) > 0
    for entry in found["entry"]:
        path = httpx.URL(entry["fullUrl"]).path
        answer = await face.get(path)
        assert (answer.status_code, answer.json()) == (200, entry["resource"])


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"url": f"{BASE}/CodeSystem/teamroll"}, ["teamroll"]),
        ({"url": f"{BASE}/CodeSystem/teamroll|1.0.0"}, ["teamroll"]),
        ({"url": f"{BASE}/CodeSystem/teamroll|9.9.9"}, []),
        ({"url": f"{BASE}/CodeSystem/teamroll,{BASE}/CodeSystem/kanal"}, ["kanal", "teamroll"]),
        ({"system": f"{BASE}/CodeSystem/teamroll"}, ["teamroll"]),
        ({"_id": "teamroll"}, ["teamroll"]),
        ({"name": "TEAM"}, ["teamroll"]),
        ({"name": "roll"}, []),
        ({"name:contains": "roll"}, ["teamroll"]),
        ({"name:exact": "Teamroll"}, ["teamroll"]),
        ({"title": "vardkontakttyp"}, ["vardkontakttyp"]),
        ({"name": "team", "status": "retired"}, []),
        ({"name": "team", "status": "draft,active"}, ["teamroll"]),
        ({"name": "team", "version": "1.0.0"}, ["teamroll"]),
    ],
)
async def test_resources_are_found_by_what_is_said_of_them(
    face: httpx.AsyncClient, params: dict[str, str], expected: list[str]
) -> None:
    assert ids(await search(face, "CodeSystem", **params)) == expected


async def test_a_naming_system_is_found_by_any_spelling(face: httpx.AsyncClient) -> None:
    for value in ("urn:oid:1.2.752.129.2.1.3.1", "http://electronichealth.se/identifier/personnummer"):
        assert ids(await search(face, "NamingSystem", value=value)) == ["personnummer"]


async def test_a_map_is_found_by_its_systems(face: httpx.AsyncClient) -> None:
    params = {"source-system": "http://snomed.info/sct", "target-system": "https://www.icd10.se/"}
    assert ids(await search(face, "ConceptMap", **params)) == ["snomed-icd-10-se"]


async def test_pages_lead_to_each_other_and_hold_everything_once(face: httpx.AsyncClient) -> None:
    whole = ids(await search(face, "NamingSystem", _count="500"))
    found, url = [], "/fhir/NamingSystem?_count=7"
    while url:
        page = (await face.get(url)).json()
        found += ids(page)
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
    assert found == whole


async def test_the_self_link_says_what_was_understood(face: httpx.AsyncClient) -> None:
    found = await search(face, "CodeSystem", name="team", horse="x")
    (link,) = found["link"]
    assert link["url"].endswith("/fhir/CodeSystem?name=team")
    outcome = found["entry"][-1]
    assert (outcome["search"]["mode"], rules(outcome["resource"])) == ("outcome", ["FHIR-SEARCH-IGNORED"])


async def test_who_wants_it_strict_is_refused_what_is_not_known(face: httpx.AsyncClient) -> None:
    answer = await face.get("/fhir/CodeSystem?horse=x", headers={"prefer": "handling=strict"})
    assert (answer.status_code, rules(answer)) == (400, ["HTTP-PARAMETER"])


@pytest.mark.parametrize("query", ["name:missing=true", "_count=-1", "_count=x", "_offset=x", "_summary=x"])
async def test_what_cannot_be_done_is_refused(face: httpx.AsyncClient, query: str) -> None:
    answer = await face.get(f"/fhir/CodeSystem?{query}")
    assert (answer.status_code, rules(answer)) == (400, ["HTTP-PARAMETER"])


@pytest.mark.parametrize("query", ["_summary=count", "_count=0"])
async def test_a_count_is_no_more_than_that(face: httpx.AsyncClient, query: str) -> None:
    found = (await face.get(f"/fhir/CodeSystem?{query}")).json()
    assert found["total"] > 0
    assert "entry" not in found


async def test_a_part_is_marked_as_one(face: httpx.AsyncClient) -> None:
    summary = (await face.get("/fhir/CodeSystem/teamroll?_summary=true")).json()
    some = (await face.get("/fhir/CodeSystem/teamroll?_elements=title")).json()
    assert "concept" not in summary
    assert set(some) == {"resourceType", "id", "meta", "url", "name", "status", "content", "date", "title"}
    assert {one["meta"]["tag"][0]["code"] for one in (summary, some)} == {"SUBSETTED"}


async def test_a_client_that_has_it_is_told_so(face: httpx.AsyncClient) -> None:
    tag = (await face.get("/fhir/CodeSystem/teamroll")).headers["etag"]
    again = await face.get("/fhir/CodeSystem/teamroll", headers={"if-none-match": f'"x", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert (await face.get("/fhir/CodeSystem/kanal", headers={"if-none-match": tag})).status_code == 200


async def test_what_is_not_there_is_not_found(face: httpx.AsyncClient) -> None:
    answer = await face.get("/fhir/CodeSystem/horse")
    assert (answer.status_code, rules(answer)) == (404, ["FHIR-NOT-HERE"])


async def test_xml_is_answered_too(face: httpx.AsyncClient) -> None:
    answer = await face.get("/fhir/CodeSystem/teamroll?_format=xml")
    assert answer.headers["content-type"].startswith("application/fhir+xml")
    assert b'<id value="teamroll"/>' in answer.content


class TestWithSenders:
    @pytest.fixture
    def settings(self) -> str:
        return '[senders.acme]\ntoken = "0123456789abcdef"\n'

    @pytest.mark.parametrize("path", ["metadata", "CodeSystem", "CodeSystem/teamroll"])
    async def test_conformance_needs_no_token(self, face: httpx.AsyncClient, path: str) -> None:
        assert (await face.get(f"/fhir/{path}")).status_code == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "Encounter/$validate"),
            ("POST", "$process-message"),
            ("POST", "$import-ndjson"),
            ("GET", "ConceptMap/$translate"),
            ("GET", "AuditEvent"),
            ("GET", "Provenance"),
        ],
    )
    async def test_everything_else_does(self, face: httpx.AsyncClient, method: str, path: str) -> None:
        answer = await face.request(method, f"/fhir/{path}")
        assert (answer.status_code, rules(answer)) == (401, ["HTTP-SENDER"])
