"""Who asked for the contact."""

from adapter.domain.event import Kombika

HSA = "urn:oid:1.2.752.29.4.19"
KOMBIKA = "https://uid.regionstockholm.se/kombika"


def referral(contact, requester):
    request = contact.add("ServiceRequest", status="completed", intent="order", requester=requester)
    contact.encounter.setdefault("basedOn", []).append(contact.ref(request))
    return request


def test_the_requesting_unit_is_the_remittent(contact):
    unit = {"identifier": {"system": "https://uid.regionstockholm.se/kombika", "value": "30217312003"}}
    request = referral(contact, unit)
    mapped = contact.map()
    assert mapped.event.kontakt.remittent == Kombika(inr="30217", klin="312", avd="003")
    path = f"{contact.at(request)}.requester.identifier.value"
    assert mapped.provenance["kontakt.remittent.inr"].paths[0] == path


def test_a_requesting_physicians_unit_is_the_remittent(contact):
    role = contact.add("PractitionerRole", organization=contact.ref(contact.unit))
    referral(contact, contact.ref(role))
    assert contact.map().event.kontakt.remittent == Kombika(inr="30216", klin="311", avd="002")


def test_a_requester_without_kombika_gives_no_remittent(contact):
    referral(contact, contact.ref(contact.practitioner))
    assert contact.map().event.kontakt.remittent is None


def test_a_remittent_known_by_hsa_id_is_looked_up_on_the_date_of_care(contact, found):
    requester = {"identifier": {"system": HSA, "value": "SE2321000016-T3ST"}}
    request = referral(contact, requester)
    mapped = contact.map()
    assert mapped.event.kontakt.remittent == Kombika(inr="30218", klin="313", avd="A02")
    origin = mapped.provenance["kontakt.remittent.avd"]
    assert origin.by == ("KT-REMITTENT", "UNIT-KOMBIKA-TABLE")
    assert f"{contact.at(request)}.requester.identifier.value" in origin.paths
    assert f"{contact.at(contact.encounter)}.period.start" in origin.paths
    contact.encounter["period"] = {"start": "2024-12-31"}
    assert contact.map().event.kontakt.remittent == Kombika(inr="30218", klin="313", avd="A01")


def test_a_remittent_without_any_kombika_is_told(contact, found):
    referral(contact, {"identifier": {"system": HSA, "value": "SE2321000016-ZZ99"}})
    mapped = contact.map()
    assert (mapped.event.kontakt.remittent, found(mapped)) == (None, ["KT-REMITTENT-OKAND"])


def test_a_persons_hsa_id_is_no_units(contact, found):
    contact.practitioner["identifier"][0]["value"] = "SE2321000016-5RRR"
    referral(contact, contact.ref(contact.practitioner))
    mapped = contact.map()
    assert (mapped.event.kontakt.remittent, found(mapped)) == (None, ["KT-REMITTENT-OKAND"])


def test_a_self_referral_has_no_remittent_and_nothing_is_missing(contact, found):
    referral(contact, contact.ref(contact.patient))
    mapped = contact.map()
    assert (mapped.event.kontakt.remittent, found(mapped)) == (None, [])


def test_a_kombika_that_is_not_valid_on_the_date_of_care_is_left_out(contact, found):
    referral(contact, {"identifier": {"system": KOMBIKA, "value": "30218313A01"}})
    mapped = contact.map()
    assert (mapped.event.kontakt.remittent, found(mapped)) == (None, ["KT-REMITTENT-OGILTIG"])
    contact.encounter["period"] = {"start": "2024-12-31"}
    assert contact.map().event.kontakt.remittent == Kombika(inr="30218", klin="313", avd="A01")


def test_a_kombika_that_no_table_knows_is_passed_on_with_a_warning(contact, found):
    referral(contact, {"identifier": {"system": KOMBIKA, "value": "99999999999"}})
    mapped = contact.map()
    assert mapped.event.kontakt.remittent == Kombika(inr="99999", klin="999", avd="999")
    assert found(mapped) == ["KT-REMITTENT-OKONTROLLERAD"]
    assert mapped.findings[0].severity == "warning"


def test_a_malformed_kombika_of_the_remittent_does_not_stop_the_contact(contact, found):
    referral(contact, {"identifier": {"system": KOMBIKA, "value": "3"}})
    mapped = contact.map()
    assert mapped.event.kontakt.remittent is None
    assert found(mapped) == ["KT-REMITTENT-OGILTIG", "KT-REMITTENT-OKAND"]
    assert all(finding.severity != "error" for finding in mapped.findings)


def test_of_two_remittents_the_first_counts_and_the_other_is_told(contact, found):
    for value in ("30217312003", "30219314001"):
        referral(contact, {"identifier": {"system": KOMBIKA, "value": value}})
    mapped = contact.map()
    assert mapped.event.kontakt.remittent == Kombika(inr="30217", klin="312", avd="003")
    assert found(mapped) == ["KT-REMITTENT-FLERA"]


def test_two_referrals_of_one_remittent_are_one(contact, found):
    for _ in range(2):
        referral(contact, {"identifier": {"system": KOMBIKA, "value": "30217312003"}})
    assert found(contact.map()) == []
