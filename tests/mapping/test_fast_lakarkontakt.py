"""The fast läkarkontakt of a patient: what states it, what does not, and what may be wrong with it."""

import pytest

HSA = "urn:oid:1.2.752.29.4.19"
HOSP = "urn:oid:1.2.752.116.3.1.3"
OWN = "https://vardbro.example/fhir"
SAMORDNING = "http://electronichealth.se/identifier/samordningsnummer"


def named(contact, resource, since=None, **reference):
    """Make `resource` a general practitioner of the patient, from a day on where one is given."""
    item = {**contact.ref(resource), **reference}
    if since is not None:
        item["extension"] = [{"url": f"{OWN}/StructureDefinition/fast-lakarkontakt-fran", "valueDate": since}]
    contact.patient.setdefault("generalPractitioner", []).append(item)


def physician(contact, hsa_id, code="LK"):
    practitioner = contact.add("Practitioner", identifier=[{"system": HSA, "value": hsa_id}])
    return contact.add(
        "PractitionerRole", practitioner=contact.ref(practitioner), code=[contact.concept(HOSP, code)]
    )


def team(contact, member, start=None, role="fast-lakarkontakt", end=None, **elements):
    period = {name: day for name, day in (("start", start), ("end", end)) if day}
    item = {
        "role": [contact.concept(f"{OWN}/CodeSystem/teamroll", role)],
        "member": contact.ref(member),
        **({"period": period} if period else {}),
    }
    elements.setdefault("subject", contact.ref(contact.patient))
    return contact.add("CareTeam", participant=[item], **elements)


def events(contact, **sender):
    return [one for one in contact.map_all(**sender) if one.event.kind == "fast_lakarkontakt"]


def only(contact, **sender):
    (one,) = events(contact, **sender)
    return one


def without_encounter(contact):
    contact.entries[:] = [e for e in contact.entries if e["resource"] is not contact.encounter]


def test_a_general_practitioner_with_a_from_date_is_an_event_of_its_own(contact, found):
    named(contact, contact.role, "2026-02-01")
    mapped = only(contact)
    event = mapped.event
    assert found(mapped) == []
    assert (event.status, event.tid.startdatum, event.patient.id) == ("final", "2026-02-01", "191212121212")
    assert [(one.hsa_id, one.lakare) for one in event.personal] == [("SE2321000016-AB12", True)]
    assert (event.kontakt.typ, event.enhet.vardenhet) == (None, None)


def test_each_member_names_where_it_comes_from(contact):
    named(contact, contact.role, "2026-02-01")
    origins = only(contact).provenance
    at = f"{contact.at(contact.patient)}.generalPractitioner[0]"
    assert origins["tid.startdatum"].paths[0] == f"{at}.extension[0].valueDate"
    assert origins["personal[0].hsa_id"].paths[0] == f"{contact.at(contact.practitioner)}.identifier[0].value"
    assert f"{at}.reference" in origins["personal[0].hsa_id"].paths


def test_the_visit_of_the_same_bundle_is_still_reported(contact):
    named(contact, contact.role, "2026-02-01")
    assert [one.event.kind for one in contact.map_all()] == ["vardkontakt", "fast_lakarkontakt"]


def test_patients_alone_are_enough(contact):
    named(contact, contact.role, "2026-02-01")
    without_encounter(contact)
    assert [one.event.kind for one in contact.map_all()] == ["fast_lakarkontakt"]


def test_an_ordinary_general_practitioner_is_neither_an_event_nor_an_error(contact, found):
    named(contact, contact.role)
    named(contact, contact.unit)
    mapped = contact.map()
    assert mapped.event.kind == "vardkontakt"
    assert found(mapped) == []


def test_an_organisation_with_the_date_is_told_at_the_visit(contact, found):
    named(contact, contact.unit, "2026-02-01")
    mapped = contact.map()
    assert mapped.event.kind == "vardkontakt"
    assert found(mapped) == ["FLK-ORGANISATION"]


def test_an_organisation_beside_the_physician_is_told_at_the_event(contact, found):
    named(contact, contact.unit, "2026-02-01")
    named(contact, contact.role, "2026-02-01")
    mapped = only(contact)
    assert found(mapped) == ["FLK-ORGANISATION"]
    assert mapped.event.personal[0].hsa_id == "SE2321000016-AB12"


def test_a_physician_without_a_date_in_a_bundle_of_patients_only_is_an_error(contact, found):
    named(contact, contact.role)
    without_encounter(contact)
    assert found(only(contact)) == ["CONTACT-NONE-BUT-PHYSICIAN"]


def test_an_ordinary_organisation_in_a_bundle_of_patients_only_is_nothing(contact, found):
    named(contact, contact.unit)
    named(contact, contact.role, "2026-02-01")
    without_encounter(contact)
    assert found(only(contact)) == []


