"""The root of the command line: exit codes and how failures are told."""

import errno
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from adapter.cli import root
from adapter.cli.root import COMMANDS, run
from adapter.errors import ConfigurationError, LedgerInUse, PackError

IDENTITY = "191212121212"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch):
    """Replaces the command `check` by one that raises."""

    def plant(error: BaseException) -> None:
        app = typer.Typer(add_completion=False)

        @app.command()
        def check() -> None:
            raise error

        monkeypatch.setattr(root, "import_module", lambda _: SimpleNamespace(app=app))

    return plant


def test_every_command_of_the_contract_is_there() -> None:
    contract = {
        "demo",
        "serve",
        "work",
        "simulate",
        "map",
        "validate",
        "submit",
        "check",
        "messages",
        "lanes",
        "rules",
    }
    assert contract <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert "Usage: vardbro" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [[], ["bogus"], ["map"], ["map", "--bogus"], ["rules"], ["rules", "bogus"], ["simulate", "--port", "x"]],
)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigurationError("no port", "Set one."), 2),
        (PackError("a.yaml:3: no source"), 2),
        (LedgerInUse("held"), 1),
        (OSError(errno.ENOSPC, "No space left on device", "x.db"), 1),
        (KeyboardInterrupt(), 1),
        (KeyError(IDENTITY), 1),
    ],
)
def test_a_failure_is_one_line_with_its_exit_code_and_no_content(
    failing, error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(error)
    assert run(["check"]) == code
    said = capsys.readouterr().err
    assert said.startswith("vardbro: ")
    assert said.count("\n") == 1
    assert IDENTITY not in said


def test_the_hint_is_told_with_the_failure(failing, capsys: pytest.CaptureFixture[str]) -> None:
    failing(ConfigurationError("no port", "Set one."))
    run(["check"])
    assert capsys.readouterr().err == "vardbro: no port Set one.\n"


def test_the_configuration_may_stand_before_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.toml"
    file.write_text("[htpt]\n", "utf-8")
    assert run(["--config", str(file), "check"]) == 2
    assert run(["check", "--config", str(file)]) == 2
    assert capsys.readouterr().err.count("htpt") == 2
