"""Who a reference to a professional names."""

import pytest

from adapter.mapping.professional import stated_type


def test_somebody_who_is_not_in_the_bundle_is_one_person_however_often_named(contact):
    absent = {"individual": {"reference": "Practitioner/9"}}
    contact.encounter["participant"] = [absent, dict(absent)]
    mapped = contact.map()
    assert len(mapped.event.personal) == 1
    assert mapped.event.kontakt.typ == "mottagningsbesok"


def test_two_who_are_not_in_the_bundle_are_two(contact):
    contact.encounter["participant"] = [
        {"individual": {"reference": f"Practitioner/{number}"}} for number in (8, 9)
    ]
    assert contact.map().event.kontakt.typ == "teambesok"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ({"type": "Practitioner"}, "Practitioner"),
        ({"type": "Practitioner", "reference": "Patient/9"}, "Practitioner"),
        ({"reference": "RelatedPerson/9"}, "RelatedPerson"),
        ({"reference": "https://journal.example/fhir/RelatedPerson/9"}, "RelatedPerson"),
        ({"reference": "urn:uuid:00000000-0000-4000-8000-000000000009"}, ""),
        ({}, ""),
    ],
)
def test_the_type_of_an_absent_target_is_as_stated_else_as_the_reference_has_it(reference, expected):
    assert stated_type(reference) == expected
