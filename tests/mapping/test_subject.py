"""Whether two resources speak of the same patient."""

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
