"""$translate: what our maps say of a code."""

import json
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from fhir.resources.R4B.parameters import Parameters

from adapter.domain.canonical import BASE
from tests.api.fhir.conftest import rules

SCT, ICD = "http://snomed.info/sct", "https://www.icd10.se/"
PNEUMONIA = {"system": SCT, "code": "233604007"}
PATH = "/fhir/ConceptMap/$translate"


def read(answer: httpx.Response) -> tuple[bool, list[tuple[str, str | None]]]:
    """Result, and equivalence and code of each match."""
    assert answer.status_code == 200, answer.text
    Parameters.model_validate(answer.json())
    parts = answer.json()["parameter"]
    matches = []
    for one in parts:
        if one["name"] == "match":
            part = {p["name"]: p for p in one["part"]}
            concept = part.get("concept", {}).get("valueCoding", {})
            matches.append((part["equivalence"]["valueCode"], concept.get("code")))
    return parts[0]["valueBoolean"], matches


async def look(face: httpx.AsyncClient, path: str = PATH, **params: str) -> Any:
    return read(await face.get(path, params=params))


async def post(face: httpx.AsyncClient, *parameters: dict[str, Any]) -> httpx.Response:
    content = orjson.dumps({"resourceType": "Parameters", "parameter": list(parameters)})
    return await face.post(PATH, content=content)


async def test_a_code_is_translated(face: httpx.AsyncClient) -> None:
    assert await look(face, **PNEUMONIA, targetsystem=ICD) == (True, [("equivalent", "J18.9")])


@pytest.mark.parametrize("spelling", [f"{ICD}/", "urn:oid:1.2.752.116.1.1.1", "HTTPS://WWW.ICD10.SE"])
async def test_a_system_is_known_by_all_its_spellings(face: httpx.AsyncClient, spelling: str) -> None:
    assert await look(face, **PNEUMONIA, targetsystem=spelling) == (True, [("equivalent", "J18.9")])


async def test_a_map_can_be_chosen_by_url_id_and_address(face: httpx.AsyncClient) -> None:
    expected = (True, [("equivalent", "J18.9")])
    url = f"{BASE}/ConceptMap/snomed-icd-10-se"
    assert await look(face, **PNEUMONIA, url=url) == expected
    assert await look(face, "/fhir/ConceptMap/snomed-icd-10-se/$translate", **PNEUMONIA) == expected
    assert await look(face, **PNEUMONIA, url=f"{BASE}/ConceptMap/snomed-kva") == (False, [])


async def test_reverse_turns_the_map_and_its_equivalences_round(face: httpx.AsyncClient) -> None:
    result, matches = await look(face, system=ICD, code="J18.9", targetsystem=SCT, reverse="true")
    assert result
    assert ("equivalent", PNEUMONIA["code"]) in matches


async def test_a_code_that_no_map_knows_has_no_result_and_says_so(face: httpx.AsyncClient) -> None:
    answer = await face.get(PATH, params={"system": SCT, "code": "1", "targetsystem": ICD})
    assert read(answer) == (False, [])
    assert answer.json()["parameter"][1]["valueString"] == "No map knows the code."


async def test_a_coding_and_a_concept_are_taken_in_a_body(face: httpx.AsyncClient) -> None:
    target = {"name": "targetsystem", "valueUri": ICD}
    coding = await post(face, {"name": "coding", "valueCoding": PNEUMONIA}, target)
    concept = {"coding": [{"system": SCT, "code": "1"}, PNEUMONIA]}
    both = await post(face, {"name": "codeableConcept", "valueCodeableConcept": concept}, target)
    assert read(coding) == read(both) == (True, [("equivalent", "J18.9")])


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"code": "1"},
        {"system": SCT},
        {"code": "", "system": SCT},
        {"code": "1", "system": SCT, "coding": "x"},
        {"code": "1", "system": SCT, "reverse": "perhaps"},
        {"code": "1", "system": SCT, "dependency": "x"},
        {"coding": "x"},
        {"code": "a\0b", "system": SCT},
    ],
)
async def test_a_question_that_is_not_clear_is_refused(
    face: httpx.AsyncClient, params: dict[str, str]
) -> None:
    answer = await face.get(PATH, params=params)
    assert (answer.status_code, rules(answer)) == (400, ["HTTP-PARAMETER"])


@pytest.mark.parametrize(
    "body", [b"{", b"{}", b'{"resourceType":"Parameters","parameter":{}}', b'{"resourceType":"Patient"}']
)
async def test_a_body_that_is_no_parameters_is_refused(face: httpx.AsyncClient, body: bytes) -> None:
    answer = await face.post(PATH, content=body)
    assert answer.status_code == 400
    assert rules(answer)


async def test_a_map_that_is_not_there_is_not_found(face: httpx.AsyncClient) -> None:
    answer = await face.get(PATH, params={**PNEUMONIA, "url": "urn:x"})
    assert (answer.status_code, rules(answer)) == (404, ["FHIR-NO-SUCH-MAP"])


class TestWithAnOverlay:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> str:
        folder = tmp_path / "overlay" / "concept-maps"
        folder.mkdir(parents=True)
        element = {"code": PNEUMONIA["code"], "target": [{"code": "J15.9", "equivalence": "wider"}]}
        own = {"code": "lokal", "target": [{"code": "J20.9", "equivalence": "equivalent"}]}
        made = {
            "resourceType": "ConceptMap",
            "id": "egen",
            "url": "urn:egen",
            "status": "active",
            "group": [
                {"source": SCT, "target": ICD, "element": [element]},
                {"source": "urn:lokala-koder", "target": ICD, "element": [own]},
            ],
        }
        (folder / "egen.json").write_text(json.dumps(made))
        return f'[mappings]\noverlay = "{folder.parent}"\n'

    async def test_the_users_own_maps_are_asked_too(self, face: httpx.AsyncClient) -> None:
        assert await look(face, system="urn:lokala-koder", code="lokal") == (True, [("equivalent", "J20.9")])
        assert (await face.get("/fhir/ConceptMap/egen")).status_code == 200

    async def test_what_they_say_of_a_code_counts_alone(self, face: httpx.AsyncClient) -> None:
        assert await look(face, **PNEUMONIA, targetsystem=ICD) == (True, [("wider", "J15.9")])
