"""Prescriptions as evidence of a decision."""

import msgspec
import orjson
import pytest

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle
from adapter.mapping.concept_maps import load_concept_maps
from adapter.resources import data_folder

NPL = "urn:npl"
INSATS = "https://vardbro.example/fhir/CodeSystem/insats"


def rule(contact):
    """The rule that judged the last prescription: a decision's from the trace, else the finding's."""
    mapped = contact.map()
    by = [one for one in mapped.provenance["kontakt.typ"].by if one.startswith("KVAL-LAKEMEDEL")]
    findings = [finding.rule for finding in mapped.findings if finding.rule.startswith("KVAL-EJ")]
    (found,) = [*by, *findings]
    assert mapped.event.kontakt.ersatter_besok is not found.startswith("KVAL-EJ")
    return found


@pytest.fixture
def call(contact):
    """A phone call with a diagnosis."""
    contact.distance()
    return contact


def after(call, earlier=None, **elements):
    """A prescription that follows on an earlier one, which is from another contact."""
    before = call.prescription(encounter=None, **(earlier or {}))
    return call.prescription(priorPrescription=call.ref(before), **elements)


def test_a_new_one_is_a_decision(call):
    call.prescription()
    assert rule(call) == "KVAL-LAKEMEDEL-NYTT"


def test_one_that_is_stopped_is_a_decision_whenever_it_was_written(call):
    call.prescription(status="stopped", authoredOn="2020-01-01")
    assert rule(call) == "KVAL-LAKEMEDEL-UTSATT"


def test_another_dosage_than_before_is_a_decision(call):
    after(call, dosageInstruction=[{"text": "2 tabletter dagligen"}])
    assert rule(call) == "KVAL-LAKEMEDEL-ANDRAT"


def test_another_drug_than_before_is_a_decision(call):
    after(call, medicationCodeableConcept=call.concept("http://www.whocc.no/atc", "C09CA01"))
    assert rule(call) == "KVAL-LAKEMEDEL-ANDRAT"


def test_a_renewal_with_the_same_dosage_is_none(call):
    after(call)
    assert rule(call) == "KVAL-EJ-RECEPT"
    assert call.map().event.kontakt.typ == "telefonsamtal"


def test_another_package_of_the_same_substance_is_a_renewal(call):
    codes = [{"system": "http://www.whocc.no/atc", "code": "C09AA02"}]
    after(
        call,
        {"medicationCodeableConcept": {"coding": [*codes, {"system": NPL, "code": "1"}]}},
        medicationCodeableConcept={"coding": [*codes, {"system": NPL, "code": "2"}]},
    )
    assert rule(call) == "KVAL-EJ-RECEPT"


def test_drugs_of_different_code_systems_cannot_be_compared(call):
    after(call, medicationCodeableConcept=call.concept(NPL, "1"))
    assert rule(call) == "KVAL-EJ-RECEPT"


def test_a_drug_may_stand_in_a_medication(call):
    old = call.add("Medication", code=call.concept("http://www.whocc.no/atc", "C09AA02"))
    new = call.add("Medication", code=call.concept("http://www.whocc.no/atc", "C09CA01"))
    after(
        call,
        {"medicationCodeableConcept": None, "medicationReference": call.ref(old)},
        medicationCodeableConcept=None,
        medicationReference=call.ref(new),
    )
    assert rule(call) == "KVAL-LAKEMEDEL-ANDRAT"


@pytest.mark.parametrize("prior", [{"reference": "MedicationRequest/9"}, {"display": "förra receptet"}])
def test_an_earlier_one_that_is_not_there_shows_no_change(call, prior):
    call.prescription(priorPrescription=prior)
    assert rule(call) == "KVAL-EJ-RECEPT-OKANT"


def test_an_earlier_one_that_is_no_prescription_shows_no_change(call):
    call.prescription(priorPrescription=call.ref(call.patient))
    assert rule(call) == "KVAL-EJ-RECEPT-OKANT"


def test_an_earlier_one_without_dosage_shows_no_change(call):
    after(call, {"dosageInstruction": None})
    assert rule(call) == "KVAL-EJ-RECEPT-OKANT"


@pytest.mark.parametrize("status", ["draft", "cancelled", "entered-in-error", "unknown", "on-hold"])
def test_a_status_that_is_no_order_is_no_decision(call, status):
    call.prescription(status=status)
    assert rule(call) == "KVAL-EJ-AVSIKT"


@pytest.mark.parametrize("intent", ["plan", "proposal", "option"])
def test_an_intent_that_is_no_order_is_no_decision(call, intent):
    call.prescription(intent=intent)
    assert rule(call) == "KVAL-EJ-AVSIKT"


@pytest.mark.parametrize(
    "intent", ["order", "original-order", "reflex-order", "filler-order", "instance-order"]
)
def test_every_kind_of_order_is_one(call, intent):
    call.prescription(intent=intent)
    assert rule(call) == "KVAL-LAKEMEDEL-NYTT"


@pytest.mark.parametrize(
    "elements", [{"doNotPerform": True}, {"reportedBoolean": True}, {"reportedReference": {"display": "p"}}]
)
def test_what_is_forbidden_or_reported_by_others_is_no_decision(call, elements):
    call.prescription(**elements)
    assert rule(call) == "KVAL-EJ-AVSIKT"


