"""Home care in GVR's sense, and where the patient lives."""

import pytest
from msgspec.structs import replace

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle
from adapter.mapping.concept_maps import ConceptMaps

FORM = "https://vardbro.example/fhir/CodeSystem/gvr-handelseform"
LKF = "https://vardbro.example/fhir/StructureDefinition/lkf"
PROTECTED = {
    "system": "http://hl7.se/fhir/ig/base/CodeSystem/SecurityLabel",
    "code": "sekretessmarkering",
}


def home_care(mapped):
    return mapped.event.kontakt.hemsjukvard


def test_the_senders_code_says_so(contact, found):
    contact.encounter["type"] = [contact.concept(FORM, "hemsjukvardskontakt")]
    mapped = contact.map()
    assert home_care(mapped)
    assert mapped.provenance["kontakt.hemsjukvard"].by == ("KT-HEMSJUKVARD",)
    assert "KT-TYP-OANVAND" not in found(mapped)


@pytest.mark.parametrize("code", ["oppenvardskontakt", "slutenvardstillfalle", "annat"])
def test_another_form_does_not(contact, found, code):
    contact.encounter["type"] = [contact.concept(FORM, code)]
    mapped = contact.map()
    assert not home_care(mapped)
    assert "KT-TYP-OANVAND" not in found(mapped)


def test_a_home_visit_is_no_home_care(contact):
    contact.encounter["class"]["code"] = "HH"
    mapped = contact.map()
    assert mapped.event.kontakt.typ == "hembesok"
    assert not home_care(mapped)


def test_the_residence_is_read_where_it_is_given(contact):
    contact.patient["extension"] = [{"url": LKF, "valueCode": "018001"}]
    mapped = contact.map()
    assert mapped.event.patient.lkf == "018001"
    assert mapped.provenance["patient.lkf"].paths[0].endswith("extension[0].valueCode")


@pytest.mark.parametrize("value", ["0180", "0180012", "018 01"])
def test_one_of_another_form_is_left_out_with_a_finding(contact, found, value):
    contact.patient["extension"] = [{"url": LKF, "valueCode": value}]
    mapped = contact.map()
    assert mapped.event.patient.lkf is None
    assert "KT-TILLAGG-VARDE" in found(mapped)


def test_two_residences_say_nothing(contact, found):
    contact.patient["extension"] = [{"url": LKF, "valueCode": code} for code in ("018001", "018002")]
    mapped = contact.map()
    assert mapped.event.patient.lkf is None
    assert "KT-TILLAGG-FLERA" in found(mapped)


def test_that_of_a_protected_patient_is_not_read(contact):
    contact.patient["extension"] = [{"url": LKF, "valueCode": "018001"}]
    contact.patient["meta"] = {"security": [PROTECTED]}
    assert contact.map().event.patient.lkf is None


KV = "https://terminologitjansten.inera.se/inera-kodverksforvaltning/kodverk/kv_vardkontakttyp"


@pytest.mark.parametrize(
    ("reading", "code", "expected"),
    [("sluten-oppen", "4", True), ("sluten-oppen", "2", False), ("besok", "4", False)],
)
def test_kv_vardkontakttyp_says_so_in_the_reading_that_has_home_care(contact, reading, code, expected):
    contact.encounter["type"] = [contact.concept(KV, code)]
    mapped = contact.map(vardkontakttyp_reading=reading)
    assert home_care(mapped) is expected
    if expected:
        origin = mapped.provenance["kontakt.hemsjukvard"]
        assert origin.by == ("KT-HEMSJUKVARD", "KT-KANAL-KV")
        assert origin.paths[0] == f"{contact.at(contact.encounter)}.type[0].coding[0].code"


LOCAL = "http://region.example/vardform"
MAP = {
    "resourceType": "ConceptMap",
    "id": "region-vardform",
    "group": [
        {
            "source": LOCAL,
            "target": FORM,
            "element": [
                {"code": code, "target": [{"code": form, "equivalence": "equivalent"}]}
                for code, form in (("HSV", "hemsjukvardskontakt"), ("OV", "oppenvardskontakt"))
            ],
        }
    ],
}


@pytest.mark.parametrize(("code", "at_home", "unused"), [("HSV", True, 0), ("OV", False, 0), ("X", False, 1)])
def test_a_regions_own_code_says_so_by_its_map_and_is_no_unused_type(
    contact, contexts, found, code, at_home, unused
):
    contact.type(LOCAL, code)
    context = contexts()
    maps = ConceptMaps([MAP], context.aliases)
    (mapped,) = map_bundle(Bundle(contact.bundle()), replace(context, concept_maps=maps))
    assert home_care(mapped) is at_home
    assert found(mapped).count("KT-TYP-OANVAND") == unused
    if at_home:
        assert mapped.provenance["kontakt.hemsjukvard"].by == ("KT-HEMSJUKVARD", "region-vardform")
