"""Choosing the contact type: the sender's statement, else the steps over the evidence."""

import pytest

SNOMED = "http://snomed.info/sct"
ROLE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"


def typ(mapped):
    return mapped.event.kontakt.typ


def steps(mapped):
    return mapped.provenance["kontakt.typ"].by


def distance(contact, technique):
    contact.encounter["class"]["code"] = "VR"
    return contact.procedure(technique)


class TestStated:
    """Step 1."""

    def test_a_stated_triage_of_which_no_visit_is_known_is_told(self, contact, found):
        contact.stated("triage")
        mapped = contact.map()
        assert (typ(mapped), found(mapped)) == ("triage", ["KT-TRIAGE-UTAN-BESOK"])

    @pytest.mark.parametrize("code", ["mottagningsbesok", "hembesok", "teambesok"])
    def test_an_explicit_type_needs_no_further_evidence(self, contact, found, code):
        contact.stated(code)
        mapped = contact.map()
        assert typ(mapped) == code
        assert steps(mapped) == ("KT-UTTRYCKLIG",)
        assert found(mapped) == []

    def test_an_explicit_distance_type_tells_the_channel_and_that_it_replaces(self, contact, found):
        contact.encounter["class"]["code"] = "VR"
        contact.stated("telefon-ersatter-besok")
        contact.diagnosis("J189", rank=1)
        kontakt = contact.map().event.kontakt
        assert (kontakt.kanal, kontakt.ersatter_besok) == ("telefon", True)
        assert found(contact.map()) == ["KT-ERSATTER-UTAN-UNDERLAG"]

    @pytest.mark.parametrize(("code", "class_code"), [("telefonsamtal", "AMB"), ("mottagningsbesok", "VR")])
    def test_a_class_that_contradicts_an_explicit_type_is_an_error(self, contact, found, code, class_code):
        contact.encounter["class"]["code"] = class_code
        contact.stated(code)
        mapped = contact.map()
        assert found(mapped) == ["KT-KANAL-MOTSAGD"]
        assert typ(mapped) == code

    def test_a_technique_that_contradicts_an_explicit_type_is_an_error(self, contact, found):
        distance(contact, "UX007")
        contact.stated("telefonsamtal")
        assert found(contact.map()) == ["KT-KANAL-MOTSAGD"]

    @pytest.mark.parametrize("code", ["kontakt-om-patient", "kommentar"])
    @pytest.mark.parametrize("class_code", ["AMB", "VR", "HH"])
    def test_the_class_is_no_counter_evidence_without_a_patient(self, contact, found, code, class_code):
        contact.encounter["class"]["code"] = class_code
        contact.stated(code)
        mapped = contact.map()
        assert (typ(mapped), mapped.event.kontakt.kanal) == (code, None)
        assert found(mapped) == []

    @pytest.mark.parametrize("code", ["kontakt-om-patient", "kommentar"])
    def test_without_a_patient_the_diagnoses_and_actions_are_kept_for_the_registers_to_judge(
        self, contact, code
    ):
        contact.stated(code)
        contact.condition("J189")
        contact.procedure("XS012")
        event = contact.map().event
        assert [one.kod for one in event.diagnoser] == ["J189"]
        assert [one.kod for one in event.atgarder] == ["XS012"]

    def test_two_explicit_types_are_an_error(self, contact, found):
        contact.stated("hembesok")
        contact.stated("mottagningsbesok")
        assert found(contact.map()) == ["KT-TYP-FLERA"]

    def test_an_unknown_code_of_our_system_is_an_error(self, contact, found):
        contact.stated("distansbesok")
        assert "KT-TYP-OKAND" in found(contact.map())

    def test_a_type_that_did_not_exist_on_the_date_of_care_is_an_error(self, contact, found):
        contact.encounter["class"]["code"] = "VR"
        contact.stated("video-ersatter-ej-besok")
        contact.encounter["period"] = {"start": "2024-12-31T22:59:00Z"}
        assert found(contact.map()) == ["KT-TYP-EJ-ANNU"]
        contact.encounter["period"] = {"start": "2024-12-31T23:00:00Z"}
        assert found(contact.map()) == []

    def test_replaces_without_a_diagnosis_is_an_error(self, contact, found):
        contact.encounter["class"]["code"] = "VR"
        contact.stated("video-ersatter-besok")
        assert found(contact.map()) == ["KT-ERSATTER-UTAN-DIAGNOS"]

    def test_an_extension_that_says_otherwise_is_an_error(self, contact, found):
        contact.encounter["class"]["code"] = "VR"
        contact.stated("telefonsamtal")
        contact.extension("ersatter-besok", valueBoolean=True)
        mapped = contact.map()
        assert found(mapped) == ["KT-ERSATTER-MOTSAGD"]
        assert mapped.event.kontakt.ersatter_besok is False


