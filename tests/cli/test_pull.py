"""`vardbro pull` between a small FHIR server and a small adapter, over real connections."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.cli.root import run
from tests.pull.world import FhirServer, resource, to


@contextmanager
def listening(answer: Any) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            reply = answer(httpx.Request(self.command, f"http://127.0.0.1{self.path}", content=body))
            self.send_response(reply.status_code)
            self.send_header("content-length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_POST = do_GET  # noqa: N815 - http.server looks for this name

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def ehr() -> Iterator[str]:
    server = FhirServer(
        resource("Encounter", "e", day=2, subject=to("Patient/p")),
        resource("Patient", "p"),
        resource("Condition", "c", day=2, encounter=to("Encounter/e")),
    )
    with listening(server) as url:
        yield f"{url}/r4"


@pytest.fixture
def got() -> list[bytes]:
    return []


@pytest.fixture
def url(got: list[bytes]) -> Iterator[str]:
    def take(request: httpx.Request) -> httpx.Response:
        got.append(request.content)
        return httpx.Response(200, json={"resourceType": "OperationOutcome"})

    with listening(take) as url:
        yield url


def test_what_has_changed_is_fetched_and_sent_and_the_mark_kept(
    ehr: str, url: str, got: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = tmp_path / "mark"
    arguments = ["pull", ehr, "--checkpoint", str(mark), "--url", url]
    assert run([*arguments, "--since", "2026-01-01", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["taken"], told["complete"]) == (1, True)
    assert {entry["resource"]["resourceType"] for entry in json.loads(got[0])["entry"]} == {
        "Encounter",
        "Patient",
        "Condition",
    }
    assert b"2026-01-02T12:00:00Z" in mark.read_bytes()
    assert run(arguments) == 0


def test_without_a_checkpoint_it_wants_to_know_where_to_begin(
    ehr: str, url: str, got: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["pull", ehr, "--checkpoint", str(tmp_path / "mark"), "--url", url]) == 2
    assert "--since" in capsys.readouterr().err
    assert got == []


def test_a_source_that_is_away_is_told_and_gives_1(
    url: str, got: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr("adapter.pull.source.TRIES", 1)
    arguments = ["pull", "http://127.0.0.1:9/r4", "--checkpoint", str(tmp_path / "mark"), "--url", url]
    assert run([*arguments, "--since", "2026-01-01"]) == 1
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("wrong", [["--every", "often"], ["--since", "soon"], ["--count", "0"]])
def test_wrong_options_are_wrong_usage(wrong: list[str], tmp_path: Path) -> None:
    assert run(["pull", "http://127.0.0.1:9", "--checkpoint", str(tmp_path / "mark"), *wrong]) == 2
