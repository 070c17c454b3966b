import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.domain.hsa import parse_hsa_id, same_hsa_id


@pytest.mark.parametrize(
    "value",
    [
        "SE2321000016-4HK5",
        "SE2321000131-P000000123456",
        "SE162321000016-1AB2",
        "SE2321000016-" + "A" * 18,
    ],
)
def test_hsa_ids_of_ten_and_twelve_digits_are_accepted(value):
    assert parse_hsa_id(value) == value


@given(st.from_regex(r"SE[0-9]{10}-[0-9A-Za-z]{1,18}", fullmatch=True))
@settings(max_examples=40)
def test_case_does_not_count(value):
    assert parse_hsa_id(value.lower()) == parse_hsa_id(value) == value.upper()
    assert same_hsa_id(value.lower(), f" {value.upper()} ")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "SE2321000016",
        "SE2321000016-",
        "SE23210000-4HK5",
        "SE23210000161-4HK5",
        "NO2321000016-4HK5",
        "SE2321000016-4H K5",
        "SE2321000016-4HÅ5",
        "SE2321000016-4HK5+30216311002",
        "SE2321000016-" + "A" * 19,
    ],
)
def test_other_forms_are_no_hsa_ids(value):
    assert parse_hsa_id(value) is None


def test_different_hsa_ids_differ():
    assert not same_hsa_id("SE2321000016-4HK5", "SE2321000016-4HK6")
