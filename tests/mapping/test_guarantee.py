"""The care guarantee of a contact, from the bundle: codes, referrer, earlier contact, trace, deviation."""

import pytest
from msgspec.structs import replace

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle
from adapter.mapping.concept_maps import ConceptMaps

KSH = "urn:oid:1.2.752.116.1.3.1.4.1"
HSA = "urn:oid:1.2.752.29.4.19"
HOSP = "urn:oid:1.2.752.116.3.1.3"
OWN = "https://vardbro.example/fhir"
DEVIATION = {"system": f"{OWN}/CodeSystem/avvikelseorsak", "code": "patientvald"}


def new_problem(contact, value=True):
    contact.extension("nytt-halsoproblem", valueBoolean=value)


def booked(contact, created, **elements):
    booking = contact.add("Appointment", status="fulfilled", created=created, **elements)
    contact.encounter["appointment"] = [contact.ref(booking)]
    return booking


def referred(contact, requester, **elements):
    request = contact.add(
        "ServiceRequest", status="completed", intent="order", requester=requester, **elements
    )
    contact.encounter["basedOn"] = [contact.ref(request)]
    return request


def another_role(contact, code, unit=None):
    doctor = contact.add("Practitioner", identifier=[{"system": HSA, "value": "SE2321000016-REF"}])
    role = contact.add(
        "PractitionerRole", practitioner=contact.ref(doctor), code=[contact.concept(HOSP, code)]
    )
    if unit is not None:
        role["organization"] = contact.ref(unit)
    return role


def dietist(contact):
    contact.role["code"] = [contact.concept(HOSP, "DT")]


def judged(contact):
    found = contact.map().event.vardgaranti
    return found.omfattas, found.regel


def test_a_booked_visit_for_a_new_problem(contact):
    new_problem(contact)
    booked(contact, "2025-02-28")
    mapped = contact.map()
    found = mapped.event.vardgaranti
    assert (found.omfattas, found.start, found.dagar, found.inom) == (True, "2025-02-28", 3, True)
    assert found.regel == "VG-NYTT"


def test_each_member_of_the_guarantee_is_traced_to_what_decided(contact):
    new_problem(contact)
    booking = booked(contact, "2025-02-28")
    origins = contact.map().provenance
    at = contact.at(contact.encounter)
    assert f"{at}.extension[0].valueBoolean" in origins["vardgaranti.omfattas"].paths
    assert origins["vardgaranti.omfattas"].by == ("VG-NYTT",)
    assert origins["vardgaranti.regel"] == origins["vardgaranti.omfattas"]
    assert origins["vardgaranti.start"].paths[0] == f"{contact.at(booking)}.created"
    assert origins["vardgaranti.start"].by == ("VG-START-KONTAKT",)
    assert f"{at}.period.start" in origins["vardgaranti.dagar"].paths
    assert origins["vardgaranti.inom"].by == ("VG-DAGAR",)


def test_a_contact_of_which_nothing_is_known_says_so(contact):
    assert judged(contact) == (None, "VG-OKANT")


@pytest.mark.parametrize("code", ["Z251", "Z25.1", "Z02.6", "Z29.2", "Z30.0", "Z48.0"])
def test_the_main_diagnosis_shows_what_is_not_covered(contact, code):
    contact.diagnosis(code, 1)
    mapped = contact.map()
    assert mapped.event.vardgaranti.omfattas is False
    assert "vardgarantigrupp" in mapped.provenance["vardgaranti.omfattas"].by


@pytest.mark.parametrize(
    ("code", "rule"),
    [("Z25-", "VG-VACCINATION"), ("Z25-P", "VG-VACCINATION"), ("Z300P", "VG-PREVENTIVMEDEL")],
)
def test_a_primary_care_code_counts_as_the_code_that_it_joins(contact, code, rule):
    contact.diagnosis(code, 1, code=contact.concept(KSH, code))
    mapped = contact.map()
    assert mapped.event.diagnoser[0].system == "ksh97-p"
    assert mapped.event.vardgaranti.regel == rule
    assert mapped.provenance["vardgaranti.omfattas"].by[1:] == ("VG-KSH97-P", "vardgarantigrupp")


@pytest.mark.parametrize("code", ["J069P", "Z29-", "Z22-P"])
def test_a_primary_care_code_of_another_category_is_of_no_group(contact, code):
    contact.diagnosis(code, 1, code=contact.concept(KSH, code))
    assert judged(contact) == (None, "VG-OKANT")


def test_the_own_code_of_icd_is_not_read_as_a_joined_one(contact):
    contact.diagnosis("Z251", 1)
    assert "VG-KSH97-P" not in contact.map().provenance["vardgaranti.omfattas"].by


def test_a_vaccination_beside_another_main_diagnosis_decides_nothing(contact):
    contact.diagnosis("J189", 1)
    contact.diagnosis("Z251", 2)
    new_problem(contact)
    assert judged(contact) == (True, "VG-NYTT")


