"""`vardbro check` finds what is wrong and says how to mend it."""

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from adapter.checkup import Check, checkup
from adapter.config import Config
from adapter.ledger.sqlite import SqliteLedger


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def checks(**sections: Any) -> dict[str, Check]:
    return {check.name: check for check in checkup(Config(**sections))}


def gvr(**settings: Any) -> dict[str, Any]:
    return {"registers": {"gvr": settings}}


def test_a_register_that_listens_is_reachable_and_gets_no_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = checks(**gvr(url=f"http://127.0.0.1:{listener.getsockname()[1]}/gvr"))
        assert all(check.ok for check in found.values())
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(1) == b""


def test_a_register_that_is_away_is_said_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    check = checks(**gvr(url=f"http://127.0.0.1:{port}/gvr"))["gvr: reachable"]
    assert not check.ok
    assert "url" in check.mend


def test_certificates_that_cannot_be_read_are_said() -> None:
    found = checks(**gvr(url="https://127.0.0.1:9/gvr", client_cert="none.pem", client_key="none.key"))
    assert not found["gvr: certificates"].ok
    assert "gvr: reachable" not in found


def test_an_unsafe_door_is_said() -> None:
    assert not checks(http={"host": "0.0.0.0"})["door"].ok


def test_a_ledger_in_use_names_its_service(tmp_path: Path) -> None:
    ledger = SqliteLedger.open(tmp_path / "vardbro.db", reserve=0)
    try:
        ledger.announce("http://127.0.0.1:8081")
        check = checks()["ledger"]
        assert check.ok
        assert "http://127.0.0.1:8081" in check.says
    finally:
        asyncio.run(ledger.close())


def test_a_ledger_in_a_folder_that_is_not_there_is_said() -> None:
    check = checks(ledger={"url": "sqlite:///none/vardbro.db"})["ledger"]
    assert not check.ok
    assert check.mend


def test_a_ledger_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    # The answer is planted, since the system lets root write everywhere.
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    check = checks()["ledger"]
    assert not check.ok
    assert "cannot be written" in check.says


def test_the_shipped_packs_maps_and_tables_are_well() -> None:
    found = checks()
    assert found["rule packs"].ok
    assert found["maps and tables"].ok
