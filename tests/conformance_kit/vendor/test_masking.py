"""File names in a report hold no identity numbers and no names of persons."""

import pytest

from adapter.conformance.vendor.masking import masked_name

ANNA = {
    "resourceType": "Bundle",
    "entry": [
        {
            "resource": {
                "resourceType": "Patient",
                "id": "MRN-4711",
                "identifier": [{"system": "x", "value": "501234567"}],
                "name": [{"family": "Åström-Öberg", "given": ["Anna", "Eva697"], "use": "official"}],
                "contact": [{"name": {"family": "Kontakt"}}],
            }
        },
        {"resource": {"resourceType": "Encounter", "contained": [
            {"resourceType": "Practitioner", "name": [{"text": "Dr Bo Ek"}]}]}},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("besok-2025-03.json", "besok-2025-03.json"),
        ("191212121212.json", "***.json (#7)"),
        ("19121212-1212_besok.json", "***_besok.json (#7)"),
        ("121212+1212.json", "***.json (#7)"),
        ("19810829M071.json", "***.json (#7)"),
        ("lma 501234567.json", "lma ***.json (#7)"),
        ("mrn-4711-besok.json", "***-besok.json (#7)"),
        ("Anna_Astrom.json", "***_***.json (#7)"),
        ("ÅSTRÖM ÖBERG eva697_1.json", "*** *** ***697_1.json (#7)"),
        ("official.json", "official.json"),
        ("bo.json", "***.json (#7)"),
        ("Annas.json", "Annas.json"),
    ],
)
def test_numbers_and_names_of_the_persons_in_the_bundle_are_masked(name: str, shown: str) -> None:
    assert masked_name(name, ANNA, 7) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Anna Andersson.json", "***.json (#3)"),
        ("191212121212", "*** (#3)"),
        ("a.Anna Andersson", "*** (#3)"),
    ],
)
def test_of_a_file_that_cannot_be_read_nothing_but_the_kind_is_shown(name: str, shown: str) -> None:
    assert masked_name(name, None, 3) == shown


def test_a_strange_patient_is_no_fault() -> None:
    for patient in ({"name": "x"}, {"name": [1]}, {"identifier": "y"}, {"identifier": [None]}, {"id": 7}):
        assert masked_name("a.json", {"resourceType": "Patient", **patient}, 1) == "a.json"
