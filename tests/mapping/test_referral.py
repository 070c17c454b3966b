"""Which earlier contact a visit follows on, and when that makes the earlier one triage."""

import msgspec
import pytest

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle

HSA = "urn:oid:1.2.752.29.4.19"
TRIAGE = "225390008"


def typ(mapped):
    return mapped.event.kontakt.typ


def nurse_call(contact, technique="XS012", **more):
    contact.distance(technique, **more)
    return contact


def visit(contact, *, hsa_id="SE2321000016-C1", link="partOf", **changes):
    """A visit at noon of the same day, by another of the staff, that follows on the builder's contact."""
    person = contact.add("Practitioner", identifier=[{"system": HSA, "value": hsa_id}])
    elements = {
        **{
            key: value
            for key, value in contact.encounter.items()
            if key not in ("type", "extension", "diagnosis")
        },
        "identifier": [{"system": "https://journal.example/vk", "value": "2"}],
        "class": {**contact.encounter["class"], "code": "AMB"},
        "period": {"start": "2025-03-03T13:00:00+01:00"},
        "participant": [{"individual": contact.ref(person)}],
    }
    elements |= linked(contact, link) if link else {}
    elements |= changes
    return contact.add("Encounter", **{key: value for key, value in elements.items() if value is not None})


def linked(contact, link):
    """The way in which the visit names the earlier contact."""
    here = contact.ref(contact.encounter)
    if link == "partOf":
        return {"partOf": here}
    order = contact.ref(contact.add("ServiceRequest", status="active", intent="order", encounter=here))
    if link == "basedOn":
        return {"basedOn": [order]}
    return {"appointment": [contact.ref(contact.add("Appointment", status="fulfilled", basedOn=[order]))]}


