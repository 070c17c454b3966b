"""What references lead to, in every form that senders use."""

from typing import Any

import pytest

from adapter.fhir.bundle import Bundle, Node

UUID = "urn:uuid:00000001-1111-4222-8333-444444444444"
SERVER = "https://ehr.example/fhir"


def a_bundle(*entries: dict[str, Any], **more: Any) -> Bundle:
    return Bundle({"resourceType": "Bundle", "type": "collection", "entry": list(entries), **more})


def an_entry(kind: str, url: str | None = None, **members: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"resource": {"resourceType": kind, **members}}
    return {"fullUrl": url, **entry} if url else entry


def base_of(bundle: Bundle) -> Node:
    return bundle.of_type("Encounter")[0]


def literal(text: str) -> dict[str, str]:
    return {"reference": text}


@pytest.mark.parametrize(
    ("patient", "text"),
    [
        (an_entry("Patient", UUID), UUID),
        (an_entry("Patient", f"{SERVER}/Patient/1"), f"{SERVER}/Patient/1"),
        (an_entry("Patient", f"{SERVER}/Patient/1"), f"{SERVER}/Patient/1/_history/3"),
        (an_entry("Patient", f"{SERVER}/Patient/1"), "Patient/1"),
        (an_entry("Patient", f"{SERVER}/Patient/1"), "Patient/1/_history/3"),
        (an_entry("Patient", "https://other.example/Patient/1"), "Patient/1"),
        (an_entry("Patient", id="1"), "Patient/1"),
        (an_entry("Patient", UUID, id="1"), "Patient/1"),
        (an_entry("Patient", id="1"), f"{SERVER}/Patient/1"),
        (
            an_entry("Patient", UUID, identifier=[{"system": "urn:oid:1.2", "value": "7"}]),
            "Patient?identifier=urn:oid:1.2|7",
        ),
        (
            an_entry("Patient", identifier=[{"system": "urn:oid:1.2", "value": "7"}]),
            "Patient?identifier=urn%3Aoid%3A1.2%7C7",
        ),
        (
            an_entry("Patient", identifier=[{"system": "http://X.example/", "value": "7"}]),
            "Patient?identifier=http://x.example|7",
        ),
        (an_entry("Patient", identifier=[{"system": "urn:oid:1.2", "value": "7"}]), "Patient?identifier=7"),
        (an_entry("Patient", id="1"), "Patient?_id=1"),
    ],
)
def test_a_literal_reference_leads_to_its_resource(patient: dict[str, Any], text: str) -> None:
    bundle = a_bundle(an_entry("Encounter", f"{SERVER}/Encounter/9"), patient)

    node = bundle.resolve(literal(text), base_of(bundle))

    assert node is not None
    assert (node.type, node.entry, node.path) == ("Patient", 1, "Bundle.entry[1].resource")


@pytest.mark.parametrize(
    "text",
    [
        "Patient/2",
        "Group/1",
        "https://other.example/Patient/1",
        "urn:uuid:00000009-1111-4222-8333-444444444444",
        "Patient?identifier=urn:oid:9|7",
        "Practitioner?identifier=urn:oid:1.2|7",
        "Patient?name=x",
        "Patient?identifier=urn:oid:1.2|7&active=true",
        "no reference",
        "#p",
        "",
    ],
)
def test_a_reference_to_what_is_not_there_leads_nowhere(text: str) -> None:
    patient = an_entry(
        "Patient", f"{SERVER}/Patient/1", id="1", identifier=[{"system": "urn:oid:1.2", "value": "7"}]
    )
    bundle = a_bundle(an_entry("Encounter"), patient)

    assert bundle.resolve(literal(text), base_of(bundle)) is None


def test_a_relative_reference_prefers_the_server_of_its_own_resource() -> None:
    bundle = a_bundle(
        an_entry("Patient", "https://other.example/Patient/1"),
        an_entry("Patient", f"{SERVER}/Patient/1"),
        an_entry("Encounter", f"{SERVER}/Encounter/9"),
    )

    node = bundle.resolve(literal("Patient/1"), base_of(bundle))

    assert node is not None
    assert node.entry == 1


def test_a_logical_reference_leads_to_the_resource_with_that_identifier() -> None:
    bundle = a_bundle(
        an_entry("Encounter"),
        an_entry("Practitioner", identifier=[{"system": "1.2.3", "value": "A"}]),
        an_entry("Organization", identifier=[{"system": "urn:oid:1.2.3", "value": "A"}]),
    )
    identifier = {"system": "urn:oid:1.2.3", "value": "A"}

    node = bundle.resolve({"type": "Organization", "identifier": identifier}, base_of(bundle))

    assert node is not None
    assert node.entry == 2
    assert bundle.resolve({"identifier": identifier}, base_of(bundle)) is None


