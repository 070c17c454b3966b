import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.domain.event import Kombika
from adapter.domain.kombika import parse_kombika
from adapter.errors import PackError
from adapter.mapping.terminology import (
    CodeTable,
    Period,
    Terminology,
    Validity,
    load_kombika,
    load_terminology,
)
from adapter.resources import data_folder

TABLES = data_folder("mappings") / "tables"
UNIT = "SE2321000016-T3ST"


def terminology(*, complete: bool) -> Terminology:
    codes = {
        "J189": (Period("1997-01-01", "9999-12-31"),),
        "U071": (Period("2020-02-05", "2024-12-31"),),
        "B199": (Period("2000-01-01", "2009-12-31"), Period("2015-01-01", "2019-12-31")),
    }
    return Terminology({"icd-10-se": CodeTable(codes, complete)})


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("J189", "2025-03-03", Validity.VALID),
        ("U071", "2020-02-04", Validity.NOT_YET),
        ("U071", "2020-02-05", Validity.VALID),
        ("U071", "2024-12-31", Validity.VALID),
        ("U071", "2025-01-01", Validity.RETIRED),
        ("B199", "1999-12-31", Validity.NOT_YET),
        ("B199", "2012-06-06", Validity.RETIRED),
        ("B199", "2016-06-06", Validity.VALID),
    ],
)
def test_a_known_code_is_judged_on_the_day_of_care(complete, code, day, expected):
    assert terminology(complete=complete).check("icd-10-se", code, day) is expected


def test_only_a_complete_table_knows_what_never_existed():
    assert terminology(complete=True).check("icd-10-se", "J999", "2025-03-03") is Validity.NEVER
    assert terminology(complete=False).check("icd-10-se", "J999", "2025-03-03") is Validity.SHAPE_OK
    assert terminology(complete=True).complete("icd-10-se")
    assert not terminology(complete=False).complete("icd-10-se")
    assert not terminology(complete=True).complete("kva")


def test_without_a_table_the_shape_decides():
    nothing = Terminology({})
    assert nothing.check("kva", "XS012", "2025-03-03") is Validity.SHAPE_OK
    assert nothing.check("kva", "J189", "2025-03-03") is Validity.SHAPE_WRONG
    assert nothing.check("gvr-taxa", "??", "2025-03-03") is Validity.SHAPE_OK


def test_every_answer_but_valid_has_a_rule_with_a_text():
    pack = yaml.safe_load((data_folder("mappings") / "rules/common/codes.yaml").read_text(encoding="utf-8"))
    told = {rule["id"]: rule["severity"] for rule in pack["rules"]}
    assert Validity.VALID.rule is None
    assert {told[answer.rule] for answer in Validity if answer.rule} == {"error", "information"}
    assert told[Validity.SHAPE_OK.rule] == "information"


def test_a_table_is_read_with_periods_dots_and_comments(tmp_path):
    (tmp_path / "codes-icd-10-se.csv").write_text(
        "# Från Socialstyrelsen\n# Complete: yes\n\nkod;from;to\nU07.1;2020-02-05;2024-12-31\nj18.9;;\n"
        "U07.1;2026-01-01;\n",
        encoding="utf-8",
    )
    loaded = load_terminology(tmp_path)
    assert loaded.check("icd-10-se", "J189", "1900-01-01") is Validity.VALID
    assert loaded.check("icd-10-se", "U071", "2025-06-06") is Validity.RETIRED
    assert loaded.check("icd-10-se", "U071", "2030-06-06") is Validity.VALID
    assert loaded.check("icd-10-se", "A000", "2025-06-06") is Validity.NEVER


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("code;from;to\nJ189;;\n", "codes-kva.csv:1"),
        ("kod;from;to\nJ189;\n", "codes-kva.csv:2"),
        ("kod;from;to\n;;\n", "codes-kva.csv:2"),
        ("kod;from;to\nJ189;2025-02-30;\n", "codes-kva.csv:2"),
        ("# x\nkod;from;to\nJ189;20250101;\n", "codes-kva.csv:3"),
        ("kod;from;to\nJ189;2025-02-02;2025-02-01\n", "codes-kva.csv:2"),
    ],
)
def test_a_broken_table_is_named_by_file_and_line(tmp_path, content, where):
    (tmp_path / "codes-kva.csv").write_text(content, encoding="utf-8")
    with pytest.raises(PackError, match=where):
        load_terminology(tmp_path)


