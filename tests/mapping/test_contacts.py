"""Groups and teams: from Encounters to contacts."""

import pytest


def second(contact, **changes):
    """Another Encounter at the same time, by another of the staff."""
    person = contact.add(
        "Practitioner", identifier=[{"system": "urn:oid:1.2.752.29.4.19", "value": "SE2321000016-C1"}]
    )
    encounter = {
        **contact.encounter,
        "identifier": [{"system": "https://journal.example/vk", "value": "0"}],
        "participant": [{"individual": contact.ref(person)}],
        "partOf": contact.ref(contact.encounter),
        **changes,
    }
    return contact.add("Encounter", **{key: value for key, value in encounter.items() if value is not None})


class TestTeam:
    def test_encounters_linked_by_part_of_are_one_contact(self, contact, found):
        other = second(contact)
        contact.diagnosis("J189", rank=1)
        contact.condition("I109", encounter=contact.ref(other))
        contact.procedure("AV034", encounter=contact.ref(other))
        mapped = contact.map()
        event = mapped.event
        assert event.kontakt.typ == "teambesok"
        assert [person.hsa_id for person in event.personal] == ["SE2321000016-AB12", "SE2321000016-C1"]
        assert [diagnos.kod for diagnos in event.diagnoser] == ["J189", "I109"]
        assert [atgard.kod for atgard in event.atgarder] == ["AV034"]
        assert mapped.identifier.endswith("|1")
        assert f"{contact.at(other)}.partOf.reference" in mapped.provenance["kontakt.typ"].paths

    def test_the_order_of_the_bundle_does_not_change_its_name(self, contact):
        second(contact)
        first = contact.map().event.event_id
        contact.entries.reverse()
        assert contact.map().event.event_id == first

    def test_encounters_of_one_appointment_are_one_contact(self, contact):
        booked = contact.ref(contact.add("Appointment", status="fulfilled"))
        contact.encounter["appointment"] = [booked]
        second(contact, partOf=None)
        assert contact.map().event.kontakt.typ == "teambesok"

    def test_each_may_name_its_own_main_responsible(self, contact, found):
        role = {
            "type": [contact.concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "PPRF")]
        }
        contact.encounter["participant"][0] |= role
        other = second(contact)
        other["participant"] = [{**other["participant"][0], **role}]
        mapped = contact.map()
        assert [person.huvudansvarig for person in mapped.event.personal] == [True, False]
        assert found(mapped) == []

    @pytest.mark.parametrize(
        "difference",
        [
            {"period": {"start": "2025-03-03T11:15:00+01:00"}},
            {"serviceProvider": {"reference": "Organization/9"}},
            {"subject": {"reference": "Patient/9"}},
            {"class": {"code": "VR"}},
            {"partOf": None},
        ],
    )
    def test_another_time_unit_patient_or_class_is_another_contact(self, contact, difference):
        second(contact, **difference)
        assert len(contact.map_all()) == 2

    def test_the_same_time_in_another_zone_is_the_same_time(self, contact):
        second(contact, period={"start": "2025-03-03T09:15:00Z"})
        assert len(contact.map_all()) == 1

    def test_a_withdrawn_part_takes_no_part(self, contact, found):
        second(contact, status="cancelled")
        mapped = contact.map()
        assert (mapped.event.status, mapped.event.kontakt.typ) == ("final", "mottagningsbesok")
        assert found(mapped) == ["TEAM-WITHDRAWN"]

    def test_the_contact_keeps_its_name_when_the_naming_part_is_withdrawn(self, contact):
        other = second(contact)
        first = contact.map().event.event_id
        contact.encounter["status"] = "cancelled"
        mapped = contact.map()
        assert mapped.event.event_id == first
        assert [person.hsa_id for person in mapped.event.personal] == ["SE2321000016-C1"]
        other["status"] = "cancelled"
        assert contact.map().event.status == "cancelled"

    def test_a_part_that_is_not_finished_keeps_the_contact_pending(self, contact):
        second(contact, status="in-progress")
        assert contact.map().event.status == "pending"


