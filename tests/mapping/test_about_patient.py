"""A conference about the patient (KVÅ XS008) as evidence for the contact type."""

import pytest


def typ(mapped):
    return mapped.event.kontakt.typ


def conference(contact, class_code="VR"):
    contact.encounter["class"]["code"] = class_code
    return contact.procedure("XS008")


def test_a_conference_about_the_patient_is_a_contact_about_the_patient(contact, found):
    procedure = conference(contact)
    mapped = contact.map()
    kontakt = mapped.event.kontakt
    assert (kontakt.typ, kontakt.kanal, kontakt.ersatter_besok) == ("kontakt-om-patient", None, None)
    assert found(mapped) == []
    origin = mapped.provenance["kontakt.typ"]
    assert origin.by == ("KT-OM-PATIENT-KVA",)
    assert origin.paths[0] == f"{contact.at(procedure)}.code.coding[0].code"
    assert f"{contact.at(contact.encounter)}.class.code" in origin.paths


def test_a_conference_with_the_patient_is_none(contact, found):
    contact.encounter["class"]["code"] = "VR"
    contact.procedure("XS007")
    mapped = contact.map()
    assert typ(mapped) is None
    assert found(mapped) == ["KT-KANAL-SAKNAS"]


@pytest.mark.parametrize(
    ("class_code", "expected"),
    [("AMB", "mottagningsbesok"), ("HH", "hembesok"), ("EMER", "mottagningsbesok")],
)
def test_a_patient_who_was_met_decides_with_a_warning_that_names_both(contact, found, class_code, expected):
    procedure = conference(contact, class_code)
    mapped = contact.map()
    assert typ(mapped) == expected
    assert found(mapped) == ["KT-OM-PATIENT-MOTSAGD"]
    paths = next(one.expression for one in mapped.findings if one.rule == "KT-OM-PATIENT-MOTSAGD")
    assert f"{contact.at(procedure)}.code.coding[0].code" in paths
    assert f"{contact.at(contact.encounter)}.class.code" in paths


def test_a_call_to_the_patient_decides_with_a_warning(contact):
    conference(contact)
    contact.procedure("XS012")
    mapped = contact.map()
    assert typ(mapped) == "telefonsamtal"
    assert "KT-OM-PATIENT-MOTSAGD" in [finding.rule for finding in mapped.findings]


def test_a_stated_type_is_left_alone(contact, found):
    conference(contact, "AMB")
    contact.stated("teambesok")
    mapped = contact.map()
    assert typ(mapped) == "teambesok"
    assert found(mapped) == []


def test_a_conference_in_coordination_stays_coordination(contact, found):
    conference(contact)
    contact.procedure("GC001")
    mapped = contact.map()
    assert (mapped.event.kind, typ(mapped)) == ("koordineringsinsats", None)
    assert found(mapped) == []


def test_the_senders_word_on_replacing_has_no_use(contact, found):
    conference(contact)
    contact.extension("ersatter-besok", valueBoolean=True)
    mapped = contact.map()
    assert typ(mapped) == "kontakt-om-patient"
    assert found(mapped) == ["KT-ERSATTER-OANVAND"]


def test_a_triage_code_has_no_use(contact, found):
    conference(contact)
    contact.type("http://snomed.info/sct", "225390008")
    mapped = contact.map()
    assert typ(mapped) == "kontakt-om-patient"
    assert found(mapped) == ["KT-TYP-OANVAND"]


@pytest.mark.parametrize("code", ["XS007", "XS008"])
def test_a_conference_is_no_assessment(contact, code):
    contact.distance("XS012", diagnosis=None)
    contact.procedure(code)
    contact.prescription()
    mapped = contact.map()
    assert typ(mapped) == "telefonsamtal"
    assert "KT-EJ-KVALIFICERAD-BEDOMNING" in [finding.rule for finding in mapped.findings]
