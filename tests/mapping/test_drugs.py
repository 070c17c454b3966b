"""Drugs that were given at the contact."""

import pytest

ATC = "http://www.whocc.no/atc"


def administration(contact, **changes):
    given = {
        "status": "completed",
        "medicationCodeableConcept": contact.concept(ATC, "J01CE01"),
        "subject": contact.ref(contact.patient),
        "context": contact.ref(contact.encounter),
        "effectiveDateTime": "2025-03-03T23:30:00Z",
    }
    elements = {name: value for name, value in {**given, **changes}.items() if value is not None}
    return contact.add("MedicationAdministration", **elements)


def drugs(contact):
    return [(one.kod, one.datum, one.diagnos) for one in contact.map().event.lakemedel]


def test_a_drug_that_an_action_used_has_the_actions_day_and_diagnosis(contact):
    condition = contact.condition("J18.9")
    procedure = contact.procedure("AF021")
    procedure["performedDateTime"] = "2025-03-04"
    procedure["reasonReference"] = [contact.ref(condition)]
    procedure["usedCode"] = [contact.concept(ATC, "J01CE01")]
    mapped = contact.map()
    (drug,) = mapped.event.lakemedel
    assert (drug.kod, drug.datum, drug.diagnos) == ("J01CE01", "2025-03-04", 1)
    at = contact.at(procedure)
    assert mapped.provenance["lakemedel[0].kod"].paths[0] == f"{at}.usedCode[0].coding[0].code"
    assert mapped.provenance["lakemedel[0].kod"].by == ("LAKEMEDEL-GIVET",)
    assert mapped.provenance["lakemedel[0].datum"].paths == (f"{at}.performedDateTime",)


def test_a_medication_that_an_action_used_is_followed(contact):
    medication = contact.add("Medication", code=contact.concept(ATC, "J01CE01"))
    contact.procedure("AF021")["usedReference"] = [contact.ref(medication)]
    assert [kod for kod, _, _ in drugs(contact)] == ["J01CE01"]


def test_an_administration_tells_its_own_local_day(contact):
    administration(contact)
    assert drugs(contact) == [("J01CE01", "2025-03-04", None)]


def test_without_a_day_it_is_the_contacts(contact):
    administration(contact, effectiveDateTime=None)
    mapped = contact.map()
    assert mapped.event.lakemedel[0].datum == mapped.event.tid.startdatum
    assert mapped.provenance["lakemedel[0].datum"].by == ("ATGARD-DATE-DEFAULT",)


def test_its_reason_names_the_diagnosis(contact):
    condition = contact.condition("J18.9")
    administration(contact, reasonReference=[contact.ref(condition)])
    assert drugs(contact)[0][2] == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "not-done"},
        {"status": "entered-in-error"},
        {"context": None},
        {"context": "Encounter/1"},
        {"context": {"reference": 17}},
        {"subject": {"reference": "Patient/another"}},
        {"subject": []},
        {"medicationCodeableConcept": {"coding": "J01CE01"}},
        {"medicationCodeableConcept": {"coding": [{"system": ATC, "code": "penicillin"}]}},
        {
            "medicationCodeableConcept": {
                "coding": [{"system": "http://snomed.info/sct", "code": "323389000"}]
            }
        },
    ],
)
def test_what_was_not_given_to_this_patient_here_or_has_no_code_is_no_drug(contact, changes):
    administration(contact, **changes)
    assert drugs(contact) == []


def test_a_drug_is_told_once_for_a_day(contact):
    administration(contact)
    administration(contact)
    administration(contact, effectiveDateTime="2025-03-03")
    assert drugs(contact) == [("J01CE01", "2025-03-04", None), ("J01CE01", "2025-03-03", None)]


def test_a_prescription_is_no_given_drug(contact):
    contact.prescription()
    assert drugs(contact) == []
