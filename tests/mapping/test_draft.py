"""Leaves of references and identifiers."""

import pytest

from adapter.mapping.draft import identifier_paths, reference_paths


@pytest.mark.parametrize(
    ("reference", "paths"),
    [
        ({"reference": "Patient/1"}, ("x.reference",)),
        ({"reference": "Patient/1", "identifier": {"value": "1"}}, ("x.reference",)),
        ({"identifier": {"value": "1"}}, ("x.identifier.value",)),
        ({"identifier": {"value": "1", "system": "s"}}, ("x.identifier.value", "x.identifier.system")),
        ({"display": "Vården"}, ()),
        ({"identifier": {}}, ()),
    ],
)
def test_a_target_is_found_by_the_reference_else_by_the_identifier(reference, paths):
    assert reference_paths(reference, "x") == paths


def test_an_identifier_is_its_value_and_the_system_that_it_has():
    assert identifier_paths({"value": "1", "system": "s"}, "y") == ("y.value", "y.system")
    assert identifier_paths({"value": "1"}, "y") == ("y.value",)
