"""`vardbro terminology`: a table is loaded, listed and asked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapter.cli.root import run

Printed = Callable[..., dict[str, Any]]


@pytest.fixture
def table(here: Path) -> str:
    (here / "kva.txt").write_text("XS012\nGC001\n")
    (here / "vardbro.toml").write_text('[mappings]\noverlay = "own"\n')
    return "kva.txt"


def test_a_table_is_loaded_into_the_configured_overlay_listed_and_asked(table: str, printed: Printed) -> None:
    load = ("terminology", "load", table, "--system", "kva", "--complete", "--from", "2025-01-01")
    done = printed(*load)
    assert (done["codes"], done["edition"], done["file"]) == (
        2,
        "2025-01-01",
        "own/tables/codes-kva@2025-01-01.csv",
    )
    listed = printed("terminology", "list", "--system", "kva")["tables"]
    assert [(one["edition"], one["gives_way"]) for one in listed] == [("", True), ("2025-01-01", False)]
    ask = ("terminology", "check", "XS012", "--system", "kva", "--at")
    assert printed(*ask, "2025-06-01")["says"] == "valid"
    assert printed(*ask, "2024-12-31", code=1)["says"] == "not yet"


def test_reload_without_a_service_says_that_the_next_start_uses_it(table: str, printed: Printed) -> None:
    done = printed("terminology", "load", table, "--system", "kva", "--reload")
    assert "no service runs" in done["reload"]["says"]


def test_without_an_overlay_the_setting_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "kva.txt").write_text("XS012\n")
    assert run(["terminology", "load", "kva.txt", "--system", "kva"]) == 2
    assert 'overlay = "FOLDER" under [mappings]' in capsys.readouterr().err


def test_another_folder_is_told_to_be_not_in_use(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["terminology", "load", table, "--system", "kva", "--into", "other"]) == 0
    assert 'set overlay = "other" under [mappings]' in capsys.readouterr().out


def test_a_file_that_cannot_be_read_is_exit_2_with_file_and_line(
    here: Path, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "bad.txt").write_text("XS012\nnot a code\n")
    assert run(["terminology", "load", "bad.txt", "--system", "kva"]) == 2
    assert "bad.txt:2: " in capsys.readouterr().err


@pytest.mark.parametrize("more", [["--system", "snomed"], ["--system", "kva", "--from", "2025"]])
def test_wrong_usage_is_exit_2(table: str, more: list[str]) -> None:
    assert run(["terminology", "load", table, *more]) == 2


@pytest.mark.usefixtures("here")
def test_a_unit_is_asked_both_ways(printed: Printed) -> None:
    ask = ("terminology", "check", "--system", "kombika", "--at", "2025-03-03")
    assert printed(*ask, "30216311002")["says"] == "SE2321000016-1HZ3"
    assert printed(*ask, "se2321000016-1hz3")["says"] == "30216311002"
    assert printed(*ask, "SE2321000016-NO", code=1)["valid"] is False
