"""Our own CodeSystems and extensions: valid FHIR, and the ones that the documentation promises."""

import orjson
import pytest
from fhir.resources.R4B.codesystem import CodeSystem
from fhir.resources.R4B.structuredefinition import StructureDefinition

from adapter.domain.canonical import code_system, extension
from adapter.resources import data_folder

CODE_SYSTEMS = data_folder("profiles") / "code-systems"
EXTENSIONS = data_folder("profiles") / "extensions"

VALUES = {
    "ersatter-besok": (["Encounter"], "boolean"),
    "boendeform": (["Encounter"], "Coding"),
    "taxa": (["Encounter"], "Coding"),
    "nytt-halsoproblem": (["Encounter"], "boolean"),
    "kompetens": (["Encounter"], "boolean"),
    "medicinskt-maldatum": (["Encounter", "ServiceRequest"], "date"),
    "avvikelseorsak": (["Encounter", "Appointment"], "Coding"),
    "beslutsdatum": (["Encounter", "ServiceRequest"], "date"),
    "delomrade": (["Encounter"], "code"),
    "fast-lakarkontakt-fran": (["Patient.generalPractitioner"], "date"),
    "lkf": (["Patient"], "code"),
}


def read(path):
    return orjson.loads(path.read_bytes())


@pytest.mark.parametrize("path", sorted(CODE_SYSTEMS.glob("*.json")), ids=lambda path: path.stem)
def test_every_code_system_is_valid_fhir(path):
    resource = read(path)
    CodeSystem.model_validate(resource)
    assert (resource["id"], resource["url"]) == (path.stem, code_system(path.stem))
    assert resource.get("count", 0) == len(resource.get("concept", ()))


@pytest.mark.parametrize("path", sorted(EXTENSIONS.glob("*.json")), ids=lambda path: path.stem)
def test_every_extension_is_valid_fhir(path):
    resource = read(path)
    StructureDefinition.model_validate(resource)
    assert (resource["id"], resource["url"]) == (path.stem, extension(path.stem))
    fixed = [e["fixedUri"] for e in resource["differential"]["element"] if e["id"] == "Extension.url"]
    assert fixed == [resource["url"]]


@pytest.mark.parametrize(("name", "expected"), VALUES.items())
def test_each_promised_extension_has_its_places_and_its_type(name, expected):
    resource = read(EXTENSIONS / f"{name}.json")
    value = next(e for e in resource["differential"]["element"] if e["id"] == "Extension.value[x]")
    assert ([c["expression"] for c in resource["context"]], value["type"][0]["code"]) == expected


def test_the_contact_types_have_the_names_of_both_editions():
    concepts = {concept["code"]: concept for concept in read(CODE_SYSTEMS / "vardkontakttyp.json")["concept"]}
    assert len(concepts) == 14
    assert concepts["video-ersatter-besok"]["display"] == "Video som ersätter besök"
    assert (
        _property(concepts["video-ersatter-besok"], "namn-fore-2025")
        == "Distanskontakt realtid bild/ljud/chatt"
    )
    assert _property(concepts["text-ersatter-besok"], "namn-fore-2025") == "Text som ersätter besök"
    assert _property(concepts["video-ersatter-ej-besok"], "fran") == "2025-01-01"
    assert _property(concepts["mottagningsbesok"], "namn-fore-2025") is None


@pytest.mark.parametrize(
    "name",
    ["gvr-btyp", "gvr-taxa", "gvr-vdg", "gvr-vktyp", "gvr-viste-fore", "gvr-viste-efter", "gvr-vard-efter"],
)
def test_the_registers_own_codes_are_not_invented(name):
    resource = read(CODE_SYSTEMS / f"{name}.json")
    assert resource["content"] == "not-present"
    assert "concept" not in resource


def _property(concept, code):
    found = [p for p in concept.get("property", ()) if p["code"] == code]
    return next((v for p in found for k, v in p.items() if k.startswith("value")), None)
