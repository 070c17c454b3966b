"""`vardbro edit`: fetch, edit, try out, submit, decide."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapter.cli.root import run

Json = dict[str, Any]
Printed = Callable[..., Json]


@pytest.fixture
def event(sent: Callable[..., str]) -> str:
    """An event in a ledger in the working folder, its bundle fetched to ``e.json`` and edited."""
    event = sent()
    assert run(["edit", event, "--out", "e.json", "--actor", "anna"]) == 0
    change(b"J18.9", b"J20.9")
    return event


@pytest.fixture
def careful(here: Path, event: str) -> str:
    """The same where two persons are required."""
    (here / "vardbro.toml").write_text("[operations]\nfour_eyes = true\n")
    return event


def change(old: bytes, new: bytes) -> None:
    file = Path("e.json")
    file.write_bytes(file.read_bytes().replace(old, new))


def submit(event: str, *more: str) -> int:
    given = ["--file", "e.json", "--based-on", "1", "--reason", "wrong code", "--actor", "anna"]
    return run(["edit", event, *given, *more])


def test_what_is_fetched_only_its_owner_can_read(event: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["edit", event, "--out", "again.json"]) == 0
    assert stat.S_IMODE(Path("again.json").stat().st_mode) == 0o600
    assert "--based-on 1" in capsys.readouterr().out


def test_a_file_that_is_there_is_not_overwritten(event: str) -> None:
    before = Path("e.json").read_bytes()
    assert run(["edit", event, "--out", "e.json"]) == 2
    assert Path("e.json").read_bytes() == before


def test_a_dry_run_shows_the_difference_and_what_it_brings(
    event: str, capsys: pytest.CaptureFixture[str], printed: Printed
) -> None:
    assert submit(event, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert '"J20.9"' in shown
    assert "diagnoser[0].kod" in shown
    assert printed("edit", "list", "--event", event) == {"edits": []}


def test_an_edit_is_applied_and_can_be_seen(event: str, printed: Printed) -> None:
    assert submit(event) == 0
    (edit,) = printed("edit", "list", "--event", event)["edits"]
    assert (edit["state"], edit["actor"]) == ("applied", "anna")
    shown = printed("edit", "show", str(edit["id"]))
    assert [change["after"] for change in shown["difference"]] == ["J20.9"]
    assert [one["state"] for one in printed("messages")["messages"]] == ["superseded", "waiting"]


def test_a_lane_shows_that_a_message_is_an_edit(event: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert submit(event) == 0
    capsys.readouterr()
    assert run(["lane", "show", event]) == 0
    assert "edit of revision 1 by anna: wrong code" in capsys.readouterr().out


def test_a_lane_shows_that_a_message_undoes_an_edit(
    event: str, sent: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert submit(event) == 0
    sent(old=b"J18.9", new=b"J45.9")
    assert run(["lane", "show", event]) == 0
    assert "undoes-edit" in capsys.readouterr().out


def test_an_edit_of_an_older_version_is_refused(event: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert submit(event) == 0
    assert submit(event) == 1
    assert "newer version" in capsys.readouterr().err


def test_findings_that_refuse_an_edit_are_shown_and_are_no_wrong_usage(
    event: str, capsys: pytest.CaptureFixture[str], printed: Printed
) -> None:
    change(b"191212121212", b"191212121213")
    assert submit(event, "--lang", "en") == 1
    assert "ID-CHECKSUM" in capsys.readouterr().out
    given = ["--file", "e.json", "--based-on", "1", "--reason", "wrong code"]
    found = printed("edit", event, *given, code=1)
    assert "ID-CHECKSUM" in str(found["findings"])
    assert "191212121213" not in str(found)


def test_another_person_approves(careful: str, printed: Printed, capsys: pytest.CaptureFixture[str]) -> None:
    assert submit(careful) == 0
    assert "waits for a second person" in capsys.readouterr().out
    (edit,) = printed("edit", "list")["edits"]
    number = str(edit["id"])
    assert run(["edit", "approve", number, "--actor", "Anna"]) == 1
    assert "cannot approve" in capsys.readouterr().err
    assert run(["edit", "approve", number, "--actor", "bo"]) == 0
    assert printed("edit", "list") == {"edits": []}
    assert [one["state"] for one in printed("messages")["messages"]] == ["superseded", "waiting"]


def test_another_person_refuses(careful: str, printed: Printed) -> None:
    assert submit(careful) == 0
    assert run(["edit", "refuse", "1", "--reason", "it was right", "--actor", "bo"]) == 0
    (edit,) = printed("edit", "list", "--event", careful)["edits"]
    assert (edit["state"], edit["decided_why"]) == ("refused", "it was right")
    assert [one["state"] for one in printed("messages")["messages"]] == ["waiting"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["v1"],
        ["v1", "--out", "a", "--file", "e.json"],
        ["v1", "--file", "e.json", "--reason", "wrong code"],
        ["v1", "--file", "e.json", "--based-on", "1"],
        ["v1", "--file", "not-there.json", "--based-on", "1", "--reason", "wrong code"],
        ["v1", "--file", "no.json", "--based-on", "1", "--reason", "wrong code"],
        ["v1", "--file", "list.json", "--based-on", "1", "--reason", "wrong code"],
        ["approve", "x"],
        ["approve", "0"],
        ["refuse", "1"],
    ],
)
@pytest.mark.usefixtures("here")
def test_an_edit_without_what_it_needs_is_wrong_usage(arguments: list[str]) -> None:
    Path("e.json").write_text("{}")
    Path("no.json").write_text("{")
    Path("list.json").write_text("[]")
    assert run(["edit", *arguments]) == 2


def test_what_is_not_there_is_said(event: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["v0", "--out", "x.json"], ["show", "7"], ["approve", "7"]):
        assert run(["edit", *arguments]) == 1
        assert "there is no such" in capsys.readouterr().err
    assert not Path("x.json").exists()
