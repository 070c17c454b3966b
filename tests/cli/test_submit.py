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
        self.types: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: SmallAdapter

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append(raw)
        self.server.types.append(self.headers["content-type"])
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


def test_findings_are_summed_up_by_rule_with_an_example(
    adapter: SmallAdapter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.json").write_bytes(b'{"type": "history", "n": %d}' % number)
    assert run(["submit", str(tmp_path), "--url", adapter.url, "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["rule"], finding["submissions"], finding["source"]) == ("X-Y", 3, "0.json")


def test_a_run_goes_on_where_its_journal_ends(
    adapter: SmallAdapter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, journal = tmp_path / "in", tmp_path / "journal"
    folder.mkdir()
    (folder / "a.json").write_bytes(b'{"n": 1}')
    arguments = ["submit", str(folder), "--url", adapter.url, "--journal", str(journal)]
    assert run(arguments) == 0
    (folder / "b.json").write_bytes(b'{"n": 2}')
    assert run(arguments) == 0
    assert adapter.got == [b'{"n": 1}', b'{"n": 2}']
    assert "2 of 2 taken" in capsys.readouterr().out


def test_xml_goes_as_xml_and_its_bytes_as_they_are(adapter: SmallAdapter, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b'<Bundle xmlns="http://hl7.org/fhir"/>')
    assert run(["submit", str(tmp_path), "--url", adapter.url]) == 0
    assert (adapter.got, adapter.types) == (
        [b'<Bundle xmlns="http://hl7.org/fhir"/>'],
        ["application/fhir+xml"],
    )


def test_a_journal_that_cannot_be_written_is_wrong_usage(adapter: SmallAdapter, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{}")
    journal = tmp_path / "none" / "journal"
    assert run(["submit", str(tmp_path), "--url", adapter.url, "--journal", str(journal)]) == 2
    assert adapter.got == []
