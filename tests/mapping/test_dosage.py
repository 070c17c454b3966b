"""Whether two prescriptions say the same dosage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.mapping.dosage import compare


def dose(value, unit="mg", **more):
    return [{"doseAndRate": [{"doseQuantity": {"value": value, "code": unit}}], **more}]


def daily(times, **repeat):
    return {"timing": {"repeat": {"frequency": times, "period": 1, "periodUnit": "d", **repeat}}}


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ([{"text": "1 tablett dagligen"}], [{"text": " 1  Tablett dagligen."}], "same"),
        ([{"text": "1 tablett dagligen"}], [{"text": "2 tabletter dagligen"}], "changed"),
        (dose(5), dose(5.0), "same"),
        (dose(5), dose(10), "changed"),
        (dose(500), dose(0.5, "g"), "same"),
        (dose(1, "ml"), dose(1, "mg"), "changed"),
        (dose(5, **daily(1)), dose(5, **daily(2)), "changed"),
        (dose(5, text="förr"), dose(5, text="nu"), "same"),
        (dose(5, additionalInstruction=[{"text": "till maten"}]), dose(5), "same"),
        (
            dose(5, **daily(1, boundsPeriod={"start": "2024-01-01"})),
            dose(5, **daily(1, boundsPeriod={"start": "2025-01-01"})),
            "same",
        ),
        (dose(5, asNeededBoolean=True), dose(5), "changed"),
        (dose(5, sequence=1) + dose(10, sequence=2), dose(10, sequence=2) + dose(5, sequence=1), "same"),
        (dose(5) + dose(10), dose(5), "changed"),
        (dose(5), [{"text": "5 mg"}], "unknown"),
        (dose(5), None, "unknown"),
        ([], dose(5), "unknown"),
        ([{}], [{}], "unknown"),
        ([{"asNeededBoolean": True}], [{"asNeededBoolean": False}], "unknown"),
        (dose("5"), dose(5), "changed"),
        (7, dose(5), "unknown"),
        ([7], [7], "unknown"),
    ],
)
def test_what_the_patient_takes_is_compared_and_nothing_else(one, other, verdict):
    assert compare(one, other) == verdict
    assert compare(other, one) == verdict


def test_codings_are_the_same_whatever_they_display():
    route = {"coding": [{"system": "s", "code": "po", "display": "oral"}], "text": "oralt"}
    shown = {"coding": [{"system": "s", "code": "po", "display": "Oral use"}]}
    assert compare(dose(5, route=route), dose(5, route=shown)) == "same"


numbers = st.integers(1, 2000)


@given(numbers, numbers, st.sampled_from(["mg", "g", "ml", "tablett"]))
def test_a_dose_differs_exactly_when_the_amount_does(one, other, unit):
    assert compare(dose(one, unit), dose(other, unit)) == ("same" if one == other else "changed")


@given(numbers)
def test_the_same_amount_in_another_unit_is_the_same(milligrams):
    assert compare(dose(milligrams), dose(milligrams / 1000, "g")) == "same"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "timing", "doseAndRate", "value", "coding", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(json_values, json_values)
def test_no_shape_is_a_fault(one, other):
    assert compare(one, other) in ("same", "changed", "unknown")
