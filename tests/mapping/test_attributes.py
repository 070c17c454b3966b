"""Acute, planned, besökstyp, taxa, form of housing and remittent."""

import pytest

from adapter.domain.event import Kombika

OWN = "https://vardbro.example/fhir/CodeSystem/"
PRIORITY = "http://terminology.hl7.org/CodeSystem/v3-ActPriority"


def test_class_emer_is_acute(contact):
    contact.encounter["class"]["code"] = "EMER"
    assert contact.map().event.kontakt.akut


def test_an_emergency_by_priority_is_acute(contact):
    contact.encounter["priority"] = contact.concept(PRIORITY, "EM")
    mapped = contact.map()
    assert mapped.event.kontakt.akut
    assert (
        f"{contact.at(contact.encounter)}.priority.coding[0].code" in mapped.provenance["kontakt.akut"].paths
    )


@pytest.mark.parametrize("code", ["R", "UR", "EL"])
def test_other_priorities_are_not_acute(contact, code):
    contact.encounter["priority"] = contact.concept(PRIORITY, code)
    assert not contact.map().event.kontakt.akut


def test_a_booked_contact_is_planned(contact):
    contact.encounter["appointment"] = [contact.ref(contact.add("Appointment", status="fulfilled"))]
    assert contact.map().event.kontakt.planerad is True


def test_a_walk_in_is_not_planned(contact):
    kind = contact.concept("http://terminology.hl7.org/CodeSystem/v2-0276", "WALKIN")
    contact.encounter["appointment"] = [contact.ref(contact.add("Appointment", appointmentType=kind))]
    assert contact.map().event.kontakt.planerad is False


def test_without_appointment_nothing_is_known(contact):
    assert contact.map().event.kontakt.planerad is None


def test_every_besokstyp_that_was_sent_is_kept(contact):
    contact.type(OWN + "gvr-btyp", "1")
    contact.type(OWN + "gvr-btyp", "2")
    assert contact.map().event.kontakt.besokstyp == ("1", "2")


def test_the_senders_defaults_fill_in_and_are_traced_to_a_rule(contact):
    mapped = contact.map(default_besokstyp="1", default_taxa="01")
    assert (mapped.event.kontakt.besokstyp, mapped.event.kontakt.taxa) == (("1",), "01")
    for member, rule in (("besokstyp[0]", "KT-BESOKSTYP-STANDARD"), ("taxa", "KT-TAXA-STANDARD")):
        origin = mapped.provenance[f"kontakt.{member}"]
        assert (origin.paths, origin.by) == ((), (rule,))


def test_what_was_sent_outweighs_the_defaults(contact):
    contact.type(OWN + "gvr-btyp", "3")
    contact.extension("taxa", valueCoding={"system": OWN + "gvr-taxa", "code": "07"})
    kontakt = contact.map(default_besokstyp="1", default_taxa="01").event.kontakt
    assert (kontakt.besokstyp, kontakt.taxa) == (("3",), "07")


def test_a_taxa_of_another_system_is_left_out_and_told(contact, found):
    contact.extension("taxa", valueCoding={"system": "urn:x", "code": "07"})
    mapped = contact.map()
    assert mapped.event.kontakt.taxa is None
    assert found(mapped) == ["KT-TILLAGG-SYSTEM"]


def referral(contact, requester):
    request = contact.add("ServiceRequest", status="completed", intent="order", requester=requester)
    contact.encounter["basedOn"] = [contact.ref(request)]
    return request


def test_the_requesting_unit_is_the_remittent(contact):
    unit = {"identifier": {"system": "https://uid.regionstockholm.se/kombika", "value": "30217312003"}}
    request = referral(contact, unit)
    mapped = contact.map()
    assert mapped.event.kontakt.remittent == Kombika(inr="30217", klin="312", avd="003")
    path = f"{contact.at(request)}.requester.identifier.value"
    assert mapped.provenance["kontakt.remittent.inr"].paths[0] == path


def test_a_requesting_physicians_unit_is_the_remittent(contact):
    role = contact.add("PractitionerRole", organization=contact.ref(contact.unit))
    referral(contact, contact.ref(role))
    assert contact.map().event.kontakt.remittent == Kombika(inr="30216", klin="311", avd="002")


def test_a_requester_without_kombika_gives_no_remittent(contact):
    referral(contact, contact.ref(contact.practitioner))
    assert contact.map().event.kontakt.remittent is None