class TestPhysical:
    """Steps 3 to 5."""

    @pytest.mark.parametrize("code", ["AMB", "EMER", "FLD"])
    def test_a_visit_is_mottagningsbesok(self, contact, code):
        contact.encounter["class"]["code"] = code
        mapped = contact.map()
        assert typ(mapped) == "mottagningsbesok"
        assert steps(mapped) == ("KT-KANAL-KLASS", "KT-MOTTAGNING")

    def test_class_hh_is_hembesok(self, contact):
        contact.encounter["class"]["code"] = "HH"
        mapped = contact.map()
        assert typ(mapped) == "hembesok"
        assert steps(mapped)[-1] == "KT-HEM"

    def test_a_home_visit_by_type_is_hembesok(self, contact, found):
        contact.type(SNOMED, "439708006")
        mapped = contact.map()
        assert typ(mapped) == "hembesok"
        assert found(mapped) == []

    @pytest.mark.parametrize(
        ("code", "expected"), [("PTRES", "hembesok"), ("NCCF", "hembesok"), ("WORK", "mottagningsbesok")]
    )
    def test_the_kind_of_location_tells_home_from_elsewhere(self, contact, code, expected):
        location = contact.add("Location", type=[contact.concept(ROLE, code)])
        contact.encounter["location"] = [{"location": contact.ref(location)}]
        assert typ(contact.map()) == expected

    @pytest.mark.parametrize("code", ["sarskilt-boende", "ordinart-boende"])
    def test_a_location_that_is_a_form_of_housing_is_home(self, contact, code):
        housing = contact.concept("https://vardbro.example/fhir/CodeSystem/boendeform", code)
        location = contact.add("Location", type=[housing])
        contact.encounter["location"] = [{"location": contact.ref(location)}]
        mapped = contact.map()
        assert typ(mapped) == "hembesok"
        assert "KT-PLATS" in steps(mapped)

    def test_home_by_class_and_work_by_location_contradict(self, contact, found):
        contact.encounter["class"]["code"] = "HH"
        location = contact.add("Location", type=[contact.concept(ROLE, "SCHOOL")])
        contact.encounter["location"] = [{"location": contact.ref(location)}]
        assert found(contact.map()) == ["KT-PLATS-MOTSAGD"]

    def test_two_of_the_staff_make_teambesok(self, contact):
        contact.staff("SE2321000016-C1")
        mapped = contact.map()
        assert typ(mapped) == "teambesok"
        assert steps(mapped)[-1] == "KT-TEAM"

    def test_a_team_at_home_is_teambesok_and_keeps_the_form_of_housing(self, contact):
        contact.encounter["class"]["code"] = "HH"
        contact.staff("SE2321000016-C1")
        system = "https://vardbro.example/fhir/CodeSystem/boendeform"
        contact.extension("boendeform", valueCoding={"system": system, "code": "sarskilt-boende"})
        kontakt = contact.map().event.kontakt
        assert (kontakt.typ, kontakt.boendeform) == ("teambesok", "sarskilt-boende")

    def test_the_same_person_twice_is_no_team(self, contact):
        contact.staff("SE2321000016-AB12", "SJ")
        assert typ(contact.map()) == "mottagningsbesok"

    def test_a_group_is_gruppbesok_for_each(self, contact):
        contact.group("195009072553")
        assert [typ(mapped) for mapped in contact.map_all()] == ["gruppbesok", "gruppbesok"]

    def test_a_group_that_meets_two_of_the_staff_is_teambesok_for_each(self, contact):
        contact.group("195009072553")
        contact.staff("SE2321000016-C1")
        mapped = contact.map_all()
        assert [typ(one) for one in mapped] == ["teambesok", "teambesok"]
        assert steps(mapped[0])[-1] == "KT-GRUPP-TEAM"

    def test_a_triage_with_nobody_else_to_see_is_mottagningsbesok(self, contact):
        contact.type(SNOMED, "225390008")
        mapped = contact.map()
        assert typ(mapped) == "mottagningsbesok"
        assert "KT-TRIAGE-ENSAM" in steps(mapped)

    def test_a_triage_that_led_to_a_visit_the_same_day_is_triage(self, contact):
        contact.type(SNOMED, "225390008")
        other = contact.add(
            "Practitioner", identifier=[{"system": "urn:oid:1.2.752.29.4.19", "value": "SE2321000016-C1"}]
        )
        visit = {key: value for key, value in contact.encounter.items() if key != "type"}
        visit |= {
            "identifier": [{"system": "s", "value": "2"}],
            "period": {"start": "2025-03-03T13:00:00+01:00"},
            "participant": [{"individual": contact.ref(other)}],
            "partOf": contact.ref(contact.encounter),
        }
        contact.add("Encounter", **visit)
        first, second = contact.map_all()
        assert (typ(first), typ(second)) == ("triage", "mottagningsbesok")


