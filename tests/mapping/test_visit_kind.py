"""First or return visit, and self-referral."""

import pytest

SNOMED = "http://snomed.info/sct"
OWN = "https://vardbro.example/fhir/CodeSystem/besoksslag"
BOOKING = "http://terminology.hl7.org/CodeSystem/v2-0276"
HSA = "urn:oid:1.2.752.29.4.19"


def first(contact):
    return contact.map().event.tillgang.nybesok


@pytest.mark.parametrize("new", [True, False])
def test_the_senders_word_on_the_problem_decides(contact, new):
    contact.extension("nytt-halsoproblem", valueBoolean=new)
    assert first(contact) is new


def test_without_a_word_or_a_code_it_is_not_known(contact):
    assert first(contact) is None


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [(OWN, "nybesok", True), (OWN, "aterbesok", False), (SNOMED, "390906007", False), (OWN, "annat", None)],
)
def test_a_code_of_the_type_says_it(contact, system, code, expected):
    contact.type(system, code)
    assert first(contact) is expected


def test_a_code_that_says_it_is_no_unused_type(contact, found):
    contact.type(OWN, "aterbesok")
    assert found(contact.map()) == []


def test_a_reason_code_says_it_and_is_traced(contact):
    contact.encounter["reasonCode"] = [contact.concept(OWN, "aterbesok")]
    mapped = contact.map()
    assert mapped.event.tillgang.nybesok is False
    at = f"{contact.at(contact.encounter)}.reasonCode[0].coding[0]"
    assert mapped.provenance["tillgang.nybesok"].paths == (f"{at}.code", f"{at}.system")


@pytest.mark.parametrize(("code", "expected"), [("FOLLOWUP", False), ("ROUTINE", None)])
def test_the_bookings_type_says_it(contact, code, expected):
    booking = contact.add("Appointment", appointmentType=contact.concept(BOOKING, code))
    contact.encounter["appointment"] = [contact.ref(booking)]
    mapped = contact.map()
    assert mapped.event.tillgang.nybesok is expected
    if expected is not None:
        at = f"{contact.at(booking)}.appointmentType.coding[0].code"
        assert mapped.provenance["tillgang.nybesok"].paths[0] == at


def test_codes_that_contradict_each_other_say_nothing(contact, found):
    contact.type(OWN, "aterbesok")
    contact.type(OWN, "nybesok")
    mapped = contact.map()
    assert mapped.event.tillgang.nybesok is None
    assert found(mapped) == ["TG-NYBESOK-MOTSAGT"]


def test_the_senders_word_counts_more_than_a_code_and_the_contradiction_is_told(contact, found):
    contact.extension("nytt-halsoproblem", valueBoolean=True)
    contact.type(OWN, "aterbesok")
    mapped = contact.map()
    assert mapped.event.tillgang.nybesok is True
    assert found(mapped) == ["TG-NYBESOK-MOTSAGT"]


def test_a_code_that_says_what_the_sender_says_is_no_contradiction(contact, found):
    contact.extension("nytt-halsoproblem", valueBoolean=True)
    contact.type(OWN, "nybesok")
    assert found(contact.map()) == []


def test_a_code_that_is_none_of_ours_is_left_out_and_told(contact, found):
    contact.encounter["reasonCode"] = [contact.concept(OWN, "annat")]
    mapped = contact.map()
    assert mapped.event.tillgang.nybesok is None
    assert found(mapped) == ["TG-NYBESOK-OKAND"]


class TestSelfReferral:
    def asked(self, contact, requester):
        elements = {} if requester is None else {"requester": requester}
        request = contact.add("ServiceRequest", status="completed", intent="order", **elements)
        contact.encounter["basedOn"] = [contact.ref(request)]
        return contact.map()

    def test_the_patient_asked(self, contact):
        mapped = self.asked(contact, contact.ref(contact.patient))
        assert mapped.event.tillgang.egenanmalan is True
        assert mapped.provenance["tillgang.egenanmalan"].paths[0].endswith(".requester.reference")

    def test_a_parent_speaks_for_the_patient(self, contact):
        mother = contact.add("RelatedPerson", patient=contact.ref(contact.patient))
        assert self.asked(contact, contact.ref(mother)).event.tillgang.egenanmalan is True

    def test_a_unit_asked(self, contact):
        assert self.asked(contact, contact.ref(contact.unit)).event.tillgang.egenanmalan is False

    def test_a_patient_who_is_not_in_the_bundle_asked(self, contact):
        identifier = {"system": "http://electronichealth.se/identifier/personnummer", "value": "195009072553"}
        for requester in ({"type": "Patient", "identifier": identifier}, {"identifier": identifier}):
            assert self.asked(contact, requester).event.tillgang.egenanmalan is True

    @pytest.mark.parametrize("requester", [None, {"identifier": {"system": HSA, "value": "SE2321000016-Q"}}])
    def test_nobody_knows_who_asked(self, contact, requester):
        assert self.asked(contact, requester).event.tillgang.egenanmalan is None
