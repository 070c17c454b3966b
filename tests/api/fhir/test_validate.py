"""$validate: what intake would say, with nothing stored."""

from typing import Any

import httpx
import orjson
import pytest

from adapter.composition import Application
from adapter.domain.canonical import BASE
from tests.api.fhir.conftest import rules
from tests.test_intake import resource, sample

PROFILE = f"{BASE}/StructureDefinition/vardbro-encounter"


def encounter(**changes: Any) -> dict[str, Any]:
    return {**resource(sample("mottagningsbesok-lakare"), "Encounter"), **changes}


async def ask(face: httpx.AsyncClient, path: str, content: Any, **params: str) -> list[str]:
    raw = content if isinstance(content, bytes) else orjson.dumps(content)
    answer = await face.post(f"/fhir/{path}", content=raw, params=params)
    assert answer.status_code == 200, answer.text
    return rules(answer)


async def test_a_sound_bundle_is_told_who_would_get_it(face: httpx.AsyncClient) -> None:
    found = await ask(face, "Bundle/$validate", sample("mottagningsbesok-lakare"))
    assert "INTAKE-WOULD-REPORT" in found


async def test_nothing_is_stored(face: httpx.AsyncClient, application: Application) -> None:
    await ask(face, "Bundle/$validate", sample("mottagningsbesok-lakare"))
    await ask(face, "Encounter/$validate", b"{")
    assert await application.ledger.receipts() == []


async def test_a_bundle_is_judged_by_each_registers_rules(face: httpx.AsyncClient) -> None:
    bundle = sample("mottagningsbesok-lakare")
    del resource(bundle, "Encounter")["serviceProvider"]
    found = await ask(face, "Bundle/$validate", bundle)
    taken = await face.post("/fhir", content=orjson.dumps(bundle))
    assert set(rules(taken)) <= set(found)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "FHIR-JSON-NONE"),
        (b"{", "FHIR-JSON"),
        (b"[]", "FHIR-JSON-OBJECT"),
        (b"{}", "FHIR-RESOURCE-TYPE-MISSING"),
        (b'{"resourceType": "Horse"}', "FHIR-RESOURCE-TYPE"),
        (b'{"resourceType": "Encounter", "resourceType": "Encounter"}', "FHIR-DUPLICATE-KEY"),
    ],
)
async def test_what_cannot_be_read_is_an_outcome_too(
    face: httpx.AsyncClient, content: bytes, rule: str
) -> None:
    assert rule in await ask(face, "$validate", content)


@pytest.mark.parametrize("kind", ["Condition", "Encounter", "Patient", "Procedure", "Organization"])
async def test_each_type_is_checked_by_the_structure_of_r4(face: httpx.AsyncClient, kind: str) -> None:
    sound = resource(sample("mottagningsbesok-lakare"), kind)
    assert await ask(face, f"{kind}/$validate", sound) == []
    assert await ask(face, f"{kind}/x1/$validate", {**sound, "unheard": 1}) != []


async def test_a_resource_of_another_type_than_the_address_says_is_wrong(face: httpx.AsyncClient) -> None:
    assert await ask(face, "Patient/$validate", encounter()) == ["FHIR-VALIDATE-TYPE"]


async def test_a_profile_that_is_asked_for_is_checked(face: httpx.AsyncClient) -> None:
    lacking = encounter()
    del lacking["identifier"]
    assert await ask(face, "Encounter/$validate", lacking) == []
    found = await ask(face, "Encounter/$validate", lacking, profile=PROFILE)
    assert any(rule.startswith("FHIR-PROFILE") for rule in found)


async def test_a_profile_is_asked_for_in_the_version_that_there_is_or_is_unknown(
    face: httpx.AsyncClient,
) -> None:
    base = "http://hl7.org/fhir/StructureDefinition/Encounter"
    for known in (f"{PROFILE}|1.0.0", f"{base}|4.0.1"):
        assert "FHIR-PROFILE-UNKNOWN" not in await ask(face, "$validate", encounter(), profile=known)
    for unknown in (f"{PROFILE}|9.9.9", f"{base}|5.0.0"):
        assert await ask(face, "$validate", encounter(), profile=unknown) == ["FHIR-PROFILE-UNKNOWN"]


async def test_r4s_own_profiles_are_known(face: httpx.AsyncClient) -> None:
    base = "http://hl7.org/fhir/StructureDefinition"
    assert await ask(face, "$validate", encounter(), profile=f"{base}/Encounter") == []
    assert await ask(face, "$validate", encounter(), profile=f"{base}/Patient") == ["FHIR-VALIDATE-TYPE"]
    assert await ask(face, "$validate", encounter(), profile="urn:x") == ["FHIR-PROFILE-UNKNOWN"]


