import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.domain.event import Kombika
from adapter.domain.kombika import UnitCode, parse_kombika, parse_unit_code, written


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("30216311002", ("30216", "311", "002")),
        ("19108011M04", ("19108", "011", "M04")),
        ("191080110", ("19108", "011", "0")),
        (" 19108011m04 ", ("19108", "011", "M04")),
    ],
)
def test_a_kombika_has_three_parts(value, parts):
    assert parse_kombika(value) == Kombika(inr=parts[0], klin=parts[1], avd=parts[2])


@given(st.from_regex(r"[0-9]{8}[0-9A-Z]{1,3}", fullmatch=True))
@settings(max_examples=40)
def test_what_was_read_is_written_back(value):
    kombika = parse_kombika(value)
    assert kombika is not None
    assert written(kombika) == value


@pytest.mark.parametrize(
    "value", ["", "30216311", "302163110021", "3021631100Å", "3021A311002", "30216 311 002"]
)
def test_other_forms_are_no_kombika(value):
    assert parse_kombika(value) is None
    assert parse_unit_code(value) is None


def test_a_unit_code_may_name_the_hsa_id_first():
    kombika = Kombika(inr="30216", klin="311", avd="002")
    assert parse_unit_code("se2321000016-1hz3+30216311002") == UnitCode(kombika, "SE2321000016-1HZ3")
    assert parse_unit_code("30216311002") == UnitCode(kombika, None)


@pytest.mark.parametrize(
    "value", ["SE2321000016-1HZ3", "SE2321000016-1HZ3+", "+30216311002", "SE2321000016+30216311002", "A+B+C"]
)
def test_a_unit_code_with_a_wrong_part_is_none(value):
    assert parse_unit_code(value) is None
