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
from adapter.ledger.sqlite.moved import set_mark
from tests.support.stores import new_database


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


SECRET = "whsec_" + "c2VjcmV0" * 5


def hook(url: str = "http://127.0.0.1:9/hook", **settings: Any) -> dict[str, Any]:
    return {"webhook": url, "webhook_secret": SECRET, **settings}


def test_a_webhook_that_listens_is_reachable_and_gets_no_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = checks(notifications=hook(f"http://127.0.0.1:{listener.getsockname()[1]}/hook?code=secret"))
        assert found["notifications: webhook"].ok
        assert found["notifications: webhook reachable"].ok
        assert "code" not in found["notifications: webhook"].says
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(1) == b""


def test_a_webhook_that_is_away_is_said_and_that_nothing_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = checks(senders={"default": hook(f"http://127.0.0.1:{port}/")})
    check = found["senders.default: webhook reachable"]
    assert not check.ok
    assert "waits" in check.mend


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"webhook_secret": None}, "has no secret"),
        ({"webhook_secret": "short"}, "24 bytes"),
        ({"webhook_secret": "whsec_???"}, "base64"),
        ({"webhook_secret": None, "webhook_secret_file": "none.secret"}, "No such file"),
    ],
)
def test_a_webhook_without_a_secret_that_is_of_use_is_said(settings: dict[str, Any], says: str) -> None:
    found = checks(notifications=hook(**settings))
    check = found["notifications: webhook"]
    assert not check.ok
    assert says in check.says
    assert check.mend
    assert "notifications: webhook reachable" not in found


def test_a_secret_without_a_webhook_is_said() -> None:
    assert not checks(notifications={"webhook_secret": SECRET})["notifications: webhook"].ok


def test_webhooks_that_share_a_secret_are_said() -> None:
    found = checks(senders={"default": hook()}, notifications=hook())["webhooks: secrets"]
    assert not found.ok
    assert "senders.default, notifications" in found.says


def test_no_webhook_is_no_matter() -> None:
    assert not [name for name in checks() if "webhook" in name]


def test_each_register_is_said_to_be_in_production_or_not() -> None:
    assert "not guarded" in checks()["gvr: test persons"].says
    assert "in production, guarded" in checks(**gvr(production=True))["gvr: test persons"].says


def test_a_list_of_test_persons_is_counted_and_a_wrong_one_is_said(tmp_path: Path) -> None:
    listed = tmp_path / "real.txt"
    listed.write_text("19121212-1212\n")
    assert "1 exceptions" in checks(guard={"real_persons": listed})["test persons"].says
    listed.write_text("somebody\n")
    check = checks(guard={"test_persons": listed})["test persons"]
    assert not check.ok
    assert "guard.test_persons, line 1" in check.says


def test_a_ledger_that_has_moved_is_said(tmp_path: Path) -> None:
    set_mark(tmp_path / "vardbro.db", "n", "postgresql://h:5432/d", done=True)
    check = checks()["ledger"]
    assert not check.ok
    assert "has moved to postgresql://h:5432/d" in check.says


def test_a_database_is_tried_from_the_server_to_the_rights() -> None:
    found = {
        name: check
        for name, check in checks(ledger={"url": new_database()}).items()
        if name.startswith("ledger: ")
    }
    assert list(found) == [
        f"ledger: {name}"
        for name in ("server", "primary", "encoding", "durability", "commits", "standby", "feed", "schema")
    ]
    assert [name for name, check in found.items() if not check.ok] == ["ledger: durability"]
    assert all(check.mend for check in found.values() if not check.ok)


def test_a_database_that_is_away_is_said_without_the_password() -> None:
    check = checks(ledger={"url": "postgresql://u:very-secret@127.0.0.1:1/d"})["ledger: reachable"]
    assert not check.ok
    assert check.mend
    assert "very-secret" not in check.says + check.mend
