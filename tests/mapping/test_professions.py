"""Groups of professions, KVÅ's code of them, licences; and the patient's age on the date of care."""

import pytest

from adapter.mapping.professions import LICENSED, UNLICENSED
from adapter.resources import data_folder

HOSP = "urn:oid:1.2.752.116.3.1.3"
BEFATTNING = "urn:oid:1.2.752.129.2.2.1.4"
OWN = "https://vardbro.example/fhir/CodeSystem/yrkesgrupp"


def person(contact, *codings):
    contact.role["code"] = [contact.concept(system, code) for system, code in codings]
    return contact.map().event.personal[0]


@pytest.mark.parametrize(
    ("code", "kva"),
    [
        ("AT", "XS910"), ("AU", "XS911"), ("DT", "XS912"), ("HK", "XS913"), ("LG", "XS914"), ("LK", "XS915"),
        ("PS", "XS917"), ("FT", "XS918"), ("SG", "XS918"), ("SJ", "XS919"), ("NA", "XS923"), ("KP", "XS924"),
        ("BM", "XS925"), ("OP", "XS926"), ("PT", "XS922"), ("RS", "XS922"),
    ],
)  # fmt: skip
def test_a_licensed_profession_has_its_code_or_is_other(contact, code, kva):
    found = person(contact, (HOSP, code))
    assert (found.yrkeskod, found.legitimerad) == (kva, True)


@pytest.mark.parametrize(
    ("group", "kva"),
    [("ortoptist", "XS916"), ("skotare", "XS920"), ("underskoterska", "XS921"), ("ovrig", "XS922")],
)
def test_professions_that_take_no_licence(contact, group, kva):
    found = person(contact, (OWN, group))
    assert (found.yrkesgrupp, found.yrkeskod, found.legitimerad) == (group, kva, False)


def test_physicians_in_training_count_as_physicians(contact):
    """SKR-FAQ: AT-läkare följs upp som läkarbesök."""
    found = person(contact, (BEFATTNING, "204010"))
    assert (found.yrkesgrupp, found.yrkeskod, found.legitimerad) == ("lakare", "XS915", True)


def test_a_psychologist_in_training_counts_as_psychologist_by_a_local_map(contact):
    """SKR-FAQ: PTP-psykologer följs upp som psykologbesök; whoever codes them maps them to the group."""
    found = person(contact, (OWN, "psykolog"))
    assert (found.yrkeskod, found.legitimerad) == ("XS917", True)


def test_a_physician_who_has_no_licence_and_is_not_in_training_is_a_physician_without_licence(contact):
    found = person(contact, (BEFATTNING, "204090"))
    assert (found.yrkeskod, found.legitimerad) == ("XS915", False)
    assert person(contact, (BEFATTNING, "204090"), (HOSP, "LK")).legitimerad is True


def test_an_unknown_profession_is_other_and_of_unknown_licence(contact):
    found = person(contact, ("urn:local", "x"))
    assert (found.yrkesgrupp, found.yrkeskod, found.legitimerad) == (None, "XS922", None)


def test_a_group_that_we_do_not_know_is_other_and_of_unknown_licence(contact):
    found = person(contact, (OWN, "regionens-egen"))
    assert (found.yrkesgrupp, found.yrkeskod, found.legitimerad) == ("regionens-egen", "XS922", None)


def test_a_physician_is_one_whatever_else_the_person_is(contact):
    assert person(contact, (HOSP, "SJ"), (HOSP, "LK")).yrkesgrupp == "lakare"
    assert person(contact, (HOSP, "SJ"), (HOSP, "BM")).yrkesgrupp == "sjukskoterska"


def test_a_physician_by_our_own_group_is_one_for_every_rule(contact):
    assert person(contact, (OWN, "lakare")).lakare is True
    assert person(contact, (OWN, "sjukskoterska")).lakare is False