def test_a_deletion_beside_a_patient_is_no_listing(contact):
    named(contact, contact.role)
    without_encounter(contact)
    contact.entries.append({"request": {"method": "DELETE", "url": "Encounter?identifier=https://j|1"}})
    assert [one.event.status for one in contact.map_all()] == ["cancelled"]
    assert [one.event.kind for one in contact.map_all()] == ["vardkontakt"]


def test_an_undated_practitioner_beside_the_dated_one_is_nothing(contact, found):
    named(contact, physician(contact, "SE2321000016-OTHER"))
    named(contact, contact.role, "2026-02-01")
    without_encounter(contact)
    assert found(only(contact)) == []


def test_a_bundle_that_forgot_its_encounter_is_not_taken_for_a_listing(contact):
    named(contact, contact.role)
    contact.condition("J189", linked=False)
    without_encounter(contact)
    assert contact.map_all() == []


@pytest.mark.parametrize("since", ["2026-02", "2026"])
def test_a_date_that_is_not_whole_is_missing(contact, found, since):
    named(contact, contact.role, since)
    mapped = only(contact)
    assert found(mapped) == ["FLK-DATUM"]
    assert mapped.event.tid.startdatum is None


def test_two_different_dates_of_one_physician_are_none(contact, found):
    named(contact, contact.role, "2026-02-01")
    again = {"url": f"{OWN}/StructureDefinition/fast-lakarkontakt-fran", "valueDate": "2026-03-01"}
    contact.patient["generalPractitioner"][0]["extension"].append(again)
    assert found(only(contact)) == ["FLK-DATUM"]


def test_a_physician_without_hsa_id_is_an_error(contact, found):
    del contact.practitioner["identifier"]
    named(contact, contact.role, "2026-02-01")
    mapped = next(one for one in contact.map_all() if one.event.kind == "fast_lakarkontakt")
    assert found(mapped) == ["FLK-HSA-ID"]


def test_a_nurse_is_an_error(contact, found):
    named(contact, physician(contact, "SE2321000016-S1", "SJ"), "2026-02-01")
    assert "FLK-EJ-LAKARE" in found(only(contact))


def test_a_practitioner_without_any_profession_is_taken_at_the_senders_word(contact, found):
    doctor = contact.add("Practitioner", identifier=[{"system": HSA, "value": "SE2321000016-D1"}])
    named(contact, doctor, "2026-02-01")
    mapped = only(contact)
    assert found(mapped) == ["FLK-YRKE-OKANT"]
    assert mapped.event.personal[0].hsa_id == "SE2321000016-D1"


def test_a_logical_reference_with_an_hsa_id_is_enough(contact, found):
    contact.patient["generalPractitioner"] = [
        {
            "type": "Practitioner",
            "identifier": {"system": HSA, "value": "se2321000016-d1"},
            "extension": [
                {"url": f"{OWN}/StructureDefinition/fast-lakarkontakt-fran", "valueDate": "2026-02-01"}
            ],
        }
    ]
    mapped = only(contact)
    assert mapped.event.personal[0].hsa_id == "SE2321000016-D1"
    assert found(mapped) == ["FLK-YRKE-OKANT"]


def test_the_newest_from_date_counts_and_the_older_is_told(contact, found):
    named(contact, physician(contact, "SE2321000016-NEW"), "2026-03-01")
    named(contact, contact.role, "2026-02-01")
    mapped = only(contact)
    assert (mapped.event.personal[0].hsa_id, mapped.event.tid.startdatum) == (
        "SE2321000016-NEW",
        "2026-03-01",
    )
    assert found(mapped) == ["FLK-ALDRE"]


def test_two_physicians_from_the_same_day_are_an_error(contact, found):
    named(contact, physician(contact, "SE2321000016-NEW"), "2026-02-01")
    named(contact, contact.role, "2026-02-01")
    assert found(only(contact)) == ["FLK-SAMMA-DAG"]


def test_one_physician_named_twice_from_the_same_day_is_one(contact, found):
    named(contact, contact.role, "2026-02-01")
    team(contact, contact.practitioner, "2026-02-01", status="active")
    assert found(only(contact)) == []


def test_a_care_team_states_it_by_role_and_period(contact, found):
    team(contact, contact.role, "2026-01-31T23:30:00Z", status="active")
    mapped = only(contact)
    assert found(mapped) == []
    assert (mapped.event.tid.startdatum, mapped.event.patient.id) == ("2026-02-01", "191212121212")


def test_a_care_team_member_in_another_role_is_none(contact):
    team(contact, contact.role, "2026-02-01", role="fast-vardkontakt")
    assert events(contact) == []


