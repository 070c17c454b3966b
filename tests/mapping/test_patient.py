"""The patient of the event."""

import pytest

PNR = "http://electronichealth.se/identifier/personnummer"
SAM = "http://electronichealth.se/identifier/samordningsnummer"


@pytest.mark.parametrize(
    ("system", "value", "kind", "normalised"),
    [
        (PNR, "19121212-1212", "personnummer", "191212121212"),
        ("urn:oid:1.2.752.129.2.1.3.1", "195009072553", "personnummer", "195009072553"),
        ("1.2.752.129.2.1.3.1", "195009072553", "personnummer", "195009072553"),
        ("urn:oid:1.2.752.129.2.1.3.3", "196109732393", "samordningsnummer", "196109732393"),
        (
            "https://uid.regionstockholm.se/reservnummer",
            "991981000010",
            "reservnummer-stockholm",
            "991981000010",
        ),
        ("urn:oid:1.2.752.113.11.0.2.1.1.1", "19810829M071", "reservnummer-vgr", "19810829M071"),
    ],
)
def test_identity_numbers_are_known_under_their_systems(contact, found, system, value, kind, normalised):
    contact.patient["identifier"] = [{"system": system, "value": value}]
    mapped = contact.map()
    assert (mapped.event.patient.kind, mapped.event.patient.id) == (kind, normalised)
    assert found(mapped) == []


def test_birth_date_and_sex_come_from_the_number(contact):
    patient = contact.map().event.patient
    assert (patient.fodelsedatum, patient.kon) == ("1912-12-12", "M")


def test_birth_date_and_sex_come_from_the_sender_where_the_number_does_not_tell(contact):
    contact.patient["identifier"] = [
        {"system": "https://uid.regionstockholm.se/reservnummer", "value": "991981000010"}
    ]
    contact.patient |= {"birthDate": "1981-02-03", "gender": "female"}
    patient = contact.map().event.patient
    assert (patient.fodelsedatum, patient.kon) == ("1981-02-03", "K")


def test_a_wrong_check_digit_is_an_error(contact, found):
    contact.patient["identifier"][0]["value"] = "191212121213"
    mapped = contact.map()
    assert found(mapped) == ["ID-CHECKSUM"]
    assert mapped.event.patient.id is None


def test_a_patient_without_an_accepted_number_is_an_error(contact, found):
    contact.patient["identifier"] = [{"system": "http://hospital.example/mrn", "value": "12345"}]
    assert found(contact.map()) == ["ID-MISSING"]


def test_a_contact_without_subject_is_an_error(contact, found):
    del contact.encounter["subject"]
    assert found(contact.map()) == ["ID-MISSING"]


def test_the_personnummer_weighs_more_than_other_numbers(contact, found):
    contact.patient["identifier"].insert(0, {"system": SAM, "value": "196109732393"})
    mapped = contact.map()
    assert mapped.event.patient.id == "191212121212"
    assert found(mapped) == ["ID-SEVERAL"]


def test_the_same_number_under_two_spellings_is_one(contact, found):
    contact.patient["identifier"].append({"system": "urn:oid:1.2.752.129.2.1.3.1", "value": "19121212-1212"})
    assert found(contact.map()) == []


def test_an_old_number_is_ignored(contact, found):
    contact.patient["identifier"] = [
        {"use": "old", "system": PNR, "value": "191212121212"},
        {"system": SAM, "value": "196109732393"},
    ]
    mapped = contact.map()
    assert mapped.event.patient.id == "196109732393"
    assert found(mapped) == []


def test_a_contradicting_birth_date_is_told(contact, found):
    contact.patient["birthDate"] = "1912-12-13"
    assert found(contact.map()) == ["ID-BIRTHDATE"]


def test_a_subject_by_identifier_only_is_the_patient(contact):
    contact.encounter["subject"] = {"identifier": {"system": PNR, "value": "19500907-2553"}}
    mapped = contact.map()
    assert mapped.event.patient.id == "195009072553"
    assert (
        mapped.provenance["patient.id"].paths[0]
        == f"{contact.at(contact.encounter)}.subject.identifier.value"
    )


