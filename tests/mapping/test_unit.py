"""Vårdenhet, vårdgivare and kombika."""

from adapter.domain.event import Kombika

HSA = "urn:oid:1.2.752.29.4.19"
KOMBIKA = "https://uid.regionstockholm.se/kombika"
BOTH = "urn:oid:1.2.752.129.2.1.2.1"
OURS = Kombika(inr="30216", klin="311", avd="002")


def test_hsa_id_and_kombika_are_read(contact):
    enhet = contact.map().event.enhet
    assert (enhet.vardenhet, enhet.kombika) == ("SE2321000016-1HZ3", OURS)


def test_both_may_stand_in_one_identifier(contact):
    contact.unit["identifier"] = [{"system": BOTH, "value": "se2321000016-1hz3+30216311002"}]
    enhet = contact.map().event.enhet
    assert (enhet.vardenhet, enhet.kombika) == ("SE2321000016-1HZ3", OURS)


def test_a_unit_by_identifier_only_is_enough(contact):
    contact.encounter["serviceProvider"] = {"identifier": {"system": KOMBIKA, "value": "30216311002"}}
    enhet = contact.map().event.enhet
    assert (enhet.vardenhet, enhet.kombika) == ("SE2321000016-1HZ3", OURS)


def test_the_table_gives_the_kombika_on_the_date_of_care(contact):
    del contact.unit["identifier"][1]
    mapped = contact.map()
    assert mapped.event.enhet.kombika == OURS
    origin = mapped.provenance["enhet.kombika.inr"]
    assert "UNIT-KOMBIKA-TABLE" in origin.by
    assert f"{contact.at(contact.encounter)}.period.start" in origin.paths


def test_before_the_tables_first_day_there_is_none(contact, found):
    del contact.unit["identifier"][1]
    contact.encounter["period"] = {"start": "2010-01-01"}
    mapped = contact.map()
    assert mapped.event.enhet.kombika is None
    assert found(mapped) == []


def test_a_pair_that_contradicts_the_table_is_told_and_kept(contact, found):
    contact.unit["identifier"][1]["value"] = "30217312003"
    mapped = contact.map()
    assert found(mapped) == ["UNIT-KOMBIKA-CONTRADICTS"]
    assert mapped.event.enhet.kombika == Kombika(inr="30217", klin="312", avd="003")


def test_a_wrong_form_is_an_error(contact, found):
    contact.unit["identifier"][0]["value"] = "1HZ3"
    contact.unit["identifier"][1]["value"] = "30216-311"
    assert set(found(contact.map())) >= {"UNIT-HSA-FORM", "UNIT-KOMBIKA-FORM"}


def test_the_care_provider_stands_at_the_top_of_part_of(contact):
    top = contact.add("Organization", identifier=[{"system": HSA, "value": "SE2321000016-0001"}])
    middle = contact.add(
        "Organization",
        identifier=[{"system": HSA, "value": "SE2321000016-0002"}],
        partOf=contact.ref(top),
    )
    contact.unit["partOf"] = contact.ref(middle)
    assert contact.map().event.enhet.vardgivare == "SE2321000016-0001"


def test_a_circle_of_part_of_ends(contact):
    contact.unit["partOf"] = contact.ref(contact.unit)
    assert contact.map().event.enhet.vardenhet == "SE2321000016-1HZ3"


def test_without_service_provider_the_locations_manager_is_the_unit(contact):
    reference = contact.encounter.pop("serviceProvider")
    location = contact.add("Location", managingOrganization=reference)
    contact.encounter["location"] = [{"location": contact.ref(location)}]
    mapped = contact.map()
    assert mapped.event.enhet.vardenhet == "SE2321000016-1HZ3"
    assert "UNIT-BY-LOCATION" in mapped.provenance["enhet.vardenhet"].by


def test_the_senders_unit_is_the_last_resort(contact, found):
    del contact.encounter["serviceProvider"]
    mapped = contact.map(default_unit="SE2321000016-5RRR")
    assert mapped.event.enhet.kombika == Kombika(inr="30217", klin="312", avd="003")
    assert mapped.provenance["enhet.vardenhet"].paths == ()
    assert mapped.provenance["enhet.vardenhet"].by[0] == "UNIT-DEFAULT"
    assert found(mapped) == []


def test_a_contact_without_any_unit_is_told(contact, found):
    del contact.encounter["serviceProvider"]
    assert found(contact.map()) == ["UNIT-NONE"]


def test_two_hsa_ids_of_one_unit_are_told(contact, found):
    contact.unit["identifier"].append({"system": HSA, "value": "SE2321000016-9999"})
    mapped = contact.map()
    assert mapped.event.enhet.vardenhet == "SE2321000016-1HZ3"
    assert found(mapped) == ["UNIT-SEVERAL"]
    unit = contact.at(contact.unit)
    assert mapped.findings[-1].expression == (f"{unit}.identifier[2].value", f"{unit}.identifier[0].value")


def test_a_malformed_hsa_id_beside_a_kombika_is_a_warning(contact):
    contact.unit["identifier"][0]["value"] = "SE1"
    mapped = contact.map()
    (finding,) = mapped.findings
    assert (finding.rule, finding.severity) == ("UNIT-HSA-FORM", "warning")
    assert finding.expression == (f"{contact.at(contact.unit)}.identifier[0].value",)
    assert mapped.event.enhet.kombika is not None


def test_without_a_unit_the_service_provider_is_pointed_at(contact):
    del contact.encounter["serviceProvider"]
    assert contact.map().provenance["absent:enhet"].paths == (
        f"{contact.at(contact.encounter)}.serviceProvider",
    )


def test_a_unit_that_no_identifier_names_is_told_and_the_service_provider_pointed_at(contact, found):
    contact.unit["identifier"] = [{"system": "https://journal.example/enhet", "value": "7"}]
    mapped = contact.map()
    assert found(mapped) == ["UNIT-NOT-IDENTIFIED", "UNIT-NONE"]
    assert "absent:enhet" in mapped.provenance


def test_a_kombika_alone_that_no_table_knows_is_a_unit(contact):
    contact.unit["identifier"] = [{"system": KOMBIKA, "value": "99999999999"}]
    mapped = contact.map()
    assert (mapped.event.enhet.vardenhet, mapped.event.enhet.kombika is None) == (None, False)
    assert "absent:enhet" not in mapped.provenance
    assert "enhet.vardenhet" not in mapped.provenance


def test_a_unit_to_which_the_table_gives_several_kombika_gets_none_and_is_told(contact, found):
    contact.unit["identifier"] = [{"system": HSA, "value": "SE2321000016-TV4A"}]
    mapped = contact.map()
    assert mapped.event.enhet.kombika is None
    assert found(mapped) == ["UNIT-KOMBIKA-SEVERAL"]
