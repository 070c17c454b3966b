"""The CapabilityStatement says what is there, and is valid R4."""

from datetime import UTC, datetime

import httpx
import orjson
from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from adapter.api.fhir.capability import capability_statement

NOW = datetime(2026, 11, 21, tzinfo=UTC)


async def test_the_metadata_is_a_valid_statement_of_r4(client: httpx.AsyncClient) -> None:
    response = await client.get("/fhir/metadata")
    assert response.headers["content-type"] == "application/fhir+json"
    statement = CapabilityStatement.model_validate(response.json())
    assert statement.fhirVersion == "4.0.1"
    assert statement.implementation.url == "http://127.0.0.1:8080/fhir"
    assert [one.code for one in statement.rest[0].interaction] == ["transaction", "batch"]


def test_it_says_whether_the_door_is_open() -> None:
    texts = [
        orjson.loads(capability_statement("http://x/fhir", is_open=is_open, now=NOW))["rest"][0]["security"]
        for is_open in (True, False)
    ]
    assert "open" in texts[0]["description"]
    assert "token" in texts[1]["description"]
