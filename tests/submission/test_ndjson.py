"""A bulk export becomes one bundle per contact."""

from typing import Any

from adapter.submission.ndjson import collection, contacts, key_of, links_of


def group_contacts(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_key = {key: one for one in resources if (key := key_of(one)) is not None}
    links = {key: links_of(one) for key, one in by_key.items()}
    return [collection((key, by_key[key]) for key in members) for members in contacts(links)]


def resource(kind: str, number: str, **members: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": number, **members}


def to(target: str) -> dict[str, str]:
    return {"reference": target}


def members(bundle: dict[str, Any]) -> set[str]:
    return {f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in bundle["entry"]}


PATIENT = resource("Patient", "p", managingOrganization=to("Organization/o"))
UNIT = resource("Organization", "o")


def test_a_contact_has_what_points_at_it_and_what_it_refers_to() -> None:
    bundles = group_contacts(
        [
            PATIENT,
            UNIT,
            resource("Encounter", "e", subject=to("Patient/p")),
            resource("Condition", "c", encounter=to("Encounter/e"), subject=to("Patient/p")),
            resource("Procedure", "r", encounter=to("https://ehr.example/fhir/Encounter/e/_history/2")),
            resource("Condition", "elsewhere", subject=to("Patient/p")),
        ]
    )
    assert [members(bundle) for bundle in bundles] == [
        {"Encounter/e", "Condition/c", "Procedure/r", "Patient/p", "Organization/o"}
    ]


def test_contacts_of_one_patient_stay_apart() -> None:
    bundles = group_contacts(
        [
            resource("Encounter", "a", subject=to("Patient/p")),
            resource("Encounter", "b", subject=to("Patient/p")),
            PATIENT,
        ]
    )
    assert [members(bundle) for bundle in bundles] == [
        {"Encounter/a", "Patient/p"},
        {"Encounter/b", "Patient/p"},
    ]


def test_parts_of_a_contact_come_with_it_whichever_is_first() -> None:
    bundles = group_contacts(
        [
            resource("Encounter", "part", partOf=to("Encounter/whole")),
            resource("Encounter", "whole", subject=to("Patient/p")),
            resource("Encounter", "other", partOf=to("Encounter/whole")),
        ]
    )
    assert [members(bundle) for bundle in bundles] == [
        {"Encounter/part", "Encounter/whole", "Encounter/other"}
    ]


def test_encounters_that_are_parts_of_each_other_do_not_hang() -> None:
    bundles = group_contacts(
        [
            resource("Encounter", "a", partOf=to("Encounter/b")),
            resource("Encounter", "b", partOf=to("Encounter/a")),
        ]
    )
    assert [members(bundle) for bundle in bundles] == [{"Encounter/a", "Encounter/b"}]


def test_the_bundle_is_a_collection_whose_relative_references_resolve() -> None:
    (bundle,) = group_contacts([resource("Encounter", "e", subject=to("Patient/p")), PATIENT])
    assert bundle["type"] == "collection"
    assert all(
        entry["fullUrl"].endswith(f"/{entry['resource']['resourceType']}/{entry['resource']['id']}")
        for entry in bundle["entry"]
    )
