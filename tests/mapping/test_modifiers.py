"""Modifier extensions that nobody knows stop the event, and no other one."""

import pytest

from adapter.mapping import modifiers

UNKNOWN = [{"url": "https://journal.example/negerad", "valueBoolean": True}]


def told(mapped):
    return [finding for finding in mapped.findings if finding.rule == "FHIR-MODIFIER-EXTENSION"]


def owners(contact):
    return {
        "Encounter": contact.encounter,
        "Patient": contact.patient,
        "Condition": contact.condition("J189"),
        "Procedure": contact.procedure("AV034"),
        "Organization": contact.unit,
        "PractitionerRole": contact.role,
        "Practitioner": contact.practitioner,
    }


@pytest.mark.parametrize(
    "kind",
    ["Encounter", "Patient", "Condition", "Procedure", "Organization", "PractitionerRole", "Practitioner"],
)
def test_on_a_resource_that_is_read_it_is_an_error_there(contact, kind):
    owner = owners(contact)[kind]
    owner["modifierExtension"] = UNKNOWN
    (finding,) = told(contact.map())
    assert finding.severity == "error"
    assert finding.expression == (f"{contact.at(owner)}.modifierExtension[0]",)


def test_on_a_part_of_a_resource_as_well(contact):
    contact.encounter["participant"][0]["modifierExtension"] = UNKNOWN
    (finding,) = told(contact.map())
    assert finding.expression == (f"{contact.at(contact.encounter)}.participant[0].modifierExtension[0]",)


def test_on_evidence_of_a_decision_as_well(contact):
    contact.distance()
    contact.prescription(modifierExtension=UNKNOWN)
    assert len(told(contact.map())) == 1


def test_on_a_resource_that_is_not_read_it_is_nobodys_business(contact):
    contact.add("Observation", modifierExtension=UNKNOWN)
    assert told(contact.map()) == []


def test_an_ordinary_extension_is_no_modifier(contact):
    contact.encounter["extension"] = UNKNOWN
    assert told(contact.map()) == []


def test_one_contacts_modifier_does_not_stop_another(contact):
    other = {**contact.encounter, "identifier": [{"system": "s", "value": "2"}], "modifierExtension": UNKNOWN}
    contact.add("Encounter", **other)
    first, second = contact.map_all()
    assert told(first) == []
    assert len(told(second)) == 1


def test_a_fast_lakarkontakt_is_stopped_by_one_of_its_own_resources(contact):
    since = "https://vardbro.example/fhir/StructureDefinition/fast-lakarkontakt-fran"
    contact.patient["generalPractitioner"] = [
        {**contact.ref(contact.role), "extension": [{"url": since, "valueDate": "2025-01-01"}]}
    ]
    contact.condition("J189")["modifierExtension"] = UNKNOWN
    visit, link = contact.map_all()
    assert (len(told(visit)), told(link)) == (1, [])
    contact.role["modifierExtension"] = UNKNOWN
    visit, link = contact.map_all()
    assert [one.expression for one in told(link)] == [(contact.at(contact.role) + ".modifierExtension[0]",)]


@pytest.mark.parametrize("element", ["", ".request"])
def test_a_deletion_is_stopped_by_one_of_its_entry(contact, element):
    request = {"method": "DELETE", "url": "Encounter?identifier=https://journal.example/vk|9"}
    entry = {"request": request}
    (request if element else entry)["modifierExtension"] = UNKNOWN
    contact.entries.append(entry)
    visit, deletion = contact.map_all()
    assert told(visit) == []
    index = len(contact.entries) - 1
    assert [one.expression for one in told(deletion)] == [
        (f"Bundle.entry[{index}]{element}.modifierExtension[0]",)
    ]


def test_one_that_the_mapping_understands_stops_nothing(contact, monkeypatch):
    monkeypatch.setattr(modifiers, "KNOWN", frozenset(("https://journal.example/forstadd",)))
    contact.encounter["modifierExtension"] = [
        {"url": "https://journal.example/forstadd", "valueBoolean": True},
        *UNKNOWN,
    ]
    (finding,) = told(contact.map())
    assert finding.expression == (f"{contact.at(contact.encounter)}.modifierExtension[1]",)


@pytest.mark.parametrize("kind", ["Encounter", "Patient", "Condition", "Organization", "PractitionerRole"])
def test_rules_that_nobody_knows_stop_the_event_as_well(contact, kind):
    owner = owners(contact)[kind]
    owner["implicitRules"] = "https://journal.example/regler"
    found = [one for one in contact.map().findings if one.rule == "FHIR-IMPLICIT-RULES"]
    assert [(one.severity, one.expression) for one in found] == [
        ("error", (f"{contact.at(owner)}.implicitRules",))
    ]
