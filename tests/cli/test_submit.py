"""`vardbro submit` against a small adapter of the test's own."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from adapter.cli.root import run


class SmallAdapter(ThreadingHTTPServer):
    """Takes everything but bundles of type `history`; keeps what it got."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: SmallAdapter

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append(raw)
        refused = b"history" in raw
        issue = {"severity": "error", "details": {"coding": [{"code": "X-Y"}], "text": "Fel typ."}}
        body = json.dumps({"resourceType": "OperationOutcome", "issue": [issue] if refused else []}).encode()
        self.send_response(422 if refused else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def adapter() -> Iterator[SmallAdapter]:
    server = SmallAdapter()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_files_and_folders_are_sent_in_order(
    adapter: SmallAdapter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b.json").write_bytes(b'{"n": 2}')
    (tmp_path / "a.json").write_bytes(b'{"n": 1}')
    assert run(["submit", str(tmp_path), "--url", adapter.url]) == 0
    assert adapter.got == [b'{"n": 1}', b'{"n": 2}']
    assert "2 of 2 taken" in capsys.readouterr().out


def test_a_refusal_is_told_with_its_rule_and_gives_1(
    adapter: SmallAdapter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.json").write_bytes(b'{"type": "history"}')
    (tmp_path / "b.json").write_bytes(b"{}")
    assert run(["submit", str(tmp_path), "--url", adapter.url]) == 1
    shown = capsys.readouterr().out
    assert "X-Y: Fel typ." in shown
    assert "1 of 2 taken" in shown


def test_machines_get_one_json_document(
    adapter: SmallAdapter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.json").write_bytes(b'{"type": "history"}')
    assert run(["submit", str(tmp_path / "a.json"), "--url", adapter.url, "--json"]) == 1
    summary = json.loads(capsys.readouterr().out)
    assert (summary["taken"], summary["refused"], summary["unanswered"]) == (0, 1, 0)
    assert summary["results"][0]["rules"] == ["X-Y"]


def test_a_path_that_is_not_there_is_wrong_usage(adapter: SmallAdapter, tmp_path: Path) -> None:
    assert run(["submit", str(tmp_path / "none.json"), "--url", adapter.url]) == 2
    assert adapter.got == []


def test_an_empty_folder_is_a_failure(adapter: SmallAdapter, tmp_path: Path) -> None:
    assert run(["submit", str(tmp_path), "--url", adapter.url]) == 1