def test_the_shipped_starter_table_knows_its_codes_and_never_says_never():
    shipped = load_terminology(TABLES)
    assert shipped.check("kva", "GC001", "2025-03-03") is Validity.VALID
    assert shipped.check("kva", "AB123", "2025-03-03") is Validity.SHAPE_OK


def test_a_large_table_loads_whole(tmp_path):
    codes = [f"{chr(65 + number % 26)}{number % 10_000:04d}" for number in range(0, 40_000)]
    lines = "".join(f"{code};1997-01-01;\n" for code in codes)
    (tmp_path / "codes-icd-10-se.csv").write_text(f"# complete: yes\nkod;from;to\n{lines}", encoding="utf-8")
    loaded = load_terminology(tmp_path)
    assert all(loaded.check("icd-10-se", code, "2025-01-01") is Validity.VALID for code in codes[::997])


def kombika(value: str) -> Kombika:
    found = parse_kombika(value)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2014-12-31", ()),
        ("2024-12-31", ("30218313A01",)),
        ("2025-01-01", ("30218313A02",)),
    ],
)
def test_the_kombika_of_a_unit_is_that_of_the_day(day, expected):
    assert load_kombika(TABLES).kombikas(UNIT, day) == tuple(kombika(value) for value in expected)


def test_a_unit_may_have_several_kombika():
    table = load_kombika(TABLES)
    assert len(table.kombikas("SE2321000016-TV4A", "2019-06-06")) == 1
    assert len(table.kombikas("SE2321000016-TV4A", "2025-06-06")) == 2


def test_the_unit_of_a_kombika_is_that_of_the_day():
    table = load_kombika(TABLES)
    assert table.hsa_ids(kombika("30218313A01"), "2024-12-31") == (UNIT,)
    assert table.hsa_ids(kombika("30218313A01"), "2025-01-01") == ()


def test_a_pair_contradicts_the_table_only_where_the_table_knows_one_of_them():
    table = load_kombika(TABLES)
    today, unknown = "2025-06-06", kombika("99999999999")
    assert not table.contradicts(UNIT, kombika("30218313A02"), today)
    assert table.contradicts(UNIT, kombika("30218313A01"), today)
    assert table.contradicts(UNIT, unknown, today)
    assert table.contradicts("SE2321000016-NONE", kombika("30218313A02"), today)
    assert not table.contradicts("SE2321000016-NONE", unknown, today)


def test_a_folder_without_kombika_gives_an_empty_table(tmp_path):
    assert load_kombika(tmp_path).kombikas(UNIT, "2025-01-01") == ()


def test_hsa_ids_in_the_table_are_compared_in_upper_case(tmp_path):
    (tmp_path / "kombika.csv").write_text("kombika;hsaId;from;to\n30216311002;se2321000016-a1;;\n")
    assert load_kombika(tmp_path).kombikas("SE2321000016-A1", "2025-01-01") == (kombika("30216311002"),)


@pytest.mark.parametrize(
    "row", ["3021631;SE2321000016-A1;;", "30216311002;A1;;", "30216311002;SE2321000016-A1;"]
)
def test_a_broken_kombika_row_is_named_by_file_and_line(tmp_path, row):
    (tmp_path / "kombika.csv").write_text(f"kombika;hsaId;from;to\n{row}\n")
    with pytest.raises(PackError, match=r"kombika\.csv:2"):
        load_kombika(tmp_path)


@given(st.dates(), st.dates(), st.dates())
@settings(max_examples=50)
def test_a_day_lies_in_a_period_when_it_is_not_outside(start, end, day):
    period = Period(start.isoformat(), end.isoformat())
    assert period.holds(day.isoformat()) == (start <= day <= end)
