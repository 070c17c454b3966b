"""What the care guarantee's judgement needs beside the event: codes, referrer, earlier contact."""

import pytest
from msgspec.structs import replace

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle
from adapter.mapping.concept_maps import ConceptMaps

HSA = "urn:oid:1.2.752.29.4.19"
HOSP = "urn:oid:1.2.752.116.3.1.3"
GROUPS = {
    "resourceType": "ConceptMap",
    "id": "kva-vardgarantigrupp",
    "group": [
        {
            "source": "http://electronichealth.se/id/kva",
            "target": "https://vardbro.example/fhir/CodeSystem/vardgarantigrupp",
            "element": [{"code": "QX999", "target": [{"code": "suturtagning", "equivalence": "wider"}]}],
        }
    ],
}


@pytest.fixture
def dietist(contact):
    """A contact with a dietist, about what the sender says to be a new problem."""
    contact.role["code"] = [contact.concept(HOSP, "DT")]
    contact.extension("nytt-halsoproblem", valueBoolean=True)
    return contact


def referred(contact, unit=None, code="LK"):
    """A ServiceRequest of somebody with this profession, at a unit or nobody knows where."""
    doctor = contact.add("Practitioner", identifier=[{"system": HSA, "value": "SE2321000016-REF"}])
    where = {} if unit is None else {"organization": contact.ref(unit)}
    role = contact.add(
        "PractitionerRole", practitioner=contact.ref(doctor), code=[contact.concept(HOSP, code)], **where
    )
    request = contact.add("ServiceRequest", status="completed", intent="order", requester=contact.ref(role))
    contact.encounter.setdefault("basedOn", []).append(contact.ref(request))
    return role


def another_unit(contact):
    return contact.add("Organization", identifier=[{"system": HSA, "value": "SE2321000016-ORT"}])


def judged(contact):
    return contact.map().event.vardgaranti.regel


def test_the_action_that_says_what_the_contact_was_about_is_traced(contact, contexts):
    contact.procedure("XS007")
    action = contact.procedure("QX999")
    context = contexts()
    maps = ConceptMaps([GROUPS], context.aliases)
    (mapped,) = map_bundle(Bundle(contact.bundle()), replace(context, concept_maps=maps))
    assert mapped.event.vardgaranti.regel == "VG-SUTURTAGNING"
    paths = mapped.provenance["vardgaranti.regel"].paths
    assert f"{contact.at(action)}.code.coding[0].code" in paths


def test_a_new_problem_is_covered_when_another_unit_refers_it(dietist):
    referred(dietist, another_unit(dietist))
    assert judged(dietist) == "VG-NYTT"


def test_a_new_problem_is_assessed_already_when_the_own_unit_refers_it(dietist):
    referred(dietist, dietist.unit)
    assert judged(dietist) == "VG-LAKARREMISS"


def test_the_first_referral_of_a_physician_counts_whatever_was_asked_before(dietist):
    referred(dietist, dietist.unit, "SJ")
    nobodys = dietist.add("ServiceRequest", status="completed", intent="order")
    dietist.encounter["basedOn"].append(dietist.ref(nobodys))
    referred(dietist, dietist.unit)
    assert judged(dietist) == "VG-LAKARREMISS"


def earlier(contact, number, could=None, **period):
    """A contact of last week, with a word on whether they could assess the patient, where they say so."""
    first = contact.add(
        "Encounter",
        identifier=[{"system": "https://journal.example/vk", "value": number}],
        status="finished",
        subject=contact.ref(contact.patient),
        period={"start": "2025-02-27T08:00:00+01:00", **period},
        serviceProvider=contact.ref(contact.unit),
    )
    first["class"] = dict(contact.encounter["class"])
    if could is not None:
        contact.extension("kompetens", first, valueBoolean=could)
    return first


def by_order(contact, first):
    order = contact.add("ServiceRequest", status="active", intent="order", encounter=contact.ref(first))
    contact.encounter.setdefault("basedOn", []).append(contact.ref(order))


def of_the_visit(contact):
    return contact.map_all()[0].event.vardgaranti


def test_an_earlier_contact_that_the_bundle_lacks_hides_no_other(contact):
    contact.encounter["partOf"] = {"reference": "Encounter/from-another-bundle"}
    by_order(contact, earlier(contact, "0", could=False))
    found = of_the_visit(contact)
    assert (found.regel, found.start) == ("VG-KOMPETENS-NEJ", "2025-02-27")


def test_an_earlier_contact_that_says_nothing_hides_no_other(contact):
    contact.encounter["partOf"] = contact.ref(earlier(contact, "0"))
    by_order(contact, earlier(contact, "00", could=True))
    assert of_the_visit(contact).regel == "VG-BEDOMD"
