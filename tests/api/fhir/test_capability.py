"""The CapabilityStatement says what is there, and is valid R4."""

from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from starlette.routing import Match

from adapter.api.fhir.capability import About, capability_statement
from adapter.api.fhir.door import Door
from adapter.api.fhir.interactions import Interaction
from adapter.api.fhir.routes import Face, routes_of
from adapter.fhir.read import validate
from tests.api.conftest import FakeServices, shipped_catalogue

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def interactions(services: FakeServices) -> list[Interaction]:
    door: Any = Door(services.intake, None, services.config)  # type: ignore[arg-type]
    return Face(services, door, None).interactions()  # type: ignore[arg-type]


def statement(interactions: list[Interaction], **about: Any) -> dict[str, Any]:
    made = capability_statement(interactions, About(url="http://x/fhir", now=NOW, **about))
    found: dict[str, Any] = orjson.loads(made)
    return found


async def test_the_metadata_is_a_valid_statement_of_r4(client: httpx.AsyncClient) -> None:
    response = await client.get("/fhir/metadata")
    assert response.headers["content-type"] == "application/fhir+json; charset=utf-8"
    found = CapabilityStatement.model_validate(response.json())
    assert found.fhirVersion == "4.0.1"
    assert found.implementation.url == "http://127.0.0.1:8080/fhir"
    assert [one.code for one in found.rest[0].interaction] == ["transaction", "batch"]


def test_our_own_validator_finds_nothing_wrong_with_it(interactions: list[Interaction]) -> None:
    raw = orjson.dumps(statement(interactions, token="https://x/token", profiles={"Encounter": ["urn:p"]}))
    assert validate(raw, shipped_catalogue()) == []


def test_it_names_every_interaction_and_nothing_else(interactions: list[Interaction]) -> None:
    rest = statement(interactions)["rest"][0]
    operations = {one["name"] for one in rest["operation"]}
    for resource in rest["resource"]:
        operations |= {one["name"] for one in resource.get("operation", ())}
    assert operations == {"process-message", "import-ndjson", "validate", "translate"}
    said = {
        (resource["type"], one["code"])
        for resource in rest["resource"]
        for one in resource.get("interaction", ())
    }
    assert said == {
        (kind, code)
        for one in interactions
        for kind in one.types
        for code in one.kinds
        if code in ("read", "search-type")
    }


def test_whatever_it_names_has_a_route(interactions: list[Interaction]) -> None:
    routes = routes_of(interactions)
    for one in interactions:
        path = one.path.format(type="Patient", id="x")
        scope = {"type": "http", "path": path, "method": one.method, "headers": []}
        fitting = next(route for route in routes if route.matches(scope)[0] is not Match.NONE)
        assert fitting.matches(scope)[0] is Match.FULL, path


def test_what_is_experimental_is_named_so(interactions: list[Interaction]) -> None:
    (importing,) = (
        one for one in statement(interactions)["rest"][0]["operation"] if one["name"] == "import-ndjson"
    )
    assert importing["documentation"].startswith("Experimental")


def test_messages_are_received_at_the_operations_address(interactions: list[Interaction]) -> None:
    messaging = statement(interactions)["messaging"][0]
    assert messaging["endpoint"][0]["address"] == "http://x/fhir/$process-message"
    assert messaging["reliableCache"] == 400 * 24 * 60
    assert [one["mode"] for one in messaging["supportedMessage"]] == ["receiver"]


def test_it_says_whether_the_door_is_open(interactions: list[Interaction]) -> None:
    texts = [
        statement(interactions, is_open=is_open)["rest"][0]["security"]["description"]
        for is_open in (True, False)
    ]
    assert "open" in texts[0]
    assert "Bearer" in texts[1]


def test_where_tokens_are_given_it_says_where(interactions: list[Interaction]) -> None:
    security = statement(interactions, is_open=False, token="https://x/token")["rest"][0]["security"]
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    assert security["extension"][0]["extension"] == [{"url": "token", "valueUri": "https://x/token"}]


def test_profiles_stand_with_their_types(interactions: list[Interaction]) -> None:
    resources = statement(interactions, profiles={"Encounter": ["urn:profile"]})["rest"][0]["resource"]
    (encounter,) = (one for one in resources if one["type"] == "Encounter")
    assert encounter["supportedProfile"] == ["urn:profile"]