@pytest.mark.parametrize("elements", [{"doNotPerform": False}, {"reportedBoolean": False}])
def test_saying_that_it_is_not_so_takes_nothing_away(call, elements):
    call.prescription(**elements)
    assert rule(call) == "KVAL-LAKEMEDEL-NYTT"


@pytest.mark.parametrize(
    ("authored", "expected"),
    [
        ("2025-03-02T23:59:00+01:00", "KVAL-EJ-TIDIGARE"),
        ("2025-03-02T23:00:00Z", "KVAL-LAKEMEDEL-NYTT"),
        ("2025-03-03T22:59:00Z", "KVAL-LAKEMEDEL-NYTT"),
        ("2025-03-04", "KVAL-EJ-SENARE"),
        ("2025", "KVAL-LAKEMEDEL-NYTT"),
    ],
)
def test_one_from_another_day_than_the_contact_was_not_put_in_there(call, authored, expected):
    call.prescription(authoredOn=authored)
    assert rule(call) == expected


def test_one_taken_out_after_the_contact_was_not_taken_out_there(call):
    call.prescription(status="stopped", authoredOn="2025-03-04")
    assert rule(call) == "KVAL-EJ-SENARE"


class TestOnlyForARepeatPrescription:
    """Z76.0 as the only diagnosis: the contact was about a renewal."""

    @pytest.fixture
    def renewal(self, contact):
        contact.distance(diagnosis="Z760")
        return contact

    def test_a_prescription_without_one_before_it_is_no_decision(self, renewal):
        renewal.prescription()
        assert rule(renewal) == "KVAL-EJ-RECEPT-DIAGNOS"

    def test_another_diagnosis_beside_it_makes_it_a_new_drug(self, renewal):
        renewal.condition("I109")
        renewal.prescription()
        assert rule(renewal) == "KVAL-LAKEMEDEL-NYTT"

    def test_a_changed_dosage_still_decides(self, renewal):
        after(renewal, dosageInstruction=[{"text": "2 tabletter dagligen"}])
        assert rule(renewal) == "KVAL-LAKEMEDEL-ANDRAT"

    def test_a_drug_taken_out_still_decides(self, renewal):
        renewal.prescription(status="stopped")
        assert rule(renewal) == "KVAL-LAKEMEDEL-UTSATT"


def test_a_category_that_says_renewal_is_believed(call):
    call.prescription(
        category=[call.concept("https://vardbro.example/fhir/CodeSystem/insats", "receptfornyelse")]
    )
    assert rule(call) == "KVAL-EJ-RECEPT"


class TestRenewedAfterNewComplaints:
    """PMO, *Text/Chatt som ersätter besök*: renewed after an assessment of new or changed complaints."""

    CODE = "receptfornyelse-nya-besvar"

    @pytest.mark.parametrize("element", ["category", "reasonCode"])
    def test_it_is_a_decision_with_the_same_dosage(self, call, element):
        renewed = after(call, **{element: [call.concept(INSATS, self.CODE)]})
        mapped = call.map()
        assert mapped.event.kontakt.typ == "telefon-ersatter-besok"
        origin = mapped.provenance["kontakt.typ"]
        assert "KVAL-RECEPT-NYA-BESVAR" in origin.by
        assert f"{call.at(renewed)}.{element}[0].coding[0].code" in origin.paths

    def test_another_reason_leaves_it_a_renewal(self, call):
        after(call, reasonCode=[call.concept("http://snomed.info/sct", "38341003")])
        assert rule(call) == "KVAL-EJ-RECEPT"

    def test_a_code_that_says_no_decision_weighs_more(self, call):
        codes = (self.CODE, "receptfornyelse")
        after(call, category=[call.concept(INSATS, *codes)])
        assert rule(call) == "KVAL-EJ-RECEPT"

    def test_a_dosage_that_changed_is_still_told_as_such(self, call):
        reason = [call.concept(INSATS, self.CODE)]
        after(call, reasonCode=reason, dosageInstruction=[{"text": "2 tabletter dagligen"}])
        assert rule(call) == "KVAL-LAKEMEDEL-ANDRAT"

    def test_one_from_before_the_contact_is_none(self, call):
        reason = [call.concept(INSATS, self.CODE)]
        after(call, reasonCode=reason, authoredOn="2025-03-02")
        assert rule(call) == "KVAL-EJ-TIDIGARE"

    def test_a_local_map_can_say_it(self, call, contexts, tmp_path):
        group = {
            "source": "urn:local",
            "target": INSATS,
            "element": [{"code": "RF2", "target": [{"code": self.CODE, "equivalence": "equivalent"}]}],
        }
        local = {"resourceType": "ConceptMap", "id": "lokala-recept", "group": [group]}
        (tmp_path / "lokala-recept.json").write_bytes(orjson.dumps(local))
        shipped = contexts()
        maps = load_concept_maps((data_folder("mappings") / "concept-maps", tmp_path), shipped.aliases)
        after(call, reasonCode=[call.concept("urn:local", "RF2")])
        (mapped,) = map_bundle(Bundle(call.bundle()), msgspec.structs.replace(shipped, concept_maps=maps))
        assert mapped.event.kontakt.typ == "telefon-ersatter-besok"
        assert {"KVAL-RECEPT-NYA-BESVAR", "lokala-recept"} <= set(mapped.provenance["kontakt.typ"].by)
