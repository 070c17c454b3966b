"""Inpatient care: where from, where to, and which unit discharges."""

import pytest
from msgspec.structs import replace

from adapter.domain.event import Kombika
from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle
from adapter.mapping.concept_maps import ConceptMaps

HSA = "urn:oid:1.2.752.29.4.19"
KOMBIKA = "https://uid.regionstockholm.se/kombika"
OWN = "https://vardbro.example/fhir/CodeSystem"


@pytest.fixture
def stay(contact):
    """A stay of five days."""
    contact.encounter["class"]["code"] = "IMP"
    contact.encounter["period"] = {"start": "2025-03-03T10:15:00+01:00", "end": "2025-03-07T09:00:00+01:00"}
    return contact


def coming(stay, **elements):
    stay.encounter.setdefault("hospitalization", {}).update(elements)


def at(stay, kombika, start=None, **elements):
    unit = stay.add("Organization", identifier=[{"system": KOMBIKA, "value": kombika}])
    place = stay.add("Location", managingOrganization=stay.ref(unit))
    item = {"location": stay.ref(place), **elements}
    if start:
        item["period"] = {"start": start}
    stay.encounter.setdefault("location", []).append(item)


def test_a_visit_has_nothing_of_it(contact):
    coming(contact, admitSource=contact.concept(f"{OWN}/gvr-viste-fore", "1"))
    found = contact.map().event.slutenvard
    assert (found.viste_fore, found.utskriven) == (None, False)


def test_the_registers_own_codes_are_taken(stay, found):
    coming(stay, admitSource=stay.concept(f"{OWN}/gvr-viste-fore", "1"))
    disposition = {"coding": [{"system": f"{OWN}/gvr-viste-efter", "code": "2"},
                              {"system": f"{OWN}/gvr-vard-efter", "code": "4"}]}  # fmt: skip
    coming(stay, dischargeDisposition=disposition)
    mapped = stay.map()
    inpatient = mapped.event.slutenvard
    assert (inpatient.viste_fore, inpatient.viste_efter, inpatient.vard_efter) == ("1", "2", "4")
    assert found(mapped) == []
    path = f"{stay.at(stay.encounter)}.hospitalization.admitSource.coding[0]"
    assert mapped.provenance["slutenvard.viste_fore"].paths == (f"{path}.code", f"{path}.system")


def test_without_a_source_of_admission_the_place_says_it(stay):
    home = stay.add("Location", type=[stay.concept(f"{OWN}/gvr-viste-fore", "3")])
    coming(stay, origin=stay.ref(home))
    mapped = stay.map()
    assert mapped.event.slutenvard.viste_fore == "3"
    link = f"{stay.at(stay.encounter)}.hospitalization.origin.reference"
    assert link in mapped.provenance["slutenvard.viste_fore"].paths


def test_a_code_that_no_map_knows_is_left_out_and_told(stay, found):
    coming(stay, admitSource=stay.concept("urn:local", "hemmet"))
    mapped = stay.map()
    assert mapped.event.slutenvard.viste_fore is None
    assert found(mapped) == ["SV-KOD-OKAND"]


@pytest.mark.parametrize(("status", "ended"), [("finished", True), ("in-progress", False)])
def test_a_finished_stay_is_discharged_and_one_in_progress_is_not(stay, status, ended):
    stay.encounter["status"] = status
    event = stay.map().event
    assert (event.status, event.slutenvard.utskriven) == ("final", ended)


@pytest.mark.parametrize("code", ["IMP", "ACUTE", "NONAC"])
def test_every_class_of_inpatient_care_is_a_stay(stay, code):
    stay.encounter["class"]["code"] = code
    event = stay.map().event
    assert (event.kind, event.slutenvard.utskriven) == ("vardtillfalle", True)


def test_a_finished_stay_without_an_end_is_not_discharged(stay, found):
    del stay.encounter["period"]["end"]
    mapped = stay.map()
    assert mapped.event.slutenvard.utskriven is False
    assert found(mapped) == ["SV-UTAN-SLUT"]


