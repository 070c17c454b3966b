"""`vardbro verify` on the command line."""

import json
from pathlib import Path

import pytest

from adapter.cli.root import run


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--faults", "--runs", "0"],
        ["--faults", "--scenario", "flood"],
        ["--faults", "--scenario", "workers"],
        ["--faults", "--postgres", "postgresql://127.0.0.1:1/x"],
        [
            "--faults",
            "--store",
            "postgres",
            "--scenario",
            "failover",
            "--postgres",
            "postgresql://127.0.0.1:1/x",
        ],
    ],
)
def test_what_does_not_fit_together_is_wrong_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", *arguments]) == 2
    assert capsys.readouterr().err.startswith("vardbro: ")


def test_a_server_that_cannot_be_reached_is_a_failure_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    url = "postgresql://somebody:secret@127.0.0.1:1/x"
    assert run(["verify", "--faults", "--store", "postgres", "--postgres", url]) == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "secret" not in said


def test_a_run_prints_a_certificate_and_keeps_what_it_is_told_to(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    kept = tmp_path / "kept"
    assert run(["verify", "--faults", "--runs", "1", "--keep", str(kept), "--json"]) == 0
    certificate = json.loads(capsysbinary.readouterr().out)
    assert certificate["held_all"] is True
    assert certificate["runs"] == 1
    names = {file.name for file in (kept / "stretch-1").iterdir()}
    assert {"acknowledged.ndjson", "effects.ndjson", "ledger-1.db", "serve.log", "vardbro.toml"} <= names


def test_a_run_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--faults", "--runs", "1", "--contacts", "10"]) == 0
    said = capsys.readouterr().out
    for part in ("lost", "reordered", "duplicated without a flag", "fsync", "Every promise held."):
        assert part in said
