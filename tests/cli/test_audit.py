"""`vardbro audit`: the trail is checked, and a patient's log is written."""

import csv
import io
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.cli.root import run

NUMBER = "191212121212"
WHY = ("--reason", "the patient asks", "--actor", "anna")


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """What stands on standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_the_log_is_a_json_document_a_line(sent, typed, capsys) -> None:
    event = sent()
    typed(NUMBER + "\n")
    capsys.readouterr()
    assert run(["audit", "export", *WHY]) == 0
    shown = capsys.readouterr()
    entries = [json.loads(line) for line in shown.out.splitlines()]
    assert (entries[0]["what"], entries[0]["event"]) == ("received", event) or entries[0]["event"] == event
    assert (entries[-1]["what"], entries[-1]["who"]) == ("patient-log-read", "anna")
    assert shown.err == f"1 contacts, {len(entries)} entries\n"
    assert NUMBER not in shown.out + shown.err


def test_the_log_is_a_table_in_a_file_that_only_its_owner_can_read(sent, typed, capsys) -> None:
    sent()
    typed(NUMBER)
    assert run(["audit", "export", *WHY, "--format", "csv", "--out", "log.csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(Path("log.csv").read_text("utf-8"))))
    assert {"received", "arrived", "patient-log-read"} <= {row["what"] for row in rows}
    assert rows[0]["at"].endswith("Z")
    assert stat.S_IMODE(Path("log.csv").stat().st_mode) == 0o600
    typed(NUMBER)
    assert run(["audit", "export", *WHY, "--out", "log.csv"]) == 2


def test_the_number_is_no_argument(sent, typed) -> None:
    sent()
    typed("")
    assert run(["audit", "export", NUMBER, *WHY]) == 2


def test_what_is_no_number_is_wrong_usage_and_is_not_repeated(sent, typed, capsys) -> None:
    sent()
    typed("12345\n")
    assert run(["audit", "export", *WHY]) == 2
    assert "12345" not in capsys.readouterr().err


def test_an_unknown_patient_has_the_look_alone(sent, typed, capsys) -> None:
    sent()
    typed("195009072553")
    capsys.readouterr()
    assert run(["audit", "export", *WHY]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["what"] == "patient-log-read"


def test_a_protected_identity_needs_the_other_token(here, sent, typed, capsys) -> None:
    sent("skyddad-identitet")
    typed(NUMBER)
    assert run(["audit", "export", *WHY]) != 0
    token = here / "token"
    token.write_text("fedcba9876543210")
    token.chmod(0o600)
    (here / "vardbro.toml").write_text(f'[operations]\nprotected_token_file = "{token}"\n')
    typed(NUMBER)
    capsys.readouterr()
    assert run(["audit", "export", *WHY, "--protected"]) == 0
    assert "patient-log-refused" in capsys.readouterr().out


def test_the_log_does_not_break_the_trail(sent, typed, printed) -> None:
    sent()
    typed(NUMBER)
    assert run(["audit", "export", *WHY]) == 0
    assert printed("audit", "verify")["broken_at"] is None
