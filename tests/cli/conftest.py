"""What the tests of commands share: logging as it was, and a ledger in the working folder."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from adapter.cli.desk import desk
from adapter.cli.root import run
from adapter.config import load_config
from adapter.resources import data_folder

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that opens a ledger in this process sets up logging, to the standard error of one test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sent(here: Path) -> Callable[..., str]:
    """Takes in a sample, in the ledger of the working folder; gives the id of its first event."""

    def send(name: str = "mottagningsbesok-lakare", old: bytes = b"", new: bytes = b"") -> str:
        raw = (data_folder("samples") / f"{name}.json").read_bytes().replace(old, new)
        with desk(load_config(), make=True) as through:
            key = {"system": "urn:test", "value": f"{len(old)} {new!r}"}
            through.post("/fhir", json.loads(raw) | {"identifier": key})
            messages: list[Json] = through.get("/api/messages")["messages"]
        return str(messages[-1]["event_id"])

    return send


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Callable[..., Json]:
    """Runs a command with --json; gives what it prints."""

    def ask(*arguments: str, code: int = 0) -> Json:
        capsys.readouterr()
        assert run([*arguments, "--json"]) == code
        found: Json = json.loads(capsys.readouterr().out)
        return found

    return ask
