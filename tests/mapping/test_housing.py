"""The form of housing: the sender's word, else the kind of the place."""

import pytest

SYSTEM = "https://vardbro.example/fhir/CodeSystem/boendeform"
ROLE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"


def at(contact, *codes, system=SYSTEM):
    """The visit takes place at locations of these kinds."""
    places = [contact.add("Location", type=[contact.concept(system, code)]) for code in codes]
    contact.encounter["location"] = [{"location": contact.ref(place)} for place in places]
    return places


def sent(contact, code):
    contact.extension("boendeform", valueCoding={"system": SYSTEM, "code": code})


def form(mapped):
    return mapped.event.kontakt.boendeform


@pytest.mark.parametrize("code", ["sarskilt-boende", "ordinart-boende"])
def test_the_place_of_a_home_visit_gives_it(contact, found, code):
    (place,) = at(contact, code)
    mapped = contact.map()
    assert (mapped.event.kontakt.typ, form(mapped)) == ("hembesok", code)
    assert found(mapped) == []
    origin = mapped.provenance["kontakt.boendeform"]
    assert origin.paths[0] == f"{contact.at(place)}.type[0].coding[0].code"
    assert origin.by == ("KT-BOENDEFORM-PLATS",)


def test_a_stated_home_visit_takes_it_from_the_place_too(contact):
    at(contact, "ordinart-boende")
    contact.stated("hembesok")
    assert form(contact.map()) == "ordinart-boende"


def test_a_team_at_home_takes_it_from_the_place_too(contact):
    at(contact, "sarskilt-boende")
    contact.staff("SE2321000016-C1")
    assert form(contact.map()) == "sarskilt-boende"


def test_another_stated_type_takes_none(contact):
    at(contact, "ordinart-boende")
    contact.stated("gruppbesok")
    assert form(contact.map()) is None


@pytest.mark.parametrize("code", ["NCCF", "PTRES"])
def test_a_place_that_does_not_tell_the_form_gives_none(contact, code):
    at(contact, code, system=ROLE)
    mapped = contact.map()
    assert (mapped.event.kontakt.typ, form(mapped)) == ("hembesok", None)


def test_a_place_that_agrees_with_the_sender_is_no_remark(contact, found):
    at(contact, "sarskilt-boende")
    sent(contact, "sarskilt-boende")
    mapped = contact.map()
    assert form(mapped) == "sarskilt-boende"
    assert found(mapped) == []


def test_a_place_that_says_otherwise_is_a_warning_that_names_both(contact, found):
    (place,) = at(contact, "sarskilt-boende")
    sent(contact, "ordinart-boende")
    mapped = contact.map()
    assert form(mapped) == "ordinart-boende"
    assert found(mapped) == ["KT-BOENDEFORM-MOTSAGD"]
    told = next(one.expression for one in mapped.findings if one.rule == "KT-BOENDEFORM-MOTSAGD")
    assert f"{contact.at(contact.encounter)}.extension[0].valueCoding.code" in told
    assert f"{contact.at(place)}.type[0].coding[0].code" in told


def test_two_places_that_differ_give_none_and_are_told(contact, found):
    at(contact, "sarskilt-boende", "ordinart-boende")
    mapped = contact.map()
    assert form(mapped) is None
    assert found(mapped) == ["KT-BOENDEFORM-MOTSAGD"]


def test_an_extension_that_cannot_be_read_is_not_replaced(contact, found):
    at(contact, "sarskilt-boende")
    contact.extension("boendeform", valueCoding={"system": "urn:x", "code": "y"})
    mapped = contact.map()
    assert form(mapped) is None
    assert found(mapped) == ["KT-TILLAGG-SYSTEM"]


class TestMottagningsbesokInHousing:
    @pytest.mark.parametrize(("system", "code"), [(ROLE, "NCCF"), (SYSTEM, "sarskilt-boende")])
    def test_in_municipal_housing_it_is_a_warning_that_names_both(self, contact, found, system, code):
        (place,) = at(contact, code, system=system)
        contact.stated("mottagningsbesok")
        mapped = contact.map()
        assert mapped.event.kontakt.typ == "mottagningsbesok"
        assert found(mapped) == ["KT-MOTTAGNING-BOENDE"]
        told = next(one.expression for one in mapped.findings if one.rule == "KT-MOTTAGNING-BOENDE")
        assert f"{contact.at(contact.encounter)}.type[0].coding[0].code" in told
        assert f"{contact.at(place)}.type[0].coding[0].code" in told

    @pytest.mark.parametrize(
        ("system", "code"), [(ROLE, "WORK"), (ROLE, "PTRES"), (SYSTEM, "ordinart-boende"), (ROLE, "HOSP")]
    )
    def test_elsewhere_it_is_none(self, contact, found, system, code):
        at(contact, code, system=system)
        contact.stated("mottagningsbesok")
        assert found(contact.map()) == []

    def test_a_stated_home_visit_there_is_right(self, contact, found):
        at(contact, "NCCF", system=ROLE)
        contact.stated("hembesok")
        assert found(contact.map()) == []


class TestAVisitToTheClinic:
    """PMO, *Mottagningsbesök*: municipal housing is not in it."""

    RULE = "KT-PLATS-MISSTANKT"

    @pytest.mark.parametrize("is_stated", [True, False])
    def test_in_sarskilt_boende_is_a_warning(self, contact, is_stated):
        sent(contact, "sarskilt-boende")
        if is_stated:
            contact.stated("mottagningsbesok")
        mapped = contact.map()
        assert mapped.event.kontakt.typ == "mottagningsbesok"
        (finding,) = [one for one in mapped.findings if one.rule == self.RULE]
        assert finding.severity == "warning"
        where = f"{contact.at(contact.encounter)}.extension[0].valueCoding.code"
        assert where in finding.expression

    def test_ordinary_housing_can_be_said_of_anybody(self, contact, found):
        sent(contact, "ordinart-boende")
        assert self.RULE not in found(contact.map())

    def test_a_stated_one_with_the_class_of_a_home_visit_is_a_warning(self, contact):
        contact.encounter["class"]["code"] = "HH"
        contact.stated("mottagningsbesok")
        (finding,) = [one for one in contact.map().findings if one.rule == self.RULE]
        at = contact.at(contact.encounter)
        assert finding.expression[:2] == (f"{at}.type[0].coding[0].code", f"{at}.class.code")

    def test_a_home_visit_is_as_it_should_be(self, contact, found):
        contact.encounter["class"]["code"] = "HH"
        sent(contact, "sarskilt-boende")
        assert self.RULE not in found(contact.map())