@pytest.mark.parametrize(
    ("mode", "kind", "rule"),
    [
        ("create", "Encounter", None),
        ("profile", "Encounter", None),
        ("update", "Encounter", "FHIR-VALIDATE-NO-ID"),
        ("delete", "Encounter", None),
        ("delete", "Patient", "FHIR-VALIDATE-DELETE"),
    ],
)
async def test_the_mode_says_what_the_resource_is_for(
    face: httpx.AsyncClient, mode: str, kind: str, rule: str | None
) -> None:
    sound = resource(sample("mottagningsbesok-lakare"), kind)
    assert await ask(face, "$validate", sound, mode=mode) == ([rule] if rule else [])


async def test_the_resource_may_stand_in_parameters_with_profile_and_mode(face: httpx.AsyncClient) -> None:
    lacking = encounter()
    del lacking["identifier"]
    given = [
        {"name": "resource", "resource": lacking},
        {"name": "mode", "valueCode": "update"},
        {"name": "profile", "valueUri": PROFILE},
    ]
    found = await ask(face, "Encounter/$validate", {"resourceType": "Parameters", "parameter": given})
    assert "FHIR-VALIDATE-NO-ID" in found
    assert any(rule.startswith("FHIR-PROFILE") for rule in found)


@pytest.mark.parametrize(
    ("path", "content", "status", "rule"),
    [
        ("Horse/$validate", {}, 404, "HTTP-NOT-FOUND"),
        ("$validate?mode=perhaps", {}, 400, "HTTP-PARAMETER"),
        ("$validate?mode=create&mode=update", {}, 400, "HTTP-PARAMETER"),
        ("$validate?profile=", {}, 400, "HTTP-PARAMETER"),
        ("$validate", {"resourceType": "Parameters"}, 400, "HTTP-PARAMETER"),
        (
            "$validate",
            {"resourceType": "Parameters", "parameter": [{"name": "resource"}]},
            400,
            "HTTP-PARAMETER",
        ),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_and_not_recorded(
    face: httpx.AsyncClient, application: Application, path: str, content: Any, status: int, rule: str
) -> None:
    answer = await face.post(f"/fhir/{path}", content=orjson.dumps(content))
    assert (answer.status_code, rules(answer)) == (status, [rule])
    assert await application.ledger.receipts() == []


async def test_a_profile_that_a_bundles_resource_claims_warns_and_one_that_is_asked_for_forbids(
    face: httpx.AsyncClient,
) -> None:
    bundle = sample("mottagningsbesok-lakare")
    url = f"{BASE}/StructureDefinition/vardbro-event-bundle"
    bundle["meta"] = {"profile": [url]}
    del resource(bundle, "Encounter")["identifier"]

    async def severities(**params: str) -> set[str]:
        answer = await face.post("/fhir/Bundle/$validate", content=orjson.dumps(bundle), params=params)
        return {
            issue["severity"]
            for issue in answer.json()["issue"]
            if issue["details"]["coding"][0]["code"] == "FHIR-PROFILE-MIN"
        }

    assert await severities() == {"warning"}
    assert await severities(profile=url) == {"error"}


async def test_a_contact_that_lies_ahead_is_told(face: httpx.AsyncClient) -> None:
    bundle = sample("mottagningsbesok-lakare")
    resource(bundle, "Encounter")["period"] = {"start": "2199-01-01T10:00:00+01:00"}
    assert "TIME-AHEAD" in await ask(face, "Bundle/$validate", bundle)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("Encounter/$validate", "FHIR-VALIDATE-WOULD-CANCEL"),
        ("Encounter/x1/$validate", "FHIR-VALIDATE-WOULD-CANCEL"),
        ("Patient/x1/$validate", "FHIR-VALIDATE-DELETE"),
        ("$validate", "FHIR-VALIDATE-DELETE"),
    ],
)
async def test_to_ask_whether_something_can_be_deleted_needs_no_resource(
    face: httpx.AsyncClient, path: str, rule: str
) -> None:
    mode = {"resourceType": "Parameters", "parameter": [{"name": "mode", "valueCode": "delete"}]}
    assert await ask(face, path, mode) == [rule]
    assert await ask(face, path, {"resourceType": "Parameters"}, mode="delete") == [rule]