def test_an_identifier_helps_where_the_literal_reference_does_not() -> None:
    bundle = a_bundle(an_entry("Encounter"), an_entry("Patient", identifier=[{"value": "7"}]))

    node = bundle.resolve({"reference": "Patient/x", "identifier": {"value": "7"}}, base_of(bundle))

    assert node is not None
    assert node.entry == 1


def test_what_fits_two_resources_leads_nowhere() -> None:
    twice = an_entry("Patient", id="1", identifier=[{"value": "7"}])
    bundle = a_bundle(an_entry("Encounter"), twice, twice)

    assert bundle.resolve(literal("Patient/1"), base_of(bundle)) is None
    assert bundle.resolve({"identifier": {"value": "7"}}, base_of(bundle)) is None


def test_contained_resources_and_their_container_find_each_other() -> None:
    bundle = a_bundle(
        an_entry("Patient", contained=[{"resourceType": "Organization", "id": "o"}]),
        an_entry(
            "Encounter",
            contained=[{"resourceType": "Location", "id": "x"}, {"resourceType": "Patient", "id": "o"}],
        ),
    )

    inner = bundle.resolve(literal("#o"), base_of(bundle))

    assert inner is not None
    assert (inner.type, inner.path) == ("Patient", "Bundle.entry[1].resource.contained[1]")
    assert bundle.resolve(literal("#x"), inner) is not None
    assert bundle.resolve(literal("#"), inner) == base_of(bundle)


def test_keys_are_equal_for_the_same_target_and_different_for_others() -> None:
    bundle = a_bundle(
        an_entry("Encounter", contained=[{"resourceType": "Patient", "id": "p"}]),
        an_entry("Patient", UUID, id="1", identifier=[{"value": "7"}]),
    )
    base = base_of(bundle)

    assert bundle.key(literal(UUID), base) == bundle.key(literal("Patient/1"), base)
    assert bundle.key(literal(UUID), base) == bundle.key({"identifier": {"value": "7"}}, base)
    assert bundle.key(literal("Patient/8/_history/1"), base) == bundle.key(literal("Patient/8"), base)
    assert bundle.key(literal("Patient/8"), base) != bundle.key(literal("Patient/9"), base)
    outside = {"system": "urn:oid:1.2", "value": "9"}
    assert bundle.key({"identifier": outside}, base) == bundle.key(
        {"identifier": {**outside, "system": "1.2"}}, base
    )
    assert bundle.key({"display": "x"}, base) is None


def test_resources_come_by_type_in_the_order_of_the_bundle() -> None:
    bundle = a_bundle(an_entry("Condition", id="b"), an_entry("Patient"), an_entry("Condition", id="a"))

    assert [node.resource["id"] for node in bundle.of_type("Condition")] == ["b", "a"]
    assert [node.path for node in bundle.of_type("Condition")] == [
        "Bundle.entry[0].resource",
        "Bundle.entry[2].resource",
    ]
    assert bundle.of_type("Procedure") == ()


def test_the_bundles_own_members_are_there() -> None:
    request = {"method": "DELETE", "url": "Encounter/1"}
    bundle = a_bundle(
        {"request": request},
        id="b1",
        timestamp="2026-03-02T10:00:00Z",
        identifier={"system": "urn:oid:1.2", "value": "k"},
    )

    assert (bundle.type, bundle.id, bundle.timestamp) == ("collection", "b1", "2026-03-02T10:00:00Z")
    assert bundle.identifier == ("urn:oid:1.2", "k")
    (entry,) = bundle.entries
    assert (entry.index, entry.path, entry.method, entry.url) == (
        0,
        "Bundle.entry[0]",
        "DELETE",
        "Encounter/1",
    )
    assert entry.resource is None


def test_a_bundle_without_some_entries_keeps_the_places_of_the_others() -> None:
    bundle = a_bundle(an_entry("Patient", UUID), an_entry("Encounter")).without(frozenset({0}))

    assert bundle.of_type("Patient") == ()
    assert base_of(bundle).path == "Bundle.entry[1].resource"
    assert bundle.resolve(literal(UUID), base_of(bundle)) is None
    assert len(bundle.entries) == 2
