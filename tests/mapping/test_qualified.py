"""Qualified distance contacts: the grid of channel x evidence x the sender's word, and PMO's own examples."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KVA = "http://electronichealth.se/id/kva"
OWN = "https://vardbro.example/fhir/CodeSystem/insats"

TYPES = {
    "XS012": ("telefon-ersatter-besok", "telefonsamtal"),
    "UX007": ("video-ersatter-besok", "video-ersatter-ej-besok"),
    "XS003": ("text-ersatter-besok", "text-ersatter-ej-besok"),
}
ASSESSMENTS = ["none", "diagnosis", "kva"]
DECISIONS = ["none", "renewal", "prescription"]
WORDS = [None, True, False]


def typ(mapped):
    return mapped.event.kontakt.typ


def told(mapped):
    """The findings that speak of the question, each once."""
    mine = ("KVAL-", "KT-KVALIFICERAD", "KT-EJ-KVALIFICERAD", "KT-ERSATTER")
    return sorted({finding.rule for finding in mapped.findings if finding.rule.startswith(mine)})


def give(contact, assessment, decision):
    """The evidence of one cell."""
    if assessment == "kva":
        contact.procedure("AV034")
    if decision == "prescription":
        contact.prescription()
    if decision == "renewal":
        earlier = contact.prescription(encounter=None)
        contact.prescription(priorPrescription=contact.ref(earlier))


def expected(assessment, decision, word):
    """Whether the contact replaces a visit, and what is told: the table of the spec, in our words."""
    if word is False:
        return False, []
    if word is True:
        if assessment != "diagnosis":
            return True, ["KT-ERSATTER-UTAN-DIAGNOS"]
        by_decision = {
            "prescription": [],
            "renewal": ["KT-ERSATTER-EJ-STYRKT", "KVAL-EJ-RECEPT"],
            "none": ["KT-ERSATTER-UTAN-UNDERLAG"],
        }
        return True, by_decision[decision]
    if assessment != "none" and decision == "prescription":
        return True, ["KT-KVALIFICERAD"]
    if decision == "prescription":
        return False, ["KT-EJ-KVALIFICERAD-BEDOMNING"]
    missing = "KT-EJ-KVALIFICERAD" if assessment == "none" else "KT-EJ-KVALIFICERAD-BESLUT"
    return False, [missing, *(["KVAL-EJ-RECEPT"] if decision == "renewal" else [])]


@pytest.mark.parametrize("technique", TYPES)
@pytest.mark.parametrize("assessment", ASSESSMENTS)
@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("word", WORDS)
def test_every_cell_of_channel_evidence_and_word(contact, technique, assessment, decision, word):
    contact.distance(technique, diagnosis="J189" if assessment == "diagnosis" else None)
    give(contact, assessment, decision)
    if word is not None:
        contact.extension("ersatter-besok", valueBoolean=word)
    replaces, findings = expected(assessment, decision, word)
    mapped = contact.map()
    assert typ(mapped) == TYPES[technique][0 if replaces else 1]
    assert mapped.event.kontakt.ersatter_besok is replaces
    assert told(mapped) == findings


@pytest.mark.parametrize("technique", TYPES)
@pytest.mark.parametrize("assessment", ASSESSMENTS)
@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("word", [True, False])
def test_an_explicit_type_is_the_same_word(contact, technique, assessment, decision, word):
    contact.encounter["class"]["code"] = "VR"
    if assessment == "diagnosis":
        contact.condition("J189")
    give(contact, assessment, decision)
    contact.stated(TYPES[technique][0 if word else 1])
    replaces, findings = expected(assessment, decision, word)
    mapped = contact.map()
    assert mapped.event.kontakt.ersatter_besok is replaces
    assert told(mapped) == findings


@pytest.mark.parametrize("class_code", ["AMB", "HH", "EMER"])
def test_a_visit_is_not_asked_whether_it_was_qualified(contact, class_code):
    contact.encounter["class"]["code"] = class_code
    contact.condition("J189")
    contact.prescription()
    mapped = contact.map()
    assert told(mapped) == []
    assert mapped.event.kontakt.ersatter_besok is None


class TestAssessment:
    def test_the_trace_names_the_assessment_and_the_decision(self, contact):
        contact.distance(diagnosis=None)
        condition = contact.condition("J189")
        request = contact.prescription()
        mapped = contact.map()
        for member in ("kontakt.typ", "kontakt.ersatter_besok"):
            origin = mapped.provenance[member]
            assert f"{contact.at(condition)}.code.coding[0].code" in origin.paths
            assert f"{contact.at(request)}.status" in origin.paths
            assert {"KT-ERSATTER-UNDERLAG", "KVAL-BEDOMNING-DIAGNOS", "KVAL-LAKEMEDEL-NYTT"} <= set(origin.by)

    def test_a_finding_names_the_two_resources_for_a_reader(self, contact):
        contact.distance(diagnosis=None)
        condition = contact.condition("J189")
        request = contact.prescription()
        (finding,) = [one for one in contact.map().findings if one.rule == "KT-KVALIFICERAD"]
        assert finding.params == {"assessment": "Condition", "decision": "MedicationRequest"}
        assert finding.expression[0].startswith(contact.at(condition))
        assert finding.expression[1].startswith(contact.at(request))
        assert finding.severity == "information"

    @pytest.mark.parametrize("code", ["XS012", "ZV051", "XS915", "ZV021"])
    def test_a_code_of_technique_profession_or_supplement_shows_no_assessment(self, contact, code):
        contact.distance(diagnosis=None)
        contact.procedure(code)
        contact.prescription()
        assert told(contact.map()) == ["KT-EJ-KVALIFICERAD-BEDOMNING"]

    def test_a_refuted_diagnosis_shows_none(self, contact):
        contact.distance(diagnosis=None)
        contact.condition("J189", verificationStatus=contact.concept("v", "refuted"))
        contact.prescription()
        assert typ(contact.map()) == "telefonsamtal"

    def test_what_is_missing_points_at_the_decision_that_was_found(self, contact):
        contact.distance(diagnosis=None)
        request = contact.prescription()
        (finding,) = [f for f in contact.map().findings if f.rule == "KT-EJ-KVALIFICERAD-BEDOMNING"]
        assert f"{contact.at(request)}.status" in finding.expression


class TestExamplesThatReplaceAVisit:
    """PMO, the examples under the distance contacts that replace a visit."""

    @pytest.mark.parametrize("code", ["DV112", "DV113", "DV122", "DV123", "DV132", "DV133", "DV142", "DV143"])
    def test_counselling_of_tobacco_alcohol_exercise_or_food(self, contact, code):
        contact.distance("UX007")
        contact.procedure(code)
        assert typ(contact.map()) == "video-ersatter-besok"

    def test_a_motivational_interview(self, contact):
        contact.distance()
        contact.procedure("DU118")
        assert typ(contact.map()) == "telefon-ersatter-besok"

    def test_internet_cbt_with_an_individual_message(self, contact):
        contact.distance("XS003")
        contact.procedure("ZV051")
        contact.procedure("DU011")
        assert typ(contact.map()) == "text-ersatter-besok"

    def test_a_programme_that_is_activated_after_the_call(self, contact):
        contact.distance()
        contact.plan(instantiatesUri=["https://program.example/somnhjalpen"])
        mapped = contact.map()
        assert typ(mapped) == "telefon-ersatter-besok"
        assert "KVAL-PROGRAM" in mapped.provenance["kontakt.typ"].by

    def test_sick_leave_assessed_anew_because_of_new_complaints(self, contact):
        contact.distance()
        contact.procedure(code=contact.concept(OWN, "sjukskrivning-nya-besvar"))
        assert typ(contact.map()) == "telefon-ersatter-besok"

    def test_feedback_on_self_monitoring_that_leads_to_further_investigation(self, contact):
        contact.distance("UX007")
        contact.order()
        assert typ(contact.map()) == "video-ersatter-besok"

    def test_a_treatment_by_its_category_alone(self, contact):
        contact.distance()
        contact.procedure(
            code={"text": "Sårvård med instruktion"},
            category=contact.concept("http://snomed.info/sct", "277132007"),
        )
        assert typ(contact.map()) == "telefon-ersatter-besok"


class TestExamplesThatDoNot:
    """PMO, the examples under those that do not; SKR-FAQ, what is not reported as a qualified letter."""

    @pytest.mark.parametrize(
        ("code", "rule"),
        [
            ("sjukskrivning-forlangd", "KVAL-EJ-SJUKSKRIVNING"),
            ("normalt-provsvar", "KVAL-EJ-PROVSVAR"),
            ("information", "KVAL-EJ-INFORMATION"),
            ("forberedelse", "KVAL-EJ-INFORMATION"),
            ("administration", "KVAL-EJ-INFORMATION"),
            ("utbildning", "KVAL-EJ-INFORMATION"),
            ("uppfoljning", "KVAL-EJ-UPPFOLJNING"),
            ("egenvardsrad", "KVAL-EJ-EGENVARD"),
            ("nasta-modul", "KVAL-EJ-MODUL"),
            ("kort-svar", "KVAL-EJ-MODUL"),
            ("receptfornyelse", "KVAL-EJ-RECEPT"),
            ("provtagning-infor-besok", "KVAL-EJ-PROVTAGNING"),
        ],
    )
    def test_what_is_no_decision_is_told_as_such(self, contact, code, rule):
        contact.distance("XS003")
        contact.procedure(code=contact.concept(OWN, code))
        mapped = contact.map()
        assert typ(mapped) == "text-ersatter-ej-besok"
        assert told(mapped) == ["KT-EJ-KVALIFICERAD-BESLUT", rule]

    @pytest.mark.parametrize("code", ["DV111", "DV121", "DV131", "DV141", "AW026"])
    def test_simple_advice_and_follow_up_by_kva_are_none(self, contact, code):
        contact.distance()
        contact.procedure(code)
        assert typ(contact.map()) == "telefonsamtal"

    def test_a_normal_result_that_was_told(self, contact):
        contact.distance()
        contact.made(
            "Observation",
            status="final",
            code={"text": "Hb"},
            interpretation=[
                contact.concept("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "N")
            ],
        )
        assert "KVAL-EJ-PROVSVAR" in told(contact.map())

    def test_a_message_is_information(self, contact):
        contact.distance("XS003")
        contact.made("Communication", status="completed")
        assert "KVAL-EJ-INFORMATION" in told(contact.map())

    def test_a_message_that_was_not_sent_is_nothing(self, contact):
        contact.distance("XS003")
        contact.made("Communication", status="not-done")
        assert told(contact.map()) == ["KT-EJ-KVALIFICERAD-BESLUT"]

    @pytest.mark.parametrize(("status", "rules"), [("final", ["KVAL-EJ-PROVSVAR"]), ("registered", [])])
    def test_a_report_of_results_is_no_decision_by_itself(self, contact, status, rules):
        contact.distance()
        contact.made("DiagnosticReport", status=status)
        assert told(contact.map()) == ["KT-EJ-KVALIFICERAD-BESLUT", *rules]

    @pytest.mark.parametrize(("status", "rules"), [("final", ["KVAL-EJ-PROVSVAR"]), ("cancelled", [])])
    def test_only_a_result_that_stands_is_normal(self, contact, status, rules):
        contact.distance()
        contact.made("Observation", status=status, interpretation=[contact.concept("urn:x", "N")])
        assert told(contact.map()) == ["KT-EJ-KVALIFICERAD-BESLUT", *rules]

    def test_a_result_that_is_not_normal_is_not_told_of(self, contact):
        contact.distance()
        contact.made("Observation", status="final", interpretation=[contact.concept("urn:x", "H")])
        assert told(contact.map()) == ["KT-EJ-KVALIFICERAD-BESLUT"]

    def test_a_message_whose_code_says_that_something_was_decided_is_a_decision(self, contact):
        contact.distance("XS003")
        contact.made("Communication", status="completed", category=[contact.concept(OWN, "behandling")])
        assert typ(contact.map()) == "text-ersatter-besok"

    def test_a_certificate_that_a_local_map_knows(self, contact):
        contact.distance()
        contact.add(
            "DocumentReference",
            status="current",
            subject=contact.ref(contact.patient),
            type=contact.concept(OWN, "sjukskrivning-forlangd"),
            context={"encounter": [contact.ref(contact.encounter)]},
            content=[{"attachment": {}}],
        )
        assert "KVAL-EJ-SJUKSKRIVNING" in told(contact.map())

    def test_what_is_no_decision_is_not_told_of_where_one_was_taken(self, contact):
        contact.distance()
        contact.made("Communication", status="completed")
        contact.prescription()
        assert told(contact.map()) == ["KT-KVALIFICERAD"]

    def test_where_codes_of_one_concept_disagree_the_one_that_says_no_counts(self, contact):
        contact.distance()
        both = [
            *contact.concept(OWN, "behandling")["coding"],
            *contact.concept(OWN, "egenvardsrad")["coding"],
        ]
        contact.procedure(code={"coding": both})
        assert told(contact.map()) == ["KT-EJ-KVALIFICERAD-BESLUT", "KVAL-EJ-EGENVARD"]

    def test_a_code_counts_more_than_the_category(self, contact):
        contact.distance()
        contact.procedure("DV113", category=contact.concept("http://snomed.info/sct", "409073007"))
        assert typ(contact.map()) == "telefon-ersatter-besok"

    def test_a_procedure_that_was_not_done_is_none(self, contact):
        contact.distance()
        contact.procedure("DV113", status="not-done")
        assert typ(contact.map()) == "telefonsamtal"


class TestWhoseAndWhich:
    def test_another_contacts_decision_does_not_count(self, contact):
        contact.distance()
        contact.prescription(encounter={"reference": "Encounter/999"})
        assert typ(contact.map()) == "telefonsamtal"

    @pytest.mark.parametrize("make", ["prescription", "order", "plan"])
    def test_a_decision_without_any_contact_does_not_count_and_is_told(self, contact, make):
        contact.distance()
        loose = getattr(contact, make)(encounter=None)
        mapped = contact.map()
        assert typ(mapped) == "telefonsamtal"
        (finding,) = [one for one in mapped.findings if one.rule == "KVAL-EJ-LANKAD"]
        assert finding.expression == (contact.at(loose),)

    def test_an_earlier_prescription_that_a_renewal_names_is_not_told_of(self, contact):
        contact.distance()
        earlier = contact.prescription(encounter=None)
        contact.prescription(priorPrescription=contact.ref(earlier))
        assert "KVAL-EJ-LANKAD" not in told(contact.map())

    def test_another_patients_decision_does_not_count(self, contact):
        contact.distance()
        other = contact.add("Patient")
        contact.prescription(subject=contact.ref(other))
        assert typ(contact.map()) == "telefonsamtal"

    def test_a_logical_reference_to_the_contact_counts(self, contact):
        contact.distance()
        contact.prescription(encounter={"identifier": contact.encounter["identifier"][0]})
        assert typ(contact.map()) == "telefon-ersatter-besok"


EVIDENCE = st.lists(
    st.sampled_from(
        ["DV113", "DV111", "AV034", "prescription", "draft", "order", "plan", "letter", "diagnosis"]
    ),
    max_size=5,
)


def test_nothing_is_upgraded_without_both_and_the_order_of_the_bundle_does_not_matter(contact, contexts):
    builder = type(contact)

    def judged(evidence, *, turned):
        one = builder(contexts)
        one.distance(diagnosis=None)
        for name in reversed(evidence) if turned else evidence:
            match name:
                case "prescription":
                    one.prescription()
                case "draft":
                    one.prescription(status="draft")
                case "order":
                    one.order()
                case "plan":
                    one.plan(created="2025-01-01")
                case "letter":
                    one.made("Communication", status="completed")
                case "diagnosis":
                    one.condition("J189")
                case _:
                    one.procedure(name)
        return one.map().event.kontakt.ersatter_besok

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(EVIDENCE)
    def check(evidence):
        named = set(evidence)
        assessed = bool(named & {"DV113", "DV111", "AV034", "diagnosis"})
        decided = bool(named & {"DV113", "prescription", "order"})
        assert judged(evidence, turned=False) is (assessed and decided)
        assert judged(evidence, turned=True) is (assessed and decided)

    check()


def test_a_treatment_that_was_given_after_the_day_of_the_contact_is_no_decision_there(contact, found):
    contact.distance()
    treatment = contact.procedure("DU011", performedDateTime="2025-03-04")
    mapped = contact.map()
    assert (mapped.event.kontakt.ersatter_besok, "KVAL-EJ-SENARE" in found(mapped)) == (False, True)
    treatment["performedDateTime"] = "2025-03-03T15:00:00+01:00"
    mapped = contact.map()
    assert (mapped.event.kontakt.ersatter_besok, "KVAL-EJ-SENARE" in found(mapped)) == (True, False)