class TestGroup:
    def test_each_member_gets_an_event_of_their_own(self, contact, found):
        patients = contact.group("195009072553", "196101182803")
        contact.condition("M545", subject=contact.ref(patients[0]))
        contact.condition("M179", subject=contact.ref(patients[1]))
        contact.procedure("QV001", subject=contact.ref(patients[2]))
        events = [mapped.event for mapped in contact.map_all()]
        assert [event.patient.id for event in events] == ["191212121212", "195009072553", "196101182803"]
        assert [[one.kod for one in event.diagnoser] for event in events] == [["M545"], ["M179"], []]
        assert [[one.kod for one in event.atgarder] for event in events] == [[], [], ["QV001"]]
        assert len({event.event_id for event in events}) == 3
        assert all("DIAGNOS-OTHER-PATIENT" not in found(mapped) for mapped in contact.map_all())

    def test_no_member_is_held_back_by_anothers_entries(self, contact):
        patients = contact.group("195009072553")
        condition = contact.condition("M179", subject=contact.ref(patients[1]))
        first, other = contact.map_all()
        index = next(i for i, entry in enumerate(contact.entries) if entry["resource"] is condition)
        assert index not in first.entries
        assert index in other.entries

    def test_ranks_are_renumbered_for_each_patient(self, contact, found):
        patients = contact.group("195009072553")
        contact.diagnosis("M545", rank=1, subject=contact.ref(patients[0]))
        contact.diagnosis("I109", rank=3, subject=contact.ref(patients[1]))
        contact.diagnosis("M179", rank=2, subject=contact.ref(patients[1]))
        other = contact.map_all()[1]
        assert [(one.kod, one.ordning, one.huvud) for one in other.event.diagnoser] == [
            ("M179", 1, True),
            ("I109", 2, False),
        ]
        assert found(other) == []

    def test_a_members_event_id_does_not_hang_on_the_bundle(self, contact):
        contact.group("195009072553")
        first = [mapped.event.event_id for mapped in contact.map_all()]
        contact.entries.reverse()
        assert sorted(mapped.event.event_id for mapped in contact.map_all()) == sorted(first)

    def test_an_inactive_member_was_not_there(self, contact):
        contact.group("195009072553", "196101182803")
        contact.entries[-1]["resource"]["member"][2]["inactive"] = True
        assert len(contact.map_all()) == 2

    def test_that_a_member_is_said_to_be_active_is_traced(self, contact):
        contact.group("195009072553")
        group = contact.entries[-1]["resource"]
        group["member"][1]["inactive"] = False
        first, other = contact.map_all()
        path = f"{contact.at(group)}.member[1].inactive"
        assert path in other.provenance["patient.id"].paths
        assert path not in first.provenance["patient.id"].paths

    def test_a_group_of_one_is_no_gruppbesok(self, contact, found):
        contact.group()
        mapped = contact.map()
        assert mapped.event.kontakt.typ == "mottagningsbesok"
        assert found(mapped) == ["GROUP-ALONE"]

    def test_the_quantity_tells_that_others_were_there(self, contact):
        contact.group()
        contact.entries[-1]["resource"]["quantity"] = 5
        assert contact.map().event.kontakt.typ == "gruppbesok"

    def test_a_group_without_members_is_an_error(self, contact, found):
        contact.group()
        contact.entries[-1]["resource"]["member"] = []
        assert found(contact.map())[:2] == ["GROUP-EMPTY", "ID-MISSING"]


class TestSamePatientTwiceInAGroup:
    def test_one_membership_counts_and_the_other_is_told(self, contact, found):
        contact.group("195009072553")
        group = next(e["resource"] for e in contact.entries if e["resource"]["resourceType"] == "Group")
        group["member"].append(group["member"][0])
        first, second = contact.map_all()
        assert found(first) == ["GROUP-MEMBER-TWICE"]
        assert found(second) == []
        assert first.findings[0].severity == "warning"
        path = contact.at(group)
        assert first.findings[0].expression == (f"{path}.member[2].entity", f"{path}.member[0].entity")

    def test_two_entries_of_one_person_are_one_member(self, contact, found):
        contact.group("191212121212")
        twin = contact.entries[-2]["resource"]
        assert twin["resourceType"] == "Patient"
        contact.condition("J189", subject=contact.ref(twin))
        mapped = contact.map()
        assert [diagnos.kod for diagnos in mapped.event.diagnoser] == ["J189"]
        assert mapped.event.kontakt.typ == "mottagningsbesok"
        assert found(mapped) == ["GROUP-ALONE", "GROUP-MEMBER-TWICE"]


def test_a_referrer_of_the_visit_may_have_done_the_triage(contact):
    """The triage nurse who refers is not one of the staff of the visit that follows."""
    contact.encounter["class"]["code"] = "VR"
    contact.procedure("XS012")
    contact.type("http://snomed.info/sct", "225390008")
    kind = contact.concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "REF")
    visit = second(contact, period={"start": "2025-03-03T13:00:00+01:00"}, type=None)
    visit["class"] = {**contact.encounter["class"], "code": "AMB"}
    visit["participant"].append({**contact.encounter["participant"][0], "type": [kind]})
    call, after = contact.map_all()
    assert call.event.kontakt.typ == "triage"
    assert len(after.event.personal) == 1
