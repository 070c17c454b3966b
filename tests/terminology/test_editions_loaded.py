"""Editions side by side, as they are loaded one after the other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.errors import PackError
from adapter.mapping.terminology import Validity, load_kombika, load_terminology
from adapter.terminology import Loaded
from adapter.terminology.inventory import listed

Load = Callable[..., Loaded]
Tables = tuple[Path, ...]


@pytest.fixture
def two(load: Load) -> Loaded:
    """Two complete editions: A01 goes and A02 comes with 2025."""
    load("Kod;Titel\nA00;x\nA01;x\n", edition="2024", start="2024-01-01", complete=True)
    return load("Kod;Titel\nA00;x\nA02;x\n", edition="2025", start="2025-01-01", complete=True)


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("A00", "2023-12-31", Validity.NOT_YET),
        ("A00", "2024-01-01", Validity.VALID),
        ("A00", "2024-12-31", Validity.VALID),
        ("A00", "2025-01-01", Validity.VALID),
        ("A01", "2024-12-31", Validity.VALID),
        ("A01", "2025-01-01", Validity.RETIRED),
        ("A02", "2024-12-31", Validity.NOT_YET),
        ("A02", "2025-01-01", Validity.VALID),
        ("A03", "2025-01-01", Validity.NEVER),
    ],
)
def test_the_four_answers_hold_over_two_editions(
    tables: Tables, code: str, day: str, expected: Validity
) -> None:
    assert load_terminology(tables).check("icd-10-se", code, day) is expected


def test_a_complete_edition_tells_how_many_codes_it_retires(two: Loaded) -> None:
    assert two.retired == 1


def test_the_first_editions_own_dates_reach_back_before_it(load: Load, tables: Tables) -> None:
    load("Kod;Från\nA00;1997-01-01\n", edition="2026", start="2026-01-01", complete=True)
    assert load_terminology(tables).check("icd-10-se", "A00", "2010-01-01") is Validity.VALID


def test_a_code_that_comes_back_was_retired_between(load: Load, tables: Tables) -> None:
    for year, code in (("2023", "A01"), ("2024", "A02"), ("2025", "A01")):
        load(f"A00\n{code}\n", edition=year, start=f"{year}-01-01", complete=True)
    found = load_terminology(tables)
    assert [found.check("icd-10-se", "A01", f"{year}-06-01").value for year in (2023, 2024, 2025)] == [
        "valid",
        "retired",
        "valid",
    ]


def test_an_edition_with_a_last_day_is_over_then(load: Load, tables: Tables) -> None:
    load("A00\n", edition="old", end="2024-12-31", complete=True)
    found = load_terminology(tables)
    assert found.check("icd-10-se", "A00", "2024-12-31") is Validity.VALID
    assert found.check("icd-10-se", "A00", "2025-01-01") is Validity.RETIRED


def test_an_incomplete_edition_adds_and_retires_nothing(two: Loaded, load: Load, tables: Tables) -> None:
    load("A77\n", edition="own")
    found = load_terminology(tables)
    assert found.check("icd-10-se", "A77", "2025-06-01") is Validity.VALID
    assert found.check("icd-10-se", "A00", "2025-06-01") is Validity.VALID


def test_an_edition_of_the_same_name_is_replaced(load: Load, tables: Tables) -> None:
    load("A00\n", edition="2025", complete=True)
    assert load("A01\n", edition="2025", complete=True).replaced
    assert load_terminology(tables).check("icd-10-se", "A00", "2025-06-01") is Validity.NEVER


def test_two_complete_editions_from_one_day_are_refused_and_the_first_stays(
    load: Load, tables: Tables
) -> None:
    load("A00\n", edition="one", start="2025-01-01", complete=True)
    with pytest.raises(PackError, match="begins on the same day as"):
        load("A01\n", edition="other", start="2025-01-01", complete=True)
    assert [one.head.edition for one in listed(tables) if one.head.system == "icd-10-se"] == ["one"]


def test_the_starter_gives_way_to_a_complete_edition_only(load: Load, tables: Tables) -> None:
    load("kombika;hsaId\n30220315001;SE2321000016-NEW1\n", "kombika", edition="some")
    assert load_kombika(tables).kombikas("SE2321000016-1HZ3", "2025-03-03")
    load("kombika;hsaId\n30220315001;SE2321000016-NEW1\n", "kombika", edition="all", complete=True)
    assert not load_kombika(tables).kombikas("SE2321000016-1HZ3", "2025-03-03")
    assert [one.gives_way for one in listed(tables) if one.head.system == "kombika"] == [True, False, False]


def test_a_later_table_of_units_ends_the_pair_that_it_lacks(load: Load, tables: Tables) -> None:
    head = "kombika;hsaId;from\n"
    load(f"{head}30220315001;SE2321000016-NEW1;2010-01-01\n", "kombika", edition="1", complete=True)
    load(
        f"{head}30220315002;SE2321000016-NEW1;2025-02-01\n",
        "kombika",
        edition="2",
        start="2025-02-01",
        complete=True,
    )
    units = load_kombika(tables)
    assert [one.avd for one in units.kombikas("SE2321000016-NEW1", "2025-01-31")] == ["001"]
    assert [one.avd for one in units.kombikas("SE2321000016-NEW1", "2025-02-01")] == ["002"]


def test_a_name_that_is_no_file_name_is_refused(load: Load) -> None:
    with pytest.raises(PackError, match="an edition is named by"):
        load("A00\n", edition="../../etc")


def test_what_is_read_again_is_what_was_loaded(load: Load, tables: Tables) -> None:
    rows = "Kod;Från;Till\nA00;;2019-12-31\nA00;2021-01-01;\nA01;2030-01-01;\nA02;;\n"
    load(rows, edition="x", start="2020-01-01", end="2025-12-31", complete=True)
    found = load_terminology(tables)
    days = {
        "A00": ("2019-12-31", "2020-06-01", "2025-12-31"),
        "A01": ("2029-12-31", "2030-01-01", "2031-01-01"),
    }
    answers = {code: [found.check("icd-10-se", code, day).value for day in on] for code, on in days.items()}
    assert answers == {"A00": ["valid", "retired", "valid"], "A01": ["not-yet", "valid", "valid"]}
    assert found.check("icd-10-se", "A02", "2026-01-01") is Validity.RETIRED
