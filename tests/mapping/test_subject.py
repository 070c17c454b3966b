"""Whether two resources speak of the same patient."""

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle

PERSONNUMMER = "http://electronichealth.se/identifier/personnummer"


def contained(number):
    return [{"resourceType": "Patient", "id": "p", "identifier": [{"system": PERSONNUMMER, "value": number}]}]


def codes(mapped):
    return [one.kod for one in mapped.event.diagnoser]


def test_a_contained_patient_is_not_anothers_of_the_same_name(contact, found):
    contact.encounter |= {"subject": {"reference": "#p"}, "contained": contained("191212121212")}
    contact.condition("J189", subject={"reference": "#p"}, contained=contained("195009072553"))
    mapped = contact.map()
    assert codes(mapped) == []
    assert found(mapped) == ["DIAGNOS-OTHER-PATIENT"]


def test_a_contained_patient_is_the_one_of_the_same_number(contact, found):
    contact.encounter |= {"subject": {"reference": "#p"}, "contained": contained("191212121212")}
    contact.condition("J189", subject={"reference": "#p"}, contained=contained("19121212-1212"))
    mapped = contact.map()
    assert codes(mapped) == ["J189"]
    assert found(mapped) == []


def test_a_patient_outside_the_bundle_is_the_same_by_the_same_reference(contact):
    contact.encounter["subject"] = {"reference": "Patient/9"}
    contact.condition("J189", subject={"reference": "Patient/9"})
    contact.condition("I109", subject={"reference": "Patient/8"})
    assert codes(contact.map()) == ["J189"]


def test_two_servers_patients_of_one_id_are_two_persons(contexts, found):
    """A relative reference leads to the server of the resource that it stands in."""

    def entry(server, kind, number, **members):
        resource = {"resourceType": kind, "id": number, **members}
        return {"fullUrl": f"https://{server}.example/fhir/{kind}/{number}", "resource": resource}

    subject = {"reference": "Patient/9"}
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            entry("a", "Patient", "9", identifier=[{"system": PERSONNUMMER, "value": "191212121212"}]),
            entry("b", "Patient", "9", identifier=[{"system": PERSONNUMMER, "value": "195009072553"}]),
            entry("a", "Encounter", "1", status="finished", subject=subject),
            entry(
                "b",
                "Condition",
                "2",
                subject=subject,
                encounter={"reference": "https://a.example/fhir/Encounter/1"},
                code={"coding": [{"system": "https://www.icd10.se/", "code": "J189"}]},
            ),
        ],
    }
    (mapped,) = map_bundle(Bundle(bundle), contexts())
    assert codes(mapped) == []
    assert "DIAGNOS-OTHER-PATIENT" in found(mapped)