def test_each_is_traced_to_the_coding_and_the_maps(contact):
    contact.role["code"] = [contact.concept(HOSP, "SJ")]
    origins = contact.map().provenance
    at = f"{contact.at(contact.role)}.code[0].coding[0]"
    assert origins["personal[0].yrkeskod"].paths[:2] == (f"{at}.code", f"{at}.system")
    assert origins["personal[0].yrkeskod"].by == ("STAFF-KVA", "yrke-yrkesgrupp", "yrkesgrupp-kva")
    assert origins["personal[0].legitimerad"].by[0] == "STAFF-LICENSED"


def test_every_group_that_is_called_licensed_or_not_is_a_group():
    text = (data_folder("profiles") / "code-systems" / "yrkesgrupp.json").read_text("utf-8")
    assert all(f'"{group}"' in text for group in LICENSED | UNLICENSED)


@pytest.mark.parametrize(
    ("day", "age"), [("2025-12-11", 112), ("2025-12-12", 113), ("2026-01-01", 113), ("1912-12-11", None)]
)
def test_the_age_is_in_whole_years_on_the_date_of_care(contact, day, age):
    contact.encounter["period"] = {"start": day}
    mapped = contact.map()
    assert mapped.event.patient.alder == age
    if age is not None:
        assert f"{contact.at(contact.encounter)}.period.start" in mapped.provenance["patient.alder"].paths


def test_the_birthday_is_the_local_one(contact):
    contact.encounter["period"] = {"start": "2025-12-11T23:30:00Z"}
    assert contact.map().event.patient.alder == 113


def test_without_a_date_of_care_there_is_no_age(contact):
    del contact.encounter["period"]
    assert contact.map().event.patient.alder is None


KVA = "http://electronichealth.se/id/kva"


@pytest.mark.parametrize(
    ("code", "group", "licensed"),
    [("XS915", "lakare", True), ("XS918", "fysioterapeut", True), ("XS920", "skotare", False)],
)
def test_a_kva_code_of_profession_says_who_it_is(contact, code, group, licensed):
    found = person(contact, (KVA, code))
    assert (found.yrkesgrupp, found.yrkeskod, found.legitimerad) == (group, code, licensed)
    assert found.lakare is (group == "lakare")


@pytest.mark.parametrize("code", ["XS922", "XS012"])
def test_a_kva_code_of_no_one_profession_says_nothing_more(contact, code):
    found = person(contact, (KVA, code))
    assert (found.yrkesgrupp, found.yrkeskod, found.legitimerad) == (None, "XS922", None)


class TestByAnActionThatWasPerformed:
    def perform(self, contact, code="XS918", who=None, **elements):
        actor = contact.ref(who or contact.role)
        return contact.procedure(code, performer=[{"actor": actor}], **elements)

    def first(self, contact):
        return contact.map().event.personal[0]

    @pytest.mark.parametrize("who", ["role", "practitioner"])
    def test_whoever_performed_it_has_the_profession(self, contact, who):
        del contact.role["code"]
        action = self.perform(contact, who=getattr(contact, who))
        mapped = contact.map()
        found = mapped.event.personal[0]
        assert (found.yrkesgrupp, found.yrkeskod, found.legitimerad) == ("fysioterapeut", "XS918", True)
        origin = mapped.provenance["personal[0].yrkesgrupp"]
        assert origin.paths[0] == f"{contact.at(action)}.code.coding[0].code"
        assert f"{contact.at(action)}.performer[0].actor.reference" in origin.paths
        assert "STAFF-BY-ATGARD" in origin.by

    def test_a_profession_that_was_sent_stands(self, contact):
        self.perform(contact)
        assert self.first(contact).yrkesgrupp == "lakare"

    def test_somebody_elses_action_says_nothing(self, contact):
        del contact.role["code"]
        self.perform(contact, who=contact.staff("SE2321000016-C1"))
        assert self.first(contact).yrkesgrupp is None

    def test_an_action_that_was_not_carried_out_says_nothing(self, contact):
        del contact.role["code"]
        self.perform(contact, status="not-done")
        assert self.first(contact).yrkesgrupp is None

    def test_another_action_says_nothing(self, contact):
        del contact.role["code"]
        self.perform(contact, "DV063")
        assert self.first(contact).yrkesgrupp is None
