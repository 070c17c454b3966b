"""Child processes are ended whatever happens, and a failed start is told."""

import os
import socket
from pathlib import Path

import httpx
import pytest

from adapter.demo.children import child
from adapter.errors import VardbroError


def listens(address: str) -> bool:
    host, port = address.removeprefix("http://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def test_a_child_is_there_inside_and_gone_outside(tmp_path: Path) -> None:
    with child("simulate", ["simulate", "--port", "0"], tmp_path) as address:
        assert httpx.get(f"{address}/_control/health", trust_env=False).status_code == 200
    assert not listens(address)


def test_a_child_is_gone_after_a_failure_inside(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="inside"),
        child("simulate", ["simulate", "--port", "0"], tmp_path) as address,
    ):
        raise RuntimeError("inside")
    assert not listens(address)


def test_a_child_that_does_not_start_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(VardbroError, match=r"simulate did not start: .*--port"),
        child("simulate", ["simulate", "--port", "x"], tmp_path),
    ):
        pass


def test_settings_of_a_real_installation_are_kept_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VARDBRO_LEDGER__URL", "sqlite:////nowhere/real.db")
    with child("simulate", ["simulate", "--port", "0"], tmp_path):
        pass
    assert os.environ["VARDBRO_LEDGER__URL"]