class TestDistance:
    """Step 6."""

    @pytest.mark.parametrize(
        ("technique", "expected"),
        [
            ("XS012", "telefonsamtal"),
            ("UX007", "video-ersatter-ej-besok"),
            ("XS003", "text-ersatter-ej-besok"),
        ],
    )
    def test_without_the_senders_word_it_does_not_replace_a_visit(self, contact, found, technique, expected):
        distance(contact, technique)
        contact.diagnosis("J189", rank=1)
        mapped = contact.map()
        assert (typ(mapped), mapped.event.kontakt.ersatter_besok) == (expected, False)
        assert found(mapped) == ["KT-EJ-KVALIFICERAD-BESLUT"]

    @pytest.mark.parametrize(
        ("technique", "expected"),
        [
            ("XS012", "telefon-ersatter-besok"),
            ("UX007", "video-ersatter-besok"),
            ("XS003", "text-ersatter-besok"),
        ],
    )
    def test_the_senders_word_is_honoured(self, contact, found, technique, expected):
        distance(contact, technique)
        contact.diagnosis("J189", rank=1)
        contact.extension("ersatter-besok", valueBoolean=True)
        mapped = contact.map()
        assert (typ(mapped), mapped.event.kontakt.ersatter_besok) == (expected, True)
        path = f"{contact.at(contact.encounter)}.extension[0].valueBoolean"
        assert mapped.provenance["kontakt.ersatter_besok"].paths[0] == path
        assert found(mapped) == ["KT-ERSATTER-UTAN-UNDERLAG"]

    def test_the_senders_no_is_honoured_without_a_remark(self, contact, found):
        distance(contact, "XS012")
        contact.extension("ersatter-besok", valueBoolean=False)
        mapped = contact.map()
        assert typ(mapped) == "telefonsamtal"
        assert found(mapped) == []

    def test_replaces_without_a_diagnosis_is_an_error(self, contact, found):
        distance(contact, "XS012")
        contact.extension("ersatter-besok", valueBoolean=True)
        assert found(contact.map()) == ["KT-ERSATTER-UTAN-DIAGNOS"]

    def test_at_a_visit_the_extension_is_left_out_and_told(self, contact, found):
        contact.extension("ersatter-besok", valueBoolean=True)
        mapped = contact.map()
        assert mapped.event.kontakt.ersatter_besok is None
        assert found(mapped) == ["KT-ERSATTER-OANVAND"]

    @pytest.mark.parametrize(
        ("start", "expected"), [("2024-12-31T22:59:00Z", ["KT-TYP-EJ-ANNU"]), ("2024-12-31T23:00:00Z", [])]
    )
    def test_a_video_that_does_not_replace_had_no_type_before_2025(self, contact, found, start, expected):
        distance(contact, "UX007")
        contact.encounter["period"] = {"start": start}
        rules = found(contact.map())
        assert [rule for rule in rules if rule == "KT-TYP-EJ-ANNU"] == expected

    def test_two_of_the_staff_at_a_video_make_no_teambesok(self, contact):
        distance(contact, "UX007")
        contact.staff("SE2321000016-C1")
        assert typ(contact.map()) == "video-ersatter-ej-besok"

    def test_a_triage_by_phone_without_referral_is_telefonsamtal(self, contact):
        distance(contact, "XS012")
        contact.type(SNOMED, "225390008")
        mapped = contact.map()
        assert typ(mapped) == "telefonsamtal"
        assert "KT-TRIAGE-ENSAM" in steps(mapped)