def test_a_vaccination_that_is_said_to_be_a_new_problem_is_told(contact, found):
    diagnosis = contact.diagnosis("Z251", 1)
    new_problem(contact)
    mapped = contact.map()
    assert mapped.event.vardgaranti.regel == "VG-VACCINATION"
    assert "VG-NYTT-MOTSAGT" in found(mapped)
    (told,) = [one for one in mapped.findings if one.rule == "VG-NYTT-MOTSAGT"]
    assert {
        f"{contact.at(contact.encounter)}.extension[0].valueBoolean",
        f"{contact.at(diagnosis)}.code.coding[0].code",
    } <= set(told.expression)


LOCAL = {
    "resourceType": "ConceptMap",
    "id": "kva-vardgarantigrupp",
    "group": [
        {
            "source": "http://electronichealth.se/id/kva",
            "target": f"{OWN}/CodeSystem/vardgarantigrupp",
            "element": [{"code": "QX999", "target": [{"code": "suturtagning", "equivalence": "wider"}]}],
        }
    ],
}


class TestLocalMap:
    """A region's own map of KVÅ codes to the groups."""

    def judged(self, contact, contexts):
        context = contexts()
        maps = ConceptMaps([LOCAL], context.aliases)
        (mapped,) = map_bundle(Bundle(contact.bundle()), replace(context, concept_maps=maps))
        return mapped.event.vardgaranti.regel, mapped.provenance["vardgaranti.regel"]

    def test_an_action_says_what_a_contact_without_diagnosis_was_about(self, contact, contexts):
        contact.procedure("QX998", "QX999")
        rule, origin = self.judged(contact, contexts)
        assert rule == "VG-SUTURTAGNING"
        assert "kva-vardgarantigrupp" in origin.by

    def test_a_diagnosis_counts_more_than_an_action(self, contact, contexts):
        contact.procedure("QX999")
        contact.diagnosis("J189", 1)
        assert self.judged(contact, contexts)[0] == "VG-OKANT"


def test_a_skin_change_is_covered_by_its_code(contact):
    contact.diagnosis("D225", 1)
    assert judged(contact) == (True, "VG-HUDFORANDRING")


def test_a_physicians_referral_to_a_dietist(contact):
    dietist(contact)
    referred(contact, contact.ref(another_role(contact, "LK")))
    assert judged(contact) == (False, "VG-LAKARREMISS")


def test_a_nurses_referral_to_a_dietist_decides_nothing(contact):
    dietist(contact)
    referred(contact, contact.ref(another_role(contact, "SJ")))
    assert judged(contact) == (None, "VG-OKANT")


def test_a_new_problem_that_another_unit_refers_is_covered(contact):
    dietist(contact)
    new_problem(contact)
    clinic = contact.add("Organization", identifier=[{"system": HSA, "value": "SE2321000016-ORT"}])
    referred(contact, contact.ref(another_role(contact, "LK", clinic)))
    assert judged(contact) == (True, "VG-NYTT")


def test_a_new_problem_that_the_own_unit_refers_is_assessed_already(contact):
    dietist(contact)
    new_problem(contact)
    referred(contact, contact.ref(another_role(contact, "LK", contact.unit)))
    assert judged(contact) == (False, "VG-LAKARREMISS")


def test_a_new_problem_that_a_physician_of_an_unknown_unit_refers_is_assessed_already(contact):
    dietist(contact)
    new_problem(contact)
    referred(contact, contact.ref(another_role(contact, "LK")))
    assert judged(contact) == (False, "VG-LAKARREMISS")


def test_the_own_unit_is_known_by_its_hsa_id_in_any_case(contact):
    dietist(contact)
    new_problem(contact)
    same = {"identifier": {"system": HSA, "value": "se2321000016-1hz3"}}
    role = another_role(contact, "LK")
    role["organization"] = same
    referred(contact, contact.ref(role))
    assert judged(contact) == (False, "VG-LAKARREMISS")


def test_the_referral_counts_from_its_assessment(contact):
    new_problem(contact)
    request = referred(contact, contact.ref(contact.unit), authoredOn="2025-02-20")
    contact.extension("beslutsdatum", request, valueDate="2025-02-27")
    found = contact.map().event.vardgaranti
    assert (found.start, found.dagar, found.inom) == ("2025-02-27", 4, False)


def test_a_self_referral_counts_from_the_day_it_was_made(contact):
    referred(contact, contact.ref(contact.patient), authoredOn="2025-03-01T23:30:00Z")
    found = contact.map().event.vardgaranti
    assert (found.omfattas, found.regel) == (True, "VG-EGENANMALAN")
    assert (found.start, found.dagar) == ("2025-03-02", 1)


@pytest.mark.parametrize(
    ("could", "expected"), [(True, (False, "VG-BEDOMD")), (False, (True, "VG-KOMPETENS-NEJ"))]
)
def test_the_kompetens_of_the_contact_that_a_visit_follows_on(contact, could, expected):
    first = contact.add(
        "Encounter",
        identifier=[{"system": "https://journal.example/vk", "value": "0"}],
        status="finished",
        subject=contact.ref(contact.patient),
        period={"start": "2025-02-27T08:00:00+01:00"},
        serviceProvider=contact.ref(contact.unit),
    )
    first["class"] = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    contact.extension("kompetens", first, valueBoolean=could)
    contact.encounter["partOf"] = contact.ref(first)
    visit = contact.map_all()[0].event.vardgaranti
    assert (visit.omfattas, visit.regel) == expected
    assert visit.start == (None if could else "2025-02-27")


