"""The codings of Encounter.type: what each is good for; what is told of those that are good for nothing."""

import pytest

SNOMED = "http://snomed.info/sct"
TRIAGE, HOME_VISIT = "225390008", "439708006"


def unused(mapped):
    """Where the type codings stand that are told to be good for nothing."""
    return [one.expression for one in mapped.findings if one.rule == "KT-TYP-OANVAND"]


def coding(contact, index=0):
    path = f"{contact.at(contact.encounter)}.type[{index}].coding[0]"
    return (f"{path}.code", f"{path}.system")


def test_a_type_that_says_nothing_to_anybody_is_told_where_it_stands(contact):
    contact.type("http://region.example/besok", "R1")
    assert unused(contact.map()) == [coding(contact)]


def test_the_types_of_a_teams_later_encounters_count_when_the_first_has_none(contact):
    colleague = contact.staff("SE2321000016-C1")
    del contact.encounter["participant"][1]
    other = {key: value for key, value in contact.encounter.items() if key != "resourceType"}
    contact.add(
        "Encounter",
        **other
        | {
            "identifier": [{"system": "https://journal.example/vk", "value": "2"}],
            "participant": [{"individual": contact.ref(colleague)}],
            "partOf": contact.ref(contact.encounter),
            "type": [contact.concept(SNOMED, HOME_VISIT)],
        },
    )
    mapped = contact.map()
    assert len(mapped.event.personal) == 2
    assert mapped.event.kontakt.i_hemmet is True


def test_inpatient_care_has_no_contact_type_so_a_stated_one_is_told(contact):
    contact.encounter["class"]["code"] = "IMP"
    contact.stated("mottagningsbesok")
    mapped = contact.map()
    assert mapped.event.kind == "vardtillfalle"
    assert unused(mapped) == [coding(contact)]


def test_inpatient_care_has_no_channel_so_a_type_that_tells_one_is_told(contact):
    contact.encounter["class"]["code"] = "IMP"
    contact.type(SNOMED, HOME_VISIT)
    assert [paths[0] for paths in unused(contact.map())] == [coding(contact)[0]]


@pytest.mark.parametrize(("stated", "is_told"), [("kontakt-om-patient", True), ("hembesok", False)])
def test_a_type_that_tells_the_place_is_of_no_use_without_a_patient_only(contact, stated, is_told):
    contact.stated(stated)
    contact.type(SNOMED, HOME_VISIT)
    told = unused(contact.map())
    assert [paths[0] for paths in told] == ([coding(contact, 1)[0]] if is_told else [])


def test_a_triage_beside_a_stated_type_is_told(contact):
    contact.stated("mottagningsbesok")
    contact.type(SNOMED, TRIAGE)
    assert unused(contact.map()) == [coding(contact, 1)]


def test_a_triage_alone_is_evidence_and_not_told(contact):
    contact.type(SNOMED, TRIAGE)
    assert unused(contact.map()) == []
