import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.domain.codes import (
    DIAGNOSIS_SYSTEMS,
    REHAB_COORDINATION,
    TECHNIQUE_CODES,
    has_shape,
    normalise,
)


@pytest.mark.parametrize(
    ("sent", "compared"),
    [
        ("J18.9", "J189"),
        ("J189", "J189"),
        ("j18.9", "J189"),
        (" B34.1A ", "B341A"),
        ("G01.9*", "G019"),
        ("A17.0†", "A170"),
        ("A17.0+", "A170"),
        ("K29-", "K29-"),
        ("xs012", "XS012"),
    ],
)
def test_codes_compare_without_dot_marks_case_and_space(sent, compared):
    assert normalise(sent) == compared


@given(st.text("ABjx019 .*†+-", max_size=8))
@settings(max_examples=60)
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize("code", ["J18", "J189", "B341A", "I109", "S7200", "Z000", "W0199", "U071"])
def test_shapes_of_icd_10_se(code):
    assert has_shape("icd-10-se", code) is True


@pytest.mark.parametrize(
    "code", ["", "J", "J1", "18.9", "J18.9", "JJ89", "XS012", "J1899999", "K29-", "Å189"]
)
def test_other_shapes_are_no_icd_10_se(code):
    assert has_shape("icd-10-se", code) is False


@pytest.mark.parametrize("code", ["J069P", "K29-", "A09-P", "I109", "R53-", "F32"])
def test_shapes_of_the_primary_care_edition(code):
    assert has_shape("ksh97-p", code) is True


@pytest.mark.parametrize("code", ["XS012", "UX007", "ZV051", "GC001", "NHP09", "UJF32", "XS012A"])
def test_shapes_of_kva(code):
    assert has_shape("kva", code) is True


@pytest.mark.parametrize("code", ["", "X0123", "XS01", "XSAB12", "J189", "12345", "XS012ABCD"])
def test_other_shapes_are_no_kva(code):
    assert has_shape("kva", code) is False


def test_a_system_without_a_shape_judges_nothing():
    assert has_shape("gvr-taxa", "whatever") is None


def test_technique_codes_are_kva():
    assert all(has_shape("kva", code) for code in TECHNIQUE_CODES | {REHAB_COORDINATION})
    assert REHAB_COORDINATION not in TECHNIQUE_CODES
    assert "kva" not in DIAGNOSIS_SYSTEMS