def test_a_booking_made_after_the_visit_is_told_and_not_counted(contact, found):
    new_problem(contact)
    booked(contact, "2025-03-04")
    mapped = contact.map()
    assert mapped.event.vardgaranti.dagar is None
    assert "VG-START-SENARE" in found(mapped)


class TestFirstOrReturnVisit:
    """What the judgement says where neither the sender nor a code does."""

    @pytest.mark.parametrize(
        ("code", "first"), [("D225", True), ("Z480", False), ("Z760", False), ("J189", None)]
    )
    def test_by_what_the_contact_was_about(self, contact, code, first):
        contact.diagnosis(code, 1)
        mapped = contact.map()
        assert mapped.event.tillgang.nybesok is first
        assert first is None or mapped.provenance["tillgang.nybesok"].by[0] == "TG-NYBESOK-GARANTI"

    def test_a_code_counts_more(self, contact):
        contact.diagnosis("Z480", 1)
        contact.type(f"{OWN}/CodeSystem/besoksslag", "nybesok")
        assert contact.map().event.tillgang.nybesok is True

    def test_a_vaccination_is_neither(self, contact):
        contact.diagnosis("Z251", 1)
        assert contact.map().event.tillgang.nybesok is None


class TestDeviation:
    def late(self, contact, wish=None, deviation=True):
        new_problem(contact)
        period = {"requestedPeriod": [{"start": wish}]} if wish else {}
        booking = booked(contact, "2025-02-20", **period)
        if deviation:
            contact.extension("avvikelseorsak", booking, valueCoding=DEVIATION)
        return contact.map()

    def test_none_is_stated_when_no_time_within_could_be_offered(self, contact, found):
        mapped = self.late(contact, "2025-02-21")
        assert mapped.event.tillgang.avvikelseorsak is None
        assert "tillgang.avvikelseorsak" not in mapped.provenance
        assert "VG-AVVIKELSE" in found(mapped)

    def test_the_senders_word_stands_when_the_patient_asked_for_later(self, contact, found):
        mapped = self.late(contact, "2025-03-03")
        assert mapped.event.tillgang.avvikelseorsak == "patientvald"
        assert found(mapped) == []

    def test_a_wish_that_was_not_met_is_no_choice_of_the_patient(self, contact, found):
        mapped = self.late(contact, "2025-02-21", deviation=False)
        assert found(mapped) == []

    def test_the_senders_word_stands_when_coverage_is_not_known(self, contact, found):
        booking = booked(contact, "2025-02-20", requestedPeriod=[{"start": "2025-02-21"}])
        contact.extension("avvikelseorsak", booking, valueCoding=DEVIATION)
        mapped = contact.map()
        assert mapped.event.tillgang.avvikelseorsak == "patientvald"
        assert found(mapped) == []

    def test_of_several_wishes_the_first_day_counts(self, contact, found):
        new_problem(contact)
        wishes = [{"start": "2025-03-03"}, {"start": "2025-02-21"}]
        booking = booked(contact, "2025-02-20", requestedPeriod=wishes)
        contact.extension("avvikelseorsak", booking, valueCoding=DEVIATION)
        assert found(contact.map()) == ["VG-AVVIKELSE"]

    def test_the_senders_word_stands_when_no_wish_is_known(self, contact):
        assert self.late(contact).event.tillgang.avvikelseorsak == "patientvald"

    def test_a_wish_for_later_is_suggested_and_never_set(self, contact, found):
        mapped = self.late(contact, "2025-03-03", deviation=False)
        assert mapped.event.tillgang.avvikelseorsak is None
        assert found(mapped) == ["VG-PATIENTVALD"]

    def test_within_the_guarantee_nothing_is_said(self, contact, found):
        new_problem(contact)
        booking = booked(contact, "2025-03-01", requestedPeriod=[{"start": "2025-03-02"}])
        contact.extension("avvikelseorsak", booking, valueCoding=DEVIATION)
        mapped = contact.map()
        assert mapped.event.tillgang.avvikelseorsak == "patientvald"
        assert found(mapped) == []

    def test_a_wish_stands_in_a_booking_and_nowhere_else(self, contact, found):
        new_problem(contact)
        booking = booked(contact, "2025-02-20")
        contact.extension("avvikelseorsak", booking, valueCoding=DEVIATION)
        answer = contact.add("AppointmentResponse", requestedPeriod=[{"start": "2025-02-21"}])
        contact.encounter["appointment"].append(contact.ref(answer))
        mapped = contact.map()
        assert mapped.event.tillgang.avvikelseorsak == "patientvald"
        assert "VG-AVVIKELSE" not in found(mapped)