class TestWithinABundle:
    @pytest.mark.parametrize("link", ["partOf", "basedOn", "appointment"])
    @pytest.mark.parametrize("technique", ["XS012", "UX007"])
    def test_a_call_or_video_that_led_to_a_visit_is_triage_without_any_triage_code(
        self, contact, found, link, technique
    ):
        nurse_call(contact, technique)
        visit(contact, link=link)
        call, after = contact.map_all()
        assert (typ(call), typ(after)) == ("triage", "mottagningsbesok")
        assert call.provenance["kontakt.typ"].by[-1] == "KT-TRIAGE-BESOK"
        assert found(call) == []
        assert call.event.kontakt.ersatter_besok is None

    def test_a_text_contact_stays(self, contact):
        nurse_call(contact, "XS003")
        visit(contact)
        assert typ(contact.map_all()[0]) == "text-ersatter-ej-besok"

    def test_a_text_contact_stays_even_with_a_triage_code(self, contact):
        nurse_call(contact, "XS003")
        contact.type("http://snomed.info/sct", TRIAGE)
        visit(contact)
        assert typ(contact.map_all()[0]) == "text-ersatter-ej-besok"

    def test_a_call_that_replaces_a_visit_stays(self, contact):
        nurse_call(contact).prescription()
        visit(contact)
        assert typ(contact.map_all()[0]) == "telefon-ersatter-besok"

    def test_a_call_that_the_sender_says_replaces_a_visit_stays(self, contact):
        nurse_call(contact).extension("ersatter-besok", valueBoolean=True)
        visit(contact)
        assert typ(contact.map_all()[0]) == "telefon-ersatter-besok"

    def test_the_senders_no_does_not_keep_it_from_being_triage(self, contact, found):
        nurse_call(contact).extension("ersatter-besok", valueBoolean=False)
        visit(contact)
        call = contact.map_all()[0]
        assert typ(call) == "triage"
        assert found(call) == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"period": {"start": "2025-03-04T09:00:00+01:00"}},
            {"period": {"start": "2025-03-03T09:00:00+01:00"}},
            {"serviceProvider": {"reference": "Organization/9"}},
            {"subject": {"reference": "Patient/9"}},
            {"status": "cancelled"},
            {"status": "entered-in-error"},
            {"status": "planned"},
            {"class": {"code": "VR"}},
            {"class": {"code": "IMP"}},
            {"participant": None},
            {"partOf": None},
            {"partOf": {"reference": "Encounter/9"}},
        ],
        ids=str,
    )
    def test_another_day_unit_patient_or_kind_of_contact_is_no_such_visit(self, contact, changes):
        nurse_call(contact)
        visit(contact, **changes)
        assert typ(contact.map_all()[0]) == "telefonsamtal"

    def test_the_same_staff_is_no_other_staff(self, contact):
        nurse_call(contact)
        visit(contact, hsa_id="SE2321000016-AB12")
        assert typ(contact.map_all()[0]) == "telefonsamtal"

    def test_the_same_person_in_another_resource_is_the_same(self, contact):
        nurse_call(contact)
        again = {"identifier": {"system": HSA, "value": "se2321000016-ab12"}}
        visit(contact, participant=[{"individual": again}])
        assert typ(contact.map_all()[0]) == "telefonsamtal"

    def test_a_number_of_another_system_says_nothing_of_who_it_is(self, contact):
        nurse_call(contact)
        local = {"system": "urn:local", "value": "SE2321000016-AB12"}
        person = contact.add("Practitioner", identifier=[local])
        visit(contact, participant=[{"individual": contact.ref(person)}])
        assert typ(contact.map_all()[0]) == "triage"

    def test_where_no_patient_is_named_nobody_can_tell(self, contact):
        contact.encounter["class"]["code"] = "VR"
        contact.stated("telefonsamtal")
        visit(contact, subject=None)
        del contact.encounter["subject"]
        assert typ(contact.map_all()[0]) == "telefonsamtal"

    def test_who_only_referred_is_not_of_the_staff_of_the_visit(self, contact):
        nurse_call(contact)
        after = visit(contact)
        kind = contact.concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "REF")
        after["participant"].append({**contact.encounter["participant"][0], "type": [kind]})
        assert typ(contact.map_all()[0]) == "triage"

    def test_the_day_is_the_local_one(self, contact):
        nurse_call(contact)
        contact.encounter["period"] = {"start": "2025-03-02T23:10:00Z"}
        visit(contact, period={"start": "2025-03-03T22:50:00Z"})
        assert typ(contact.map_all()[0]) == "triage"

    def test_a_stated_telefonsamtal_is_changed_and_the_change_is_told(self, contact, found):
        contact.encounter["class"]["code"] = "VR"
        contact.stated("telefonsamtal")
        visit(contact)
        call = contact.map_all()[0]
        assert typ(call) == "triage"
        assert found(call) == ["KT-TRIAGE-ANDRAD"]
        assert call.provenance["kontakt.typ"].by == ("KT-UTTRYCKLIG", "KT-TRIAGE-BESOK")

    def test_a_stated_type_that_replaces_a_visit_is_not(self, contact):
        contact.encounter["class"]["code"] = "VR"
        contact.stated("video-ersatter-besok")
        contact.condition("J189")
        visit(contact)
        assert typ(contact.map_all()[0]) == "video-ersatter-besok"

    def test_a_physical_triage_takes_its_code_and_its_visit(self, contact):
        visit(contact)
        assert typ(contact.map_all()[0]) == "mottagningsbesok"
        contact.type("http://snomed.info/sct", TRIAGE)
        assert typ(contact.map_all()[0]) == "triage"

    def test_before_2025_there_is_triage_too(self, contact):
        nurse_call(contact, "UX007")
        contact.encounter["period"] = {"start": "2024-12-31T08:00:00+01:00"}
        visit(contact, period={"start": "2024-12-31T10:00:00+01:00"})
        assert typ(contact.map_all()[0]) == "triage"

    def test_the_trace_names_the_link_and_what_makes_it_such_a_visit(self, contact):
        nurse_call(contact)
        path = contact.at(visit(contact))
        paths = contact.map_all()[0].provenance["kontakt.typ"].paths
        assert {
            f"{path}.partOf.reference",
            f"{path}.period.start",
            f"{path}.status",
            f"{path}.class.code",
            f"{path}.serviceProvider.reference",
            f"{path}.participant[0].individual.reference",
        } <= set(paths)


