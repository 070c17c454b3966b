"""Acute, planned, besökstyp and taxa."""

import pytest

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


def test_two_different_taxor_are_an_error_and_none_is_chosen(contact, found):
    for code in ("01", "07"):
        contact.extension("taxa", valueCoding={"system": OWN + "gvr-taxa", "code": code})
    mapped = contact.map()
    path = contact.at(contact.encounter)
    (finding,) = mapped.findings
    assert (finding.rule, finding.severity) == ("KT-TILLAGG-OLIKA", "error")
    assert finding.expression == (f"{path}.extension[0]", f"{path}.extension[1]")
    assert mapped.event.kontakt.taxa is None


def test_the_same_taxa_twice_is_one_and_both_are_traced(contact, found):
    for display in ("a", "b"):
        contact.extension("taxa", valueCoding={"system": OWN + "gvr-taxa", "code": "01", "display": display})
    mapped = contact.map()
    assert (mapped.event.kontakt.taxa, found(mapped)) == ("01", [])
    path = contact.at(contact.encounter)
    assert f"{path}.extension[1].valueCoding.code" in mapped.provenance["kontakt.taxa"].paths


def test_a_taxa_of_the_wrong_data_type_is_told(contact, found):
    contact.extension("taxa", valueString="01")
    assert found(contact.map()) == ["KT-TILLAGG-VARDE"]


@pytest.mark.parametrize(("member", "place"), [("taxa", "extension"), ("besokstyp", "type")])
def test_a_missing_attribute_knows_where_it_would_have_stood(contact, member, place):
    origin = contact.map().provenance[f"absent:kontakt.{member}"]
    assert origin.paths == (f"{contact.at(contact.encounter)}.{place}",)


def test_the_code_of_an_emergency_in_another_system_is_none(contact):
    contact.encounter["priority"] = contact.concept("https://journal.example/prioritet", "EM")
    assert not contact.map().event.kontakt.akut


def test_a_walk_in_stays_one_whatever_else_was_booked(contact):
    kind = contact.concept("http://terminology.hl7.org/CodeSystem/v2-0276", "WALKIN")
    walk_in = contact.add("Appointment", appointmentType=kind)
    booked = contact.add("Appointment", status="fulfilled")
    contact.encounter["appointment"] = [contact.ref(walk_in), contact.ref(booked)]
    assert contact.map().event.kontakt.planerad is False


def test_a_taxa_of_a_system_without_a_code_is_left_out_and_told(contact, found):
    contact.extension("taxa", valueCoding={"system": OWN + "gvr-taxa", "display": "Normalavgift"})
    mapped = contact.map()
    assert mapped.event.kontakt.taxa is None
    assert "KT-TILLAGG-SYSTEM" in found(mapped)
