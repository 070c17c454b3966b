"""The way back from an Encounter to what names it."""

from adapter.fhir.bundle import Bundle
from adapter.mapping.links import Links


def of(contact):
    bundle = Bundle(contact.bundle())
    return bundle, Links(bundle)


def test_conditions_and_procedures_are_found_from_their_encounter(contact):
    condition, procedure = contact.condition("J189"), contact.procedure("AV034")
    bundle, links = of(contact)
    (encounter,) = bundle.of_type("Encounter")
    assert [one.node.path for one in links.conditions(encounter)] == [contact.at(condition)]
    assert [one.node.path for one in links.procedures(encounter)] == [contact.at(procedure)]
    assert links.procedures(encounter)[0].paths == (f"{contact.at(procedure)}.encounter.reference",)
    assert (links.loose, links.strays) == ([], [])


def test_what_names_no_encounter_of_the_bundle_is_a_stray(contact):
    nowhere = contact.condition("J189", linked=False)
    elsewhere = contact.procedure("AV034", linked=False, encounter={"reference": "Encounter/annan"})
    patients = contact.condition("I109", linked=False, encounter=contact.ref(contact.patient))
    _, links = of(contact)
    strays = [one.path for one in links.strays]
    assert strays == [contact.at(nowhere), contact.at(patients), contact.at(elsewhere)]


def test_a_part_without_encounter_of_its_own_goes_with_the_whole(contact):
    whole = contact.procedure("QAE10")
    part = contact.procedure("AV034", linked=False, partOf=[contact.ref(whole)])
    _, links = of(contact)
    (loose,) = links.loose
    assert loose.node.path == contact.at(part)
    assert [(one.node.path, one.paths) for one in loose.parents] == [
        (contact.at(whole), (f"{contact.at(part)}.partOf[0].reference",))
    ]


def test_a_part_of_something_that_has_an_encounter_of_its_own_stays_there(contact):
    whole = contact.procedure("QAE10")
    contact.procedure("AV034", partOf=[contact.ref(whole)])
    _, links = of(contact)
    assert links.loose == []


def test_what_is_part_of_an_observation_has_no_parent(contact):
    seen = contact.add("Observation", status="final", code={"text": "x"})
    contact.procedure("AV034", linked=False, partOf=[contact.ref(seen)])
    _, links = of(contact)
    (loose,) = links.loose
    assert loose.parents == ()
