"""Editions side by side: periods, names and ids."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.errors import PackError
from adapter.rules import load_packs
from adapter.rules.load import read_folder

Folder = Callable[..., Path]


def _edition(pack: str, year: str, valid_from: str, valid_to: str) -> str:
    return (
        pack.replace("test-besok-2025", f"test-besok-{year}")
        .replace('edition: "2025"', f'edition: "{year}"')
        .replace("valid_from: 2025-01-01", f"valid_from: {valid_from}")
        .replace("valid_to: null", f"valid_to: {valid_to}")
    )


def test_an_edition_judges_from_its_first_to_its_last_day(folder: Folder, pack: str) -> None:
    packs = load_packs(folder(_edition(pack, "2025", "2025-01-01", "2025-12-31")))
    judged = [
        packs.edition("test", "besok", date) is not None
        for date in ("2024-12-31", "2025-01-01", "2025-12-31", "2026-01-01")
    ]
    assert judged == [False, True, True, False]


def test_an_unknown_register_or_service_has_no_edition(folder: Folder, pack: str) -> None:
    packs = load_packs(folder(pack))
    assert packs.edition("other", "besok", "2025-03-03") is None
    assert packs.edition("test", "other", "2025-03-03") is None


def test_the_same_rule_may_stand_in_several_editions(folder: Folder, pack: str) -> None:
    older = _edition(pack, "2024", "null", "2024-12-31").replace("Typen saknas.", "Typen saknades.")
    packs = load_packs(folder(pack, older))
    assert packs.catalogue["TEST-TYP"].text.sv == "Typen saknas."
    edition = packs.edition("test", "besok", "2024-06-01")
    assert edition is not None
    assert edition.catalogue["TEST-TYP"].text.sv == "Typen saknades."


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("null", "2025-01-01"), ("2025-01-01", "null")),
        (("null", "null"), ("2025-01-01", "null")),
        (("null", "2024-12-31"), ("null", "null")),
        (("2025-01-01", "null"), ("2025-01-01", "null")),
        (("2024-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")),
    ],
)
def test_editions_that_overlap_do_not_load(
    folder: Folder, pack: str, first: tuple[str, str], second: tuple[str, str]
) -> None:
    with pytest.raises(PackError, match=r"[ab]\.yaml:5: valid at the same time as .*[ab]\.yaml"):
        load_packs(folder(_edition(pack, "one", *first), _edition(pack, "two", *second)))


def test_editions_of_different_services_may_share_a_period(folder: Folder, pack: str) -> None:
    other = (
        _edition(pack, "x", "2025-01-01", "null").replace("besok", "brev").replace("TEST-TYP", "TEST-BREV")
    )
    assert len(load_packs(folder(pack, other)).editions) == 2


def test_a_gap_between_editions_is_noted_and_loads(folder: Folder, pack: str) -> None:
    older = _edition(pack, "2024", "null", "2024-12-30")
    _packs, problems = read_folder(folder(pack, older))
    assert [(problem.fatal, problem.line) for problem in problems] == [(False, 5)]
    assert "between 2024-12-30 and 2025-01-01" in problems[0].text
    assert load_packs(folder(pack, older)).edition("test", "besok", "2024-12-31") is None


def test_editions_that_meet_leave_no_gap(folder: Folder, pack: str) -> None:
    assert read_folder(folder(pack, _edition(pack, "2024", "null", "2024-12-31")))[1] == []


def test_an_id_stands_once_in_a_pack(folder: Folder, pack: str) -> None:
    with pytest.raises(PackError, match=r"a\.yaml:16: TEST-TYP: the id is taken"):
        load_packs(folder(pack + pack[pack.index("  - id:") :]))


def test_an_id_belongs_to_one_service(folder: Folder, pack: str) -> None:
    with pytest.raises(PackError, match=r"b\.yaml:8: TEST-TYP: the id is taken by .*a\.yaml"):
        load_packs(folder(pack, pack.replace("besok", "brev")))


def test_a_pack_s_name_is_its_own(folder: Folder, pack: str) -> None:
    later = pack.replace("valid_from: 2025-01-01", "valid_from: 2026-01-01")
    with pytest.raises(PackError, match=r"b\.yaml:1: the name is taken by .*a\.yaml"):
        load_packs(folder(pack.replace("valid_to: null", "valid_to: 2025-12-31"), later))
