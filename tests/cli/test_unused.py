"""`vardbro map --unused` and `vardbro senders unused`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapter.cli.root import run
from adapter.resources import data_folder

Json = dict[str, Any]
VISIT = str(data_folder("samples") / "mottagningsbesok-lakare.json")
BROKEN = str(data_folder("samples") / "trasig-struktur.json")


def with_reason(folder: Path, name: str) -> str:
    """A visit whose reason for contact nothing reads."""
    raw = json.loads(Path(VISIT).read_text())
    for entry in raw["entry"]:
        if entry["resource"]["resourceType"] == "Encounter":
            entry["resource"]["reasonCode"] = [{"text": "hosta"}]
    (folder / name).write_text(json.dumps(raw))
    return name


def documents(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> list[Json]:
    assert run([*arguments]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_map_says_what_nothing_was_made_from_and_what_is_left_out_on_purpose(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = documents(capsys, "map", "--unused", "--lang", "en", with_reason(here, "a.json"))
    by_element = {one["element"]: one for one in found["unused"]}
    reason = by_element["Encounter.reasonCode"]
    assert reason["left_out"] is False
    assert reason["paths"][0].endswith(".resource.reasonCode[0]")
    assert by_element["Patient.name"]["left_out"] is True
    assert "never forwarded" in by_element["Patient.name"]["reason"]


def test_without_the_option_nothing_is_added(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = documents(capsys, "map", with_reason(here, "a.json"))
    assert "unused" not in found


def test_over_several_files_a_last_line_sums_up(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = with_reason(here, "a.json")
    *each, last = documents(capsys, "map", "--unused", name, VISIT, name)
    assert [one["source"] for one in each] == ["a.json", "mottagningsbesok-lakare.json", "a.json"]
    assert last["summary"]["bundles"] == 3
    assert last["summary"]["unused"][0] == {
        "element": "Encounter.reasonCode", "bundles": 2, "places": 2, "left_out": False,
    }  # fmt: skip


def test_of_a_bundle_that_is_refused_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = documents(capsys, "map", "--unused", BROKEN, code=1)
    assert found["unused"] == []


def test_the_report_of_a_sender(
    here: Path, sent: Callable[..., str], printed: Callable[..., Json], capsys: pytest.CaptureFixture[str]
) -> None:
    sent()
    found = printed("senders", "unused", "--sender", "default", "--lang", "en")
    assert (found["sender"], found["bundles"]) == ("default", 1)
    assert (
        "never forwarded"
        in next(one for one in found["unused"] if one["element"] == "Patient.name")["reason"]
    )
    assert run(["senders", "unused", "--sender", "default"]) == 0
    shown = capsys.readouterr().out
    assert "1 bundles of default counted" in shown
    assert "Patient.name" in shown


def test_a_period_that_makes_no_sense_is_wrong_usage(
    here: Path, sent: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    sent()
    assert run(["senders", "unused", "--sender", "default", "--since", "soon"]) == 2
    assert "since is a date" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nobody", "å"])
def test_a_sender_that_sent_nothing_has_no_bundles(
    here: Path, sent: Callable[..., str], printed: Callable[..., Json], name: str
) -> None:
    sent()
    found = printed("senders", "unused", "--sender", name)
    assert found["bundles"] == 0