class TestAcrossBundles:
    def read(self, contact, contexts, referred):
        context = msgspec.structs.replace(contexts(), referred=referred)
        return map_bundle(Bundle(contact.bundle()), context)[0]

    def test_a_contact_that_the_ledger_knows_to_have_led_to_a_visit_is_triage(self, contact, contexts):
        nurse_call(contact)
        mapped = self.read(contact, contexts, {"https://journal.example/vk|1": ("v1",)})
        assert typ(mapped) == "triage"
        assert mapped.provenance["kontakt.typ"].by[-1] == "KT-TRIAGE-LANK"

    def test_one_that_the_sender_stated_as_telefonsamtal_is_too(self, contact, contexts):
        contact.encounter["class"]["code"] = "VR"
        contact.stated("telefonsamtal")
        mapped = self.read(contact, contexts, {"https://journal.example/vk|1": ("v1",)})
        assert typ(mapped) == "triage"
        assert mapped.provenance["kontakt.typ"].by == ("KT-UTTRYCKLIG", "KT-TRIAGE-LANK")

    def test_other_contacts_are_not(self, contact, contexts):
        nurse_call(contact)
        assert typ(self.read(contact, contexts, {"https://journal.example/vk|2": ("v1",)})) == "telefonsamtal"

    def test_nor_one_that_replaces_a_visit(self, contact, contexts):
        nurse_call(contact).prescription()
        mapped = self.read(contact, contexts, {"https://journal.example/vk|1": ("v1",)})
        assert typ(mapped) == "telefon-ersatter-besok"


class TestWhatAVisitFollowsOn:
    @pytest.mark.parametrize(
        ("reference", "expected"),
        [
            ({"identifier": {"system": "s", "value": "7"}}, ("s|7",)),
            ({"identifier": {"value": "7"}}, ("|7",)),
            ({"reference": "Encounter?identifier=s|7"}, ("s|7",)),
            ({"reference": "Encounter?identifier=s%7C7"}, ("s|7",)),
            ({"reference": "Encounter/7"}, ("|Encounter/7",)),
            ({"reference": "https://server.example/fhir/Encounter/7/_history/2"}, ("|Encounter/7",)),
            ({"reference": "urn:uuid:11111111-1111-4111-8111-111111111111"}, ()),
            ({"reference": "Patient/7"}, ()),
            ({"reference": "Encounter?status=finished"}, ()),
            ({"display": "samtalet i morse"}, ()),
        ],
    )
    def test_a_contact_of_another_bundle_is_named_by_its_identifier(self, contact, reference, expected):
        contact.encounter["partOf"] = reference
        assert contact.map().follows == expected

    @pytest.mark.parametrize("link", ["partOf", "basedOn", "appointment"])
    def test_a_contact_of_the_bundle_is_named_too(self, contact, link):
        nurse_call(contact)
        visit(contact, link=link)
        call, after = contact.map_all()
        assert call.follows == ()
        assert after.follows == (call.identifier,)

    @pytest.mark.parametrize("link", ["basedOn", "appointment"])
    def test_the_order_may_name_a_contact_of_another_bundle(self, contact, link):
        order = contact.add("ServiceRequest", encounter={"identifier": {"system": "s", "value": "7"}})
        if link == "basedOn":
            contact.encounter["basedOn"] = [contact.ref(order)]
        else:
            booking = contact.add("Appointment", basedOn=[contact.ref(order)])
            contact.encounter["appointment"] = [contact.ref(booking)]
        assert contact.map().follows == ("s|7",)

    def test_an_order_that_names_no_contact_leads_nowhere(self, contact):
        order = contact.add("ServiceRequest", status="active", intent="order")
        contact.encounter["basedOn"] = [contact.ref(order), {"reference": "ServiceRequest/9"}]
        assert contact.map().follows == ()

    def test_what_is_no_encounter_or_itself_is_nothing_to_follow_on(self, contact):
        contact.encounter["partOf"] = contact.ref(contact.patient)
        assert contact.map().follows == ()
        contact.encounter["partOf"] = contact.ref(contact.encounter)
        assert contact.map().follows == ()

    def test_the_parts_of_one_team_do_not_follow_on_each_other(self, contact):
        visit(
            contact,
            period=contact.encounter["period"],
            **{"class": contact.encounter["class"]},
        )
        assert contact.map().follows == ()

    def test_it_follows_on_the_identifier_that_the_event_id_is_made_from(self, contact):
        nurse_call(contact)
        contact.encounter["identifier"] += [{"use": "official", "system": "s", "value": "9"}]
        visit(contact)
        call, after = contact.map_all()
        assert after.follows == (call.identifier,) == ("s|9",)


@pytest.mark.parametrize("query", ["identifier=7", "identifier=%7C7"])
def test_an_earlier_contact_may_be_named_by_an_identifier_without_system(contact, query):
    contact.encounter["partOf"] = {"reference": f"Encounter?{query}"}
    assert contact.map().follows == ("|7",)