class TestKind:
    """What is no vårdkontakt."""

    def test_gc001_makes_a_koordineringsinsats(self, contact, found):
        procedure = contact.procedure("GC001")
        mapped = contact.map()
        assert (mapped.event.kind, typ(mapped)) == ("koordineringsinsats", None)
        assert mapped.provenance["kind"].paths[0] == f"{contact.at(procedure)}.code.coding[0].code"
        assert found(mapped) == []

    def test_an_explicit_koordineringsinsats_is_one(self, contact):
        contact.stated("koordineringsinsats")
        assert contact.map().event.kind == "koordineringsinsats"

    @pytest.mark.parametrize("class_code", ["VR", "AMB"])
    def test_a_missing_channel_is_no_error_there(self, contact, found, class_code):
        contact.encounter["class"]["code"] = class_code
        contact.procedure("GC001")
        assert found(contact.map()) == []

    def test_the_class_contradicts_no_technique_there(self, contact, found):
        contact.procedure("GC001")
        contact.procedure("XS012")
        mapped = contact.map()
        assert mapped.event.kontakt.kanal == "telefon"
        assert found(mapped) == []

    def test_gc001_under_another_explicit_type_is_an_error(self, contact, found):
        contact.encounter["class"]["code"] = "VR"
        contact.stated("telefonsamtal")
        contact.procedure("GC001")
        assert found(contact.map()) == ["KT-KOORDINERING-MOTSAGD"]

    def test_class_imp_makes_a_vardtillfalle(self, contact, found):
        contact.encounter["class"]["code"] = "IMP"
        mapped = contact.map()
        assert (mapped.event.kind, typ(mapped)) == ("vardtillfalle", None)
        assert found(mapped) == []


def test_a_sender_of_two_minds_about_a_distance_contact_is_an_error(contact, found):
    contact.encounter["class"]["code"] = "VR"
    contact.procedure("XS012")
    contact.condition("J189")
    for value in (True, False):
        contact.extension("ersatter-besok", valueBoolean=value)
    mapped = contact.map()
    assert mapped.event.kontakt.typ is None
    assert found(mapped) == ["KT-TILLAGG-OLIKA"]
    assert mapped.provenance["absent:kontakt.typ"].paths == (f"{contact.at(contact.encounter)}.type",)


def test_the_same_word_twice_is_one_word(contact, found):
    contact.encounter["class"]["code"] = "VR"
    contact.procedure("XS012")
    contact.condition("J189")
    for _ in range(2):
        contact.extension("ersatter-besok", valueBoolean=True)
    mapped = contact.map()
    assert mapped.event.kontakt.typ == "telefon-ersatter-besok"
    assert found(mapped) == ["KT-ERSATTER-UTAN-UNDERLAG"]


def test_a_word_of_the_wrong_data_type_is_told(contact, found):
    contact.extension("ersatter-besok", valueString="true")
    assert found(contact.map()) == ["KT-TILLAGG-VARDE"]


def test_what_decided_the_contact_is_traced(contact):
    contact.encounter["class"]["code"] = "VR"
    contact.procedure("XS012")
    contact.condition("J189")
    contact.extension("ersatter-besok", valueBoolean=True)
    provenance = contact.map().provenance
    path = contact.at(contact.encounter)
    word = {f"{path}.extension[0].valueBoolean", f"{path}.extension[0].url"}
    channel = {f"{path}.class.code", f"{path}.class.system"}
    assert word | channel <= set(provenance["kontakt.typ"].paths)
    assert word | channel <= set(provenance["kontakt.ersatter_besok"].paths)
    assert channel <= set(provenance["kontakt.kanal"].paths)
    assert provenance["status"].paths == (f"{path}.status",)


def test_an_explicit_type_is_traced_by_code_and_system(contact):
    contact.encounter["class"]["code"] = "VR"
    contact.stated("telefonsamtal")
    provenance = contact.map().provenance
    coding = f"{contact.at(contact.encounter)}.type[0].coding[0]"
    for member in ("kontakt.typ", "kontakt.ersatter_besok", "kontakt.kanal"):
        assert {f"{coding}.code", f"{coding}.system"} <= set(provenance[member].paths), member
