"""Where a contact took place, by the Encounter's locations."""

import pytest

from adapter.fhir.bundle import Bundle
from adapter.mapping.draft import Draft
from adapter.mapping.places import by_locations, spots

ROLE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
KIND = "http://terminology.hl7.org/CodeSystem/location-physical-type"
HOUSING = "https://vardbro.example/fhir/CodeSystem/boendeform"


@pytest.fixture
def draft(contact, contexts):
    """The contact's draft and its Encounter, once the test has put its locations in."""

    def made():
        bundle = Bundle(contact.bundle())
        return Draft(bundle, contexts()), bundle.of_type("Encounter")[0]

    return made


def located(contact, **elements):
    place = contact.add("Location", **elements)
    contact.encounter.setdefault("location", []).append({"location": contact.ref(place)})
    return place


def link(contact, index=0):
    return f"{contact.at(contact.encounter)}.location[{index}].location.reference"


def test_a_place_is_traced_to_its_code_and_to_the_encounters_location(contact):
    place = located(contact, type=[contact.concept(ROLE, "PTRES")])
    mapped = contact.map()
    assert mapped.event.kontakt.i_hemmet is True
    code = f"{contact.at(place)}.type[0].coding[0].code"
    assert {code, link(contact)} <= set(mapped.provenance["kontakt.i_hemmet"].paths)


def test_the_physical_type_tells_the_place_too(contact, draft):
    located(contact, physicalType=contact.concept(KIND, "ho"))
    ((found,), silent) = by_locations(*draft())
    assert (found.place, silent) == ("hem", ())


def test_a_place_that_is_nowhere_hides_no_other(contact, draft):
    contact.encounter["location"] = [{"location": {"reference": "Location/9"}}]
    located(contact, type=[contact.concept(ROLE, "WORK")])
    ((found,), _) = by_locations(*draft())
    assert (found.place, found.paths[-1]) == ("annan", link(contact, 1))


def test_a_place_of_no_known_kind_is_looked_at_in_vain(contact, draft):
    place = located(contact, type=[contact.concept("http://region.example/plats", "X")])
    assert by_locations(*draft()) == ([], (f"{contact.at(place)}.type[0].coding[0].code",))


@pytest.mark.parametrize(
    ("system", "code", "form", "municipal"),
    [
        (HOUSING, "sarskilt-boende", "sarskilt-boende", True),
        (HOUSING, "ordinart-boende", "ordinart-boende", False),
        (HOUSING, "husvagn", "", False),
        (ROLE, "NCCF", "", True),
        (ROLE, "PTRES", "", False),
    ],
)
def test_which_housing_is_surely_the_municipalitys(contact, draft, system, code, form, municipal):
    located(contact, type=[contact.concept(system, code)])
    (spot,) = spots(*draft())
    assert (spot.form, spot.is_municipal) == (form, municipal)
