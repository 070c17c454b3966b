"""What is looked at in every contact, and what is passed over with a reason."""

import pytest

from adapter.mapping.left_out import is_read, reason


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("Encounter.status", True),
        ("Condition.id", True),
        ("Encounter.identifier.use", True),
        ("Encounter.participant.individual.type", True),
        ("Encounter.hospitalization.origin.type", False),
        ("Encounter.reasonCode", False),
        ("Patient.telecom.use", False),
    ],
)
def test_an_element_is_read_by_its_path_or_by_its_last_two_names(pattern, expected):
    assert is_read(pattern) is expected


@pytest.mark.parametrize("pattern", ["Patient.name", "Procedure.note", "Condition.code.text"])
def test_what_is_passed_over_has_its_reason(pattern):
    assert reason(pattern) is not None


def test_what_nobody_passes_over_has_none():
    assert reason("Encounter.reasonCode") is None