def test_the_last_locations_unit_discharges(stay):
    at(stay, "30217312003", "2025-03-05")
    at(stay, "30216311002", "2025-03-03")
    event = stay.map().event
    assert event.enhet.kombika == Kombika(inr="30216", klin="311", avd="002")
    assert event.slutenvard.utskrivande == Kombika(inr="30217", klin="312", avd="003")


def test_undated_locations_count_as_listed_and_planned_ones_do_not_count(stay):
    at(stay, "30216311002")
    at(stay, "30217312003")
    at(stay, "30216311002", status="planned")
    assert stay.map().event.slutenvard.utskrivande == Kombika(inr="30217", klin="312", avd="003")


def test_where_one_location_has_no_period_the_last_listed_counts(stay):
    at(stay, "30216311002", "2025-03-05")
    at(stay, "30217312003")
    assert stay.map().event.slutenvard.utskrivande == Kombika(inr="30217", klin="312", avd="003")


def test_the_same_unit_by_hsa_id_is_the_same_whatever_kombika_the_table_has(stay, found):
    """The table gives this unit two kombika, of which the stay names one."""
    stay.unit["identifier"] = [
        {"system": HSA, "value": "SE2321000016-TV4A"},
        {"system": KOMBIKA, "value": "30219314002"},
    ]
    unit = stay.add("Organization", identifier=stay.unit["identifier"][:1])
    place = stay.add("Location", managingOrganization=stay.ref(unit))
    stay.encounter["location"] = [{"location": stay.ref(place)}]
    mapped = stay.map()
    assert mapped.event.slutenvard.utskrivande is None
    assert found(mapped) == []


def test_a_stay_that_ends_where_it_began_has_no_other_unit(stay):
    at(stay, "30217312003", "2025-03-03")
    at(stay, "30216311002", "2025-03-05")
    assert stay.map().event.slutenvard.utskrivande is None


def test_nobody_discharges_while_the_stay_goes_on(stay):
    stay.encounter["status"] = "in-progress"
    at(stay, "30217312003", "2025-03-05")
    assert stay.map().event.slutenvard.utskrivande is None


def test_a_unit_known_by_hsa_id_gets_its_kombika_of_the_day_of_discharge(stay):
    """The table gives the unit another kombika from the new year on."""
    unit = stay.add("Organization", identifier=[{"system": HSA, "value": "SE2321000016-T3ST"}])
    place = stay.add("Location", managingOrganization=stay.ref(unit))
    stay.encounter["location"] = [{"location": stay.ref(place)}]
    stay.encounter["period"] = {"start": "2024-12-30", "end": "2025-01-02"}
    mapped = stay.map()
    assert mapped.event.slutenvard.utskrivande == Kombika(inr="30218", klin="313", avd="A02")
    assert mapped.provenance["slutenvard.utskrivande.avd"].by == ("SV-UTSKRIVANDE", "UNIT-KOMBIKA-TABLE")


LOCAL = "http://region.example/inskriven-fran"
MAP = {
    "resourceType": "ConceptMap",
    "id": "region-viste-fore",
    "group": [
        {
            "source": LOCAL,
            "target": f"{OWN}/gvr-viste-fore",
            "element": [{"code": "HEM", "target": [{"code": "3", "equivalence": "equivalent"}]}],
        }
    ],
}


@pytest.mark.parametrize(("also_sent", "expected"), [((), "3"), (("1",), "1")])
def test_the_registers_own_code_counts_more_than_one_by_a_map(stay, contexts, also_sent, expected):
    source = stay.concept(LOCAL, "HEM")
    source["coding"] += stay.concept(f"{OWN}/gvr-viste-fore", *also_sent)["coding"]
    coming(stay, admitSource=source)
    context = contexts()
    maps = ConceptMaps([MAP], context.aliases)
    (mapped,) = map_bundle(Bundle(stay.bundle()), replace(context, concept_maps=maps))
    assert mapped.event.slutenvard.viste_fore == expected
