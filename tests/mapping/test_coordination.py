"""Rehab coordination by role, and the same work reported twice."""

import msgspec
import orjson
import pytest

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle
from adapter.mapping.concept_maps import load_concept_maps
from adapter.resources import data_folder

UPPDRAG = "https://vardbro.example/fhir/CodeSystem/uppdrag"
COORDINATOR = "rehabkoordinator"


def kind(mapped):
    return mapped.event.kind


class TestRole:
    def test_the_role_of_the_main_responsible_makes_it_coordination(self, contact):
        contact.role["code"].append(contact.concept(UPPDRAG, COORDINATOR))
        mapped = contact.map()
        assert (kind(mapped), mapped.event.kontakt.typ) == ("koordineringsinsats", None)
        assert mapped.provenance["kind"].by == ("KT-KOORDINERING-ROLL",)
        assert mapped.provenance["kind"].paths[0] == f"{contact.at(contact.role)}.code[1].coding[0].code"

    def test_the_type_of_the_only_participant_does_too(self, contact):
        contact.encounter["participant"][0]["type"] = [contact.concept(UPPDRAG, COORDINATOR)]
        mapped = contact.map()
        assert kind(mapped) == "koordineringsinsats"
        at = f"{contact.at(contact.encounter)}.participant[0].type[0].coding[0].code"
        assert mapped.provenance["kind"].paths[0] == at

    def test_another_assignment_does_not(self, contact):
        contact.role["code"].append(contact.concept(UPPDRAG, "annat"))
        assert kind(contact.map()) == "vardkontakt"

    def test_somebody_elses_role_does_not(self, contact):
        contact.staff("SE2321000016-C1")["code"].append(contact.concept(UPPDRAG, COORDINATOR))
        assert kind(contact.map()) == "vardkontakt"

    def test_a_qualification_says_nothing_of_what_the_person_does_here(self, contact):
        contact.practitioner["qualification"] = [{"code": contact.concept(UPPDRAG, COORDINATOR)}]
        assert kind(contact.map()) == "vardkontakt"

    def test_a_stated_vardkontakt_contradicts_it(self, contact, found):
        contact.stated("mottagningsbesok")
        contact.role["code"].append(contact.concept(UPPDRAG, COORDINATOR))
        assert "KT-KOORDINERING-MOTSAGD" in found(contact.map())

    def test_a_local_map_can_say_it(self, contact, contexts, tmp_path):
        group = {
            "source": "urn:local",
            "target": UPPDRAG,
            "element": [{"code": "RK7", "target": [{"code": COORDINATOR, "equivalence": "equivalent"}]}],
        }
        local = {"resourceType": "ConceptMap", "id": "lokala-roller", "group": [group]}
        (tmp_path / "lokala-roller.json").write_bytes(orjson.dumps(local))
        shipped = contexts()
        maps = load_concept_maps((data_folder("mappings") / "concept-maps", tmp_path), shipped.aliases)
        contact.role["code"].append(contact.concept("urn:local", "RK7"))
        context = msgspec.structs.replace(shipped, concept_maps=maps)
        (mapped,) = map_bundle(Bundle(contact.bundle()), context)
        assert kind(mapped) == "koordineringsinsats"
        assert mapped.provenance["kind"].by == ("KT-KOORDINERING-ROLL", "lokala-roller")


class TestTwice:
    def both(self, contact, **changes):
        """GC001 on the builder's Encounter, and a second Encounter that is an ordinary contact."""
        contact.procedure("GC001")
        other = {**contact.encounter, "identifier": [{"system": "s", "value": "2"}], **changes}
        return contact.add("Encounter", **{key: value for key, value in other.items() if value is not None})

    def test_the_same_work_as_a_vardkontakt_is_an_error_that_names_both(self, contact):
        other = self.both(contact)
        for mapped in contact.map_all():
            (finding,) = [one for one in mapped.findings if one.rule == "KT-DUBBELREGISTRERING"]
            assert finding.severity == "error"
            assert finding.expression == (contact.at(contact.encounter), contact.at(other))

    def test_the_class_of_the_vardkontakt_does_not_matter(self, contact, found):
        self.both(contact, **{"class": {"code": "VR"}})
        assert all("KT-DUBBELREGISTRERING" in found(mapped) for mapped in contact.map_all())

    @pytest.mark.parametrize(
        "changes",
        [
            {"period": {"start": "2025-03-03T11:15:00+01:00"}},
            {"period": {"start": "2025-03-04T10:15:00+01:00"}},
            {
                "subject": {
                    "identifier": {
                        "system": "http://electronichealth.se/identifier/personnummer",
                        "value": "195009072553",
                    }
                }
            },
            {
                "serviceProvider": {
                    "identifier": {"system": "urn:oid:1.2.752.29.4.19", "value": "SE2321000016-X"}
                }
            },
            {
                "participant": [
                    {
                        "individual": {
                            "identifier": {"system": "urn:oid:1.2.752.29.4.19", "value": "SE2321000016-X"}
                        }
                    }
                ]
            },
            {"participant": None},
            {"status": "cancelled"},
        ],
        ids=str,
    )
    def test_another_time_patient_unit_or_staff_is_other_work(self, contact, found, changes):
        self.both(contact, **changes)
        assert all("KT-DUBBELREGISTRERING" not in found(mapped) for mapped in contact.map_all())

    def test_two_ordinary_contacts_are_not_its_business(self, contact, found):
        other = {**contact.encounter, "identifier": [{"system": "s", "value": "2"}]}
        contact.add("Encounter", **other)
        assert all("KT-DUBBELREGISTRERING" not in found(mapped) for mapped in contact.map_all())

    @pytest.mark.parametrize("start", ["2025-03-03T10:20:00+01:00", "2025-03-03"])
    def test_another_or_unknown_start_on_the_day_is_a_warning_that_names_both(self, contact, start):
        other = self.both(contact, period={"start": start})
        for mapped in contact.map_all():
            (finding,) = [one for one in mapped.findings if one.rule.startswith("KT-DUBBELREGISTRERING")]
            assert (finding.rule, finding.severity) == ("KT-DUBBELREGISTRERING-MISSTANKT", "warning")
            assert finding.expression == (contact.at(contact.encounter), contact.at(other))

    def test_another_day_is_other_work(self, contact, found):
        self.both(contact, period={"start": "2025-03-04T10:15:00+01:00"})
        assert not any("DUBBEL" in rule for mapped in contact.map_all() for rule in found(mapped))

    def test_two_patients_of_whom_no_number_is_known_are_not_the_same(self, contact, found):
        del contact.patient["identifier"]
        other = contact.add("Patient")
        self.both(contact, subject=contact.ref(other))
        assert not any("DUBBEL" in rule for mapped in contact.map_all() for rule in found(mapped))