def test_a_contained_patient_is_the_patient(contact):
    contact.encounter["contained"] = [{**contact.patient, "id": "p"}]
    contact.encounter["subject"] = {"reference": "#p"}
    assert contact.map().event.patient.id == "191212121212"


@pytest.mark.parametrize("code", ["sekretessmarkering", "skyddadFolkbokforing"])
def test_a_protected_identity_is_marked(contact, code):
    system = "http://hl7.se/fhir/ig/base/CodeSystem/SecurityLabel"
    contact.patient["meta"] = {"security": [{"system": system, "code": code}]}
    patient = contact.map().event.patient
    assert patient.skyddad
    assert patient.id == "191212121212"


def test_a_label_of_another_system_protects_nobody(contact):
    contact.patient["meta"] = {"security": [{"system": "urn:x", "code": "sekretessmarkering"}]}
    assert not contact.map().event.patient.skyddad


def test_two_current_personnummer_are_an_error(contact, found):
    contact.patient["identifier"].append({"system": PNR, "value": "195009072553"})
    assert found(contact.map()) == ["ID-TWO-PERSONS"]
    contact.patient["identifier"][0]["use"] = "old"
    assert found(contact.map()) == []


def test_a_reference_whose_identifier_is_another_persons_is_an_error(contact, found):
    contact.encounter["subject"]["identifier"] = {"system": PNR, "value": "195009072553"}
    mapped = contact.map()
    (finding,) = mapped.findings
    assert (finding.rule, finding.severity) == ("ID-REFERENCE-CONFLICT", "error")
    assert finding.expression == (
        f"{contact.at(contact.encounter)}.subject.identifier.value",
        f"{contact.at(contact.patient)}.identifier[0].value",
    )


def test_a_reference_may_state_a_number_that_the_patient_once_had(contact, found):
    contact.patient["identifier"].append({"use": "old", "system": PNR, "value": "195009072553"})
    contact.encounter["subject"]["identifier"] = {"system": PNR, "value": "19500907-2553"}
    assert found(contact.map()) == []


def test_a_reference_that_fits_two_patients_is_ambiguous_and_no_missing_number(contact, found):
    contact.add("Patient", identifier=contact.patient["identifier"])
    contact.encounter["subject"] = {"reference": f"Patient?identifier={PNR}|191212121212"}
    mapped = contact.map()
    assert found(mapped) == ["REF-AMBIGUOUS"]
    assert mapped.findings[0].expression == (f"{contact.at(contact.encounter)}.subject",)


def test_an_identifier_that_fits_two_patients_is_used_by_itself(contact, found):
    contact.add("Patient", identifier=contact.patient["identifier"])
    contact.encounter["subject"] = {"identifier": {"system": PNR, "value": "191212121212"}}
    mapped = contact.map()
    assert mapped.event.patient.id == "191212121212"
    assert found(mapped) == ["REF-AMBIGUOUS-LOGICAL"]


def test_a_refused_number_is_where_the_missing_identity_points(contact):
    contact.patient["identifier"] = [
        {"system": "urn:mrn", "value": "7"},
        {"system": PNR, "value": "191212121213"},
    ]
    origin = contact.map().provenance["absent:patient.id"]
    assert origin.paths == (f"{contact.at(contact.patient)}.identifier[1].value",)


def test_without_a_number_the_patients_identifiers_are_pointed_at(contact):
    contact.patient["identifier"] = []
    assert contact.map().provenance["absent:patient.id"].paths == (
        f"{contact.at(contact.patient)}.identifier",
    )


def test_without_a_patient_the_encounters_subject_is_pointed_at(contact):
    del contact.encounter["subject"]
    assert contact.map().provenance["absent:patient.id"].paths == (
        f"{contact.at(contact.encounter)}.subject",
    )