def test_a_care_team_without_a_start_is_an_error(contact, found):
    team(contact, contact.role)
    assert found(only(contact)) == ["FLK-DATUM"]


@pytest.mark.parametrize("status", ["proposed", "suspended"])
def test_a_care_team_that_is_not_active_yet_says_nothing(contact, status):
    team(contact, contact.role, "2026-02-01", status=status)
    assert events(contact) == []


@pytest.mark.parametrize(
    "elements", [{"status": "entered-in-error"}, {"status": "inactive"}, {"end": "2026-05-31"}]
)
def test_a_link_that_is_over_is_withdrawn_when_no_other_is_named(contact, found, elements):
    team(contact, contact.role, "2026-02-01", **elements)
    mapped = only(contact)
    assert mapped.event.status == "cancelled"
    assert found(mapped) == []


def test_a_link_that_is_over_gives_way_to_the_one_that_stands(contact, found):
    team(contact, physician(contact, "SE2321000016-OLD"), "2026-04-01", status="inactive")
    named(contact, contact.role, "2026-02-01")
    mapped = only(contact)
    assert (mapped.event.status, mapped.event.personal[0].hsa_id) == ("final", "SE2321000016-AB12")
    assert found(mapped) == ["FLK-AVSLUTAD"]


def test_the_id_stays_when_the_bundle_is_built_anew_and_hides_the_number(contact):
    named(contact, contact.role, "2026-02-01")
    before = only(contact)
    contact.patient["generalPractitioner"][0]["extension"][0]["valueDate"] = "2026-03-01"
    contact.entries.reverse()
    after = only(contact)
    assert after.event.event_id == before.event.event_id
    assert after.identifier == before.identifier
    assert "1912" not in before.identifier
    assert only(contact, name="another").event.event_id != before.event.event_id


def test_the_id_does_not_hang_on_the_order_of_the_patients_numbers(contact):
    contact.patient["identifier"].insert(0, {"system": SAMORDNING, "value": "196109732393"})
    named(contact, contact.role, "2026-02-01")
    before = only(contact).event.event_id
    contact.patient["identifier"].reverse()
    assert only(contact).event.event_id == before


def test_the_from_date_says_which_statement_is_newer_whichever_arrives_last(contact):
    named(contact, contact.role, "2026-02-01")
    mapped = only(contact)
    assert mapped.event.version == "2026-02-01"
    assert mapped.provenance["version"].by == ("FLK-ORDNING",)


def test_the_end_of_an_older_link_is_older_than_a_later_link(contact):
    team(contact, contact.role, "2026-02-01", status="inactive")
    event = only(contact).event
    assert (event.status, event.version) == ("cancelled", "2026-02-01")


def test_a_wrong_date_can_be_withdrawn_together_with_the_right_one(contact):
    """The version is that of the wrong date, so that the correction is no older than what it corrects."""
    team(contact, contact.role, "2026-12-01", status="entered-in-error")
    named(contact, contact.role, "2026-02-01")
    event = only(contact).event
    assert (event.status, event.tid.startdatum, event.version) == ("final", "2026-02-01", "2026-12-01")


def test_every_statement_that_was_weighed_is_one_of_the_events_entries(contact):
    care_team = team(contact, contact.role, "2026-01-01", status="inactive")
    named(contact, contact.role, "2026-02-01")
    index = next(i for i, entry in enumerate(contact.entries) if entry["resource"] is care_team)
    assert index in only(contact).entries


def test_two_resources_of_one_person_are_one_event(contact, found):
    twin = contact.add("Patient", identifier=contact.patient["identifier"])
    named(contact, contact.role, "2026-02-01")
    twin["generalPractitioner"] = contact.patient["generalPractitioner"]
    assert found(only(contact)) == []


def test_another_kind_of_number_is_passed_on_with_an_information(contact, found):
    contact.patient["identifier"] = [{"system": SAMORDNING, "value": "196109732393"}]
    named(contact, contact.role, "2026-02-01")
    mapped = only(contact)
    assert found(mapped) == ["FLK-IDENTITET"]
    assert mapped.event.patient.id == "196109732393"


def test_a_patient_without_a_valid_number_is_an_error(contact, found):
    contact.patient["identifier"] = [{"system": SAMORDNING, "value": "196109732394"}]
    named(contact, contact.role, "2026-02-01")
    assert "ID-CHECKSUM" in found(only(contact))


def test_what_belongs_to_no_contact_is_told_at_the_event(contact, found):
    named(contact, contact.role, "2026-02-01")
    contact.condition("J189", linked=False)
    without_encounter(contact)
    assert found(only(contact)) == ["LINK-STRAY"]
