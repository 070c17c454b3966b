"""`vardbro verify` on the command line."""

import json
from pathlib import Path

import pytest

from adapter.cli.root import run
from adapter.verification.certificate import Figures, certify, machine_of
from adapter.verification.records import Break, Verdict
from adapter.verification.stretch import Result


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


@pytest.mark.parametrize("broken", [False, True])
def test_a_certificate_is_printed_as_a_table_and_a_broken_promise_is_exit_1(
    broken: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Break("lost", "version 2 was acknowledged", "v1", ("attempt 1: deliver create",))
    verdict = Verdict(contacts=1, accepted=1, fates={"delivered": 1}, breaks=(found,) if broken else ())
    figures = Figures(
        runs=1,
        ledgers=1,
        seconds=1.0,
        recoveries=(),
        results=(Result(verdict=verdict, faults={}, resends=0),),
    )
    machine = machine_of(Path("/tmp"), "sqlite", "synchronous=FULL")
    certificate = certify(figures, scenario="kill", seed=1, senders=4, contacts=80, machine=machine)
    monkeypatch.setattr("adapter.cli.verify.verify", lambda *_: certificate)
    assert run(["verify", "--faults"]) == int(broken)
    said = capsys.readouterr().out
    for part in ("reordered", "duplicated without a flag", "fsync"):
        assert part in said
    assert ("Every promise held." in said) is not broken
    assert ("    attempt 1: deliver create" in said) is broken
