"""Unused elements: what nothing was made from shows, and what is passed over on purpose says why."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.fhir.bundle import Bundle
from adapter.mapping import map_bundle
from adapter.mapping.left_out import LEFT_OUT, READ
from adapter.mapping.tally import Tally
from adapter.mapping.unused import TYPES, Unused, unused


@pytest.fixture
def left(contact, contexts):
    """The unused elements of the builder's bundle, by element."""

    def ask():
        bundle = Bundle(contact.bundle())
        return {one.element: one for one in unused(bundle, map_bundle(bundle, contexts()))}

    return ask


def lost(found):
    """Those that nothing explains."""
    return sorted(element for element, one in found.items() if one.reason is None)


def test_of_an_ordinary_contact_nothing_is_lost(contact, left):
    contact.diagnosis("J189", rank=1, use="DD")
    contact.procedure("AV034", performedDateTime="2025-03-03")
    assert left() == {}


@pytest.mark.parametrize(
    ("kind", "element", "value"),
    [
        ("encounter", "reasonCode", [{"coding": [{"system": "urn:x", "code": "1"}]}]),
        ("encounter", "serviceType", {"text": "x"}),
        ("encounter", "extension", [{"url": "https://journal.example/prio", "valueCode": "1"}]),
        ("patient", "extension", [{"url": "https://journal.example/avtal", "valueCode": "1"}]),
        ("patient", "_birthDate", {"extension": [{"url": "urn:x", "valueCode": "1"}]}),
    ],
)
def test_an_element_that_nothing_reads_is_lost_as_a_whole(contact, left, kind, element, value):
    owner = getattr(contact, kind)
    owner[element] = value
    found = left()
    name = f"{owner['resourceType']}.{element}"
    assert lost(found) == [name]
    at = f"{contact.at(owner)}.{element}" + ("[0]" if isinstance(value, list) else "")
    assert found[name].paths == (at,)


def test_of_an_element_that_is_read_in_part_only_the_rest_is_named(contact, left):
    contact.patient["identifier"].append({"system": "https://journal.example/patient", "value": "77"})
    contact.condition("J189", code={"coding": [{"system": "https://www.icd10.se/", "code": "J189", "x": 1}]})
    found = left()
    assert lost(found) == ["Condition.code.coding.x", "Patient.identifier.value"]
    assert found["Patient.identifier.value"].paths == (f"{contact.at(contact.patient)}.identifier[1].value",)


def test_every_place_of_an_element_is_named(contact, left):
    for code in ("J189", "I109"):
        contact.condition(code, participation="x")
    assert len(left()["Condition.participation"].paths) == 2


def test_a_place_where_something_is_missed_was_not_read(contact, left):
    source = {"coding": [{"system": "urn:x", "code": "1"}]}
    contact.encounter["hospitalization"] = {"admitSource": source}  # read of stays only
    assert "Encounter.hospitalization" in left()


@pytest.mark.parametrize("element", ["name", "telecom", "address", "photo"])
def test_what_is_never_forwarded_is_left_out_on_purpose(contact, left, element):
    contact.patient[element] = [{"text": "x"}]
    found = left()
    assert lost(found) == []
    reason = found[f"Patient.{element}"].reason
    assert "never forwarded" in reason.en
    assert "aldrig" in reason.sv


def test_a_display_is_left_out_on_purpose_wherever_it_stands(contact, left):
    contact.encounter["serviceProvider"]["display"] = "Vårdcentralen"
    contact.condition("J189")["code"]["coding"][0]["display"] = "Lunginflammation"
    found = left()
    assert lost(found) == []
    assert set(found) == {"Encounter.serviceProvider.display", "Condition.code.coding.display"}


def test_what_a_finding_tells_of_is_not_silent(contact, left):
    contact.condition("x", code=contact.concept("urn:lokal", "B7"))
    contact.type("http://snomed.info/sct", "185349003")
    assert left() == {}


@pytest.mark.parametrize(
    "elements", [{"linked": False}, {"verificationStatus": {"coding": [{"code": "refuted"}]}}]
)
def test_a_resource_that_a_finding_leaves_out_is_told_as_a_whole(contact, left, elements):
    contact.condition("J189", extension=[{"url": "urn:x", "valueCode": "1"}], **elements)
    assert left() == {}


def test_a_finding_about_the_whole_encounter_hides_nothing(contact, left):
    del contact.encounter["period"]
    contact.encounter["reasonCode"] = [{"text": "hosta"}]
    assert lost(left()) == ["Encounter.reasonCode"]


def test_other_types_are_not_looked_through(contact, left):
    contact.add("Observation", status="final", valueString="x")
    assert left() == {}


def test_a_contained_patient_is_looked_through(contact, left):
    contact.encounter["contained"] = [
        {"resourceType": "Patient", "id": "p", "maritalStatus": {"text": "g"}, "x": 1}
    ]
    assert lost(left()) == ["Patient.x"]


def test_evidence_of_a_decision_is_used(contact, left):
    contact.distance()
    contact.procedure(code={"text": "x"}, category=contact.concept("http://snomed.info/sct", "277132007"))
    assert "Procedure.category" not in left()


@pytest.mark.parametrize("pattern", sorted([*LEFT_OUT, *READ]))
def test_the_tables_speak_of_the_types_that_are_looked_through(pattern):
    assert pattern.startswith(("*.", *(f"{kind}." for kind in TYPES)))
    assert "[" not in pattern


def test_no_element_is_both_read_and_left_out():
    assert not LEFT_OUT.keys() & READ


def test_the_count_over_many_bundles_puts_what_nothing_explains_first():
    tally = Tally()
    known = Unused("Patient.name", ("a", "b"), LEFT_OUT["Patient.name"])
    tally.add([known, Unused("Encounter.reasonCode", ("c",))])
    tally.add([known])
    tally.add([])
    assert tally.bundles == 3
    assert [(line.element, line.bundles, line.places) for line in tally.lines()] == [
        ("Encounter.reasonCode", 1, 1),
        ("Patient.name", 2, 4),
    ]


names = st.sampled_from(["a", "b", "text", "coding", "code", "system", "extension", "id"])
values = st.recursive(
    st.text("xy", max_size=2) | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


def test_every_leaf_that_nothing_used_lies_below_an_element_that_is_named(contact, contexts):
    builder = type(contact)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(values)
    def check(value):
        one = builder(contexts)
        one.patient["foreign"] = value
        bundle = Bundle(one.bundle())
        found = unused(bundle, map_bundle(bundle, contexts()))
        named = [path for item in found for path in item.paths]
        for path in _leaves(value, f"{one.at(one.patient)}.foreign"):
            assert any(path == above or path.startswith((above + ".", above + "[")) for above in named)

    check()


def _leaves(value, path):
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in _leaves(inner, f"{path}.{name}")]
    if isinstance(value, list):
        return [leaf for index, inner in enumerate(value) for leaf in _leaves(inner, f"{path}[{index}]")]
    return [path]


def test_what_is_contained_and_no_resource_is_lost_and_no_fault(contact, left):
    contact.patient["contained"] = ["text"]
    assert lost(left()) == ["Patient.contained"]
