"""The staff of the contact."""

import pytest

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


def kinds(*codes, system="http://terminology.hl7.org/CodeSystem/v3-ParticipationType"):
    return [{"coding": [{"system": system, "code": code}]} for code in codes]


@pytest.mark.parametrize("code", ["REF", "CALLBCK", "ESC", "ADM", "DIS"])
def test_who_only_had_to_do_with_the_contact_is_no_staff(contact, found, code):
    contact.staff("SE2321000016-C1")
    contact.encounter["participant"][1]["type"] = kinds(code)
    mapped = contact.map()
    assert ids(mapped) == ["SE2321000016-AB12"]
    assert mapped.event.kontakt.typ == "mottagningsbesok"
    assert [finding.severity for finding in mapped.findings] == ["information"]
    assert found(mapped) == ["STAFF-NOT-TAKING-PART"]


def test_a_translator_is_no_staff(contact, found):
    contact.staff("SE2321000016-C1")
    system = "http://terminology.hl7.org/CodeSystem/participant-type"
    contact.encounter["participant"][1]["type"] = kinds("translator", system=system)
    assert found(contact.map()) == ["STAFF-NOT-TAKING-PART"]


def test_a_translator_under_the_other_system_of_hl7_is_no_staff_and_told(contact, found):
    contact.staff("SE2321000016-C1")
    contact.encounter["participant"][1]["type"] = kinds("translator")
    mapped = contact.map()
    assert ids(mapped) == ["SE2321000016-AB12"]
    assert mapped.event.kontakt.typ == "mottagningsbesok"
    assert found(mapped) == ["STAFF-NOT-TAKING-PART", "STAFF-TYPE-SYSTEM"]


def test_a_translator_of_a_system_that_nobody_knows_counts_as_staff_with_a_warning(contact, found):
    contact.staff("SE2321000016-C1")
    contact.encounter["participant"][1]["type"] = kinds("translator", system="http://region.example/roll")
    mapped = contact.map()
    assert mapped.event.kontakt.typ == "teambesok"
    assert "STAFF-TYPE-FOREIGN" in found(mapped)


def test_other_codes_of_an_unknown_system_are_no_matter(contact, found):
    contact.staff("SE2321000016-C1")
    contact.encounter["participant"][1]["type"] = kinds("tolkar", system="http://region.example/roll")
    assert "STAFF-TYPE-FOREIGN" not in found(contact.map())


@pytest.mark.parametrize("code", ["PPRF", "SPRF", "ATND", "CON", "PART"])
def test_who_also_takes_part_is_staff(contact, found, code):
    contact.staff("SE2321000016-C1", "LK")
    contact.encounter["participant"][1]["type"] = kinds("REF", code)
    mapped = contact.map()
    assert sorted(ids(mapped)) == ["SE2321000016-AB12", "SE2321000016-C1"]
    assert found(mapped) == []


def test_a_malformed_hsa_id_of_a_person_is_a_warning_of_its_own(contact, found):
    contact.practitioner["identifier"][0]["value"] = "AB12"
    mapped = contact.map()
    (finding,) = mapped.findings
    assert (finding.rule, finding.severity) == ("STAFF-HSA-FORM", "warning")
    assert len(mapped.event.personal) == 1


def test_the_types_that_put_the_staff_in_order_are_traced_in_every_member(contact):
    contact.staff("SE2321000016-C1", main=True)
    mapped = contact.map()
    coding = f"{contact.at(contact.encounter)}.participant[1].type[0].coding[0]"
    members = [name for name in mapped.provenance if name.startswith("personal[")]
    assert "personal[1].yrkeskategori" in members
    for name in members:
        assert {f"{coding}.code", f"{coding}.system"} <= set(mapped.provenance[name].paths), name


def test_a_yrkeskategori_as_sent_names_nothing_but_itself_and_what_led_to_it(contact):
    contact.role["code"] = [contact.concept(HOSP, "LK"), contact.concept(VDG, "02")]
    path = contact.at(contact.role)
    assert contact.map().provenance["personal[0].yrkeskategori"].paths == (
        f"{path}.code[1].coding[0].code",
        f"{path}.code[1].coding[0].system",
        f"{contact.at(contact.encounter)}.participant[0].individual.reference",
    )


def test_a_profession_of_the_practitioner_names_the_link_to_the_practitioner(contact):
    contact.role["code"] = []
    contact.practitioner["qualification"] = [{"code": contact.concept(HOSP, "LK")}]
    origin = contact.map().provenance["personal[0].yrkeskategori"]
    assert f"{contact.at(contact.role)}.practitioner.reference" in origin.paths


class TestRoleOfAPractitioner:
    def test_the_only_role_tells_the_profession(self, contact, found):
        contact.encounter["participant"] = [{"individual": contact.ref(contact.practitioner)}]
        mapped = contact.map()
        assert mapped.event.personal[0].lakare
        origin = mapped.provenance["personal[0].yrkeskategori"]
        assert f"{contact.at(contact.role)}.practitioner.reference" in origin.paths
        assert "STAFF-BY-ROLE" in origin.by
        assert found(mapped) == []

    def test_of_several_the_only_one_at_the_unit_counts(self, contact):
        contact.encounter["participant"] = [{"individual": contact.ref(contact.practitioner)}]
        contact.role["organization"] = contact.ref(contact.add("Organization"))
        nurse = contact.add(
            "PractitionerRole",
            practitioner=contact.ref(contact.practitioner),
            organization=contact.ref(contact.unit),
            code=[contact.concept(HOSP, "SJ")],
        )
        mapped = contact.map()
        assert [one.kod for one in mapped.event.personal[0].yrken] == ["SJ"]
        paths = mapped.provenance["personal[0].yrken[0].kod"].paths
        assert f"{contact.at(nurse)}.organization.reference" in paths

    def test_of_several_at_the_unit_none_is_guessed(self, contact, found):
        contact.encounter["participant"] = [{"individual": contact.ref(contact.practitioner)}]
        contact.role["organization"] = contact.ref(contact.unit)
        contact.add("PractitionerRole", **{k: v for k, v in contact.role.items() if k != "resourceType"})
        mapped = contact.map()
        assert mapped.event.personal[0].yrken == ()
        assert found(mapped) == ["STAFF-SEVERAL-ROLES"]

    def test_a_role_that_ended_does_not_count(self, contact):
        contact.encounter["participant"] = [{"individual": contact.ref(contact.practitioner)}]
        contact.role["active"] = False
        assert contact.map().event.personal[0].yrken == ()


def test_without_staff_their_place_is_known(contact):
    contact.encounter["participant"] = []
    origin = contact.map().provenance["absent:personal"]
    assert origin.paths == (f"{contact.at(contact.encounter)}.participant",)
