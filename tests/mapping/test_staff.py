"""The staff of the contact."""

HSA = "urn:oid:1.2.752.29.4.19"
HOSP = "urn:oid:1.2.752.116.3.1.3"
VDG = "https://vardbro.example/fhir/CodeSystem/gvr-vdg"


def ids(mapped):
    return [person.hsa_id for person in mapped.event.personal]


def test_a_role_leads_to_the_practitioner(contact, found):
    mapped = contact.map()
    (person,) = mapped.event.personal
    assert person.hsa_id == "SE2321000016-AB12"
    assert person.lakare
    assert person.huvudansvarig
    assert found(mapped) == []


def test_the_main_responsible_comes_first_the_others_as_listed(contact):
    contact.staff("SE2321000016-C1")
    contact.staff("SE2321000016-C2", main=True)
    contact.staff("SE2321000016-C3")
    mapped = contact.map()
    assert ids(mapped) == [f"SE2321000016-{end}" for end in ("C2", "AB12", "C1", "C3")]
    assert [person.huvudansvarig for person in mapped.event.personal] == [True, False, False, False]
    assert mapped.provenance["personal[0].huvudansvarig"].by == ("STAFF-MAIN",)


def test_without_a_mark_the_first_listed_is_responsible(contact):
    contact.staff("SE2321000016-C1")
    mapped = contact.map()
    assert ids(mapped)[0] == "SE2321000016-AB12"
    assert mapped.provenance["personal[0].huvudansvarig"].by == ("STAFF-FIRST",)


def test_two_main_responsible_are_told(contact, found):
    contact.staff("SE2321000016-C1", main=True)
    contact.staff("SE2321000016-C2", main=True)
    mapped = contact.map()
    assert ids(mapped)[0] == "SE2321000016-C1"
    assert "STAFF-SEVERAL-MAIN" in found(mapped)


def test_the_same_person_in_two_roles_counts_once_with_all_professions(contact):
    contact.staff("SE2321000016-AB12", "SJ")
    (person,) = contact.map().event.personal
    assert [profession.kod for profession in person.yrken] == ["LK", "SJ"]


def test_a_person_without_hsa_id_is_still_one_person(contact, found):
    contact.practitioner["identifier"] = []
    contact.encounter["participant"].append({"individual": contact.ref(contact.practitioner)})
    mapped = contact.map()
    assert len(mapped.event.personal) == 1
    assert "STAFF-NO-HSA" in found(mapped)


def test_every_profession_coding_is_kept_and_yrkeskategori_is_taken_as_sent(contact):
    contact.role["code"] = [
        {
            "coding": [
                {"system": HOSP, "code": "SJ"},
                {"system": VDG, "code": "10"},
                {"system": "urn:x", "code": "y"},
            ]
        }
    ]
    mapped = contact.map()
    (person,) = mapped.event.personal
    assert [(one.system, one.kod) for one in person.yrken] == [
        ("hosp", "SJ"),
        ("gvr-vdg", "10"),
        ("urn:x", "y"),
    ]
    assert (person.yrkeskategori, person.lakare) == ("10", False)
    path = f"{contact.at(contact.role)}.code[0].coding[1].code"
    assert mapped.provenance["personal[0].yrkeskategori"].paths[0] == path


def test_yrkeskategori_is_translated_by_a_map_that_the_trace_names(contact):
    mapped = contact.map()
    assert mapped.event.personal[0].yrkeskategori == "01"
    assert mapped.provenance["personal[0].yrkeskategori"].by == ("yrke-gvr-vdg",)


def test_a_profession_that_no_map_has_is_told(contact, found):
    contact.role["code"] = [contact.concept("urn:x", "y")]
    assert "CODE-YRKE-NO-MAP" in found(contact.map())


def test_an_at_physician_is_a_physician(contact):
    contact.role["code"] = [contact.concept("urn:oid:1.2.752.129.2.2.1.4", "204010")]
    assert contact.map().event.personal[0].lakare


def test_a_qualification_of_the_practitioner_counts_as_profession(contact):
    contact.practitioner["qualification"] = [{"code": contact.concept(HOSP, "LK")}]
    contact.encounter["participant"] = [{"individual": contact.ref(contact.practitioner)}]
    assert contact.map().event.personal[0].lakare


def test_a_participant_by_identifier_only_is_known(contact, found):
    contact.encounter["participant"] = [
        {"individual": {"identifier": {"system": HSA, "value": "se2321000016-x1"}}}
    ]
    mapped = contact.map()
    assert ids(mapped) == ["SE2321000016-X1"]
    assert found(mapped) == []


def test_a_relative_is_not_staff(contact, found):
    relative = contact.add("RelatedPerson", patient=contact.ref(contact.patient))
    contact.encounter["participant"].append({"individual": contact.ref(relative)})
    mapped = contact.map()
    assert ids(mapped) == ["SE2321000016-AB12"]
    assert found(mapped) == ["STAFF-NOT-STAFF"]
    assert mapped.event.kontakt.typ == "mottagningsbesok"


def test_a_relative_outside_the_bundle_is_not_staff_either(contact):
    contact.encounter["participant"].append({"individual": {"reference": "RelatedPerson/9"}})
    assert contact.map().event.kontakt.typ == "mottagningsbesok"


def test_a_participant_that_is_nowhere_is_told(contact, found):
    contact.encounter["participant"].append({"individual": {"reference": "Practitioner/9"}})
    assert "STAFF-NOT-FOUND" in found(contact.map())
