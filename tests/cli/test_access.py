"""`vardbro lanes`, `messages` and `audit verify`: through the service, or from the file."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from adapter.cli.root import run
from adapter.ledger.model import NewEvent, NewMessage, NewReceipt
from adapter.ledger.sqlite import SqliteLedger


def new_event(number: int) -> NewEvent:
    message = NewMessage(
        register="gvr",
        service="vardkontakt",
        slot=f"slot-{number}",
        event_id=f"event-{number}",
        intent="report",
        body=b'{"patientId":"191212121212"}',
        trace=b"[]",
        content=f"c{number}",
        identity="i",
        unit="u",
        edition="2025",
        care_date="2025-03-03",
    )
    return NewEvent(
        event_id=f"event-{number}",
        sender="default",
        identifier=f"n{number}",
        version=None,
        expected_revision=0,
        status="final",
        content=f"c{number}",
        messages=(message,),
    )


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteLedger]:
    """A ledger with three lanes in the working folder, open, as a service would have it."""
    monkeypatch.chdir(tmp_path)
    ledger = filled(tmp_path)
    yield ledger
    asyncio.run(ledger.close())


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same ledger, left by its service."""
    monkeypatch.chdir(tmp_path)
    asyncio.run(filled(tmp_path).close())


def filled(folder: Path) -> SqliteLedger:
    ledger = SqliteLedger.open(folder / "vardbro.db", reserve=0)
    receipt = NewReceipt(
        sender="default", key="k", body_hash="h", size=1, received_at=1.0, status=200, payload=b""
    )
    asyncio.run(ledger.commit(receipt, [new_event(number) for number in (1, 2, 3)], lambda _: b"{}"))
    return ledger


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, list[dict[str, object]]]:
    assert run([*arguments, "--json"]) == 0
    found: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.usefixtures("left")
def test_without_a_service_the_file_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert [lane["slot"] for lane in printed(capsys, "lanes")["lanes"]] == ["slot-1", "slot-2", "slot-3"]
    assert len(printed(capsys, "messages", "--limit", "2")["messages"]) == 2
    assert [lane["id"] for lane in printed(capsys, "lanes", "--lane", "slot-2")["lanes"]] == [2]
    assert printed(capsys, "lanes", "--state", "parked")["lanes"] == []
    assert printed(capsys, "messages", "--since", "1h")["messages"]
    assert printed(capsys, "audit", "verify")["broken_at"] is None


@pytest.mark.usefixtures("left")
def test_no_list_shows_an_identity_number(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["lanes"], ["messages"], ["lanes", "--json"], ["messages", "--json"]):
        assert run(arguments) == 0
    shown = capsys.readouterr().out
    assert "slot-1" in shown
    assert "191212121212" not in shown


class _Handler(BaseHTTPRequestHandler):
    asked: list[tuple[str, dict[str, list[str]]]]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.asked.append((parts.path, parse_qs(parts.query)))
        name = parts.path.rpartition("/")[2]
        body = json.dumps({name: [], "next": None, "broken_at": 7, "entries": 7}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service(ledger: SqliteLedger) -> Iterator[list[tuple[str, dict[str, list[str]]]]]:
    """Something that answers at the address in the lock file; gives what it was asked."""
    _Handler.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    ledger.announce(f"http://127.0.0.1:{server.server_address[1]}")
    yield _Handler.asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_running_service_is_asked_with_the_same_filters(
    service: list[tuple[str, dict[str, list[str]]]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(capsys, "lanes", "--state", "parked", "--register", "gvr")["lanes"] == []
    path, query = service[0]
    assert path == "/api/lanes"
    assert (query["state"], query["register"]) == (["parked"], ["gvr"])
    run(["messages", "--since", "1970-01-02T00:00:00Z"])
    assert service[1][1]["since"] == ["@86400.0"]


@pytest.mark.usefixtures("service")
def test_a_broken_audit_trail_gives_1() -> None:
    assert run(["audit", "verify"]) == 1


def test_a_service_that_does_not_answer_is_said(
    ledger: SqliteLedger, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger.announce("http://127.0.0.1:9")
    assert run(["lanes"]) == 1
    assert "does not answer" in capsys.readouterr().err


def test_without_a_ledger_there_is_nothing_to_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["lanes"]) == 1
    assert "no ledger" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--state", "lost"], ["--since", "soon"], ["--register", "nhs"]])
def test_a_wrong_filter_is_wrong_usage(arguments: list[str]) -> None:
    assert run(["lanes", *arguments]) == 2
    assert run(["messages", *arguments]) == 2
