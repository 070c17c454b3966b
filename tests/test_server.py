"""The service as a process: it says where it is, refuses what it must, and drains."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from adapter.ledger.sqlite.file import holder

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("service")
    (folder / "vardbro.toml").write_text(
        f'[http]\nport = 0\n[ledger]\nurl = "sqlite:///{folder}/vardbro.db"\n'
        '[registers.gvr]\nurl = "http://127.0.0.1:9/gvr"\n',
        "utf-8",
    )
    return folder


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VARDBRO_")}
    return kept | {"PYTHONPATH": str(ROOT)}


def vardbro(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "adapter", *arguments],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = vardbro(folder, "serve")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("vardbro serve: http://127.0.0.1:"), process.communicate(timeout=10)[1]
        yield process, line.split()[2]
    finally:
        process.kill()
        process.communicate(timeout=10)


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[str]:
    with serving(folder) as (_, url):
        yield url


def test_it_answers_when_it_has_said_where_it_is(service: str) -> None:
    assert httpx.get(f"{service}/health/ready", trust_env=False).json() == {"status": "ok"}
    assert (
        httpx.get(f"{service}/fhir/metadata", trust_env=False).json()["resourceType"] == "CapabilityStatement"
    )


def test_the_lock_file_names_the_address(service: str, folder: Path) -> None:
    held = holder(folder / "vardbro.db")
    assert held is not None
    assert held["url"] == service


@pytest.mark.failure(
    part="ledger-sqlite",
    fault="a second process opens it",
    sender="Nothing: the first service goes on.",
    operator="The second one ends with exit code 1 and says where the first one answers.",
    kept="Everything; the second one has touched nothing.",
    recovers="Stop one of the two, or use PostgreSQL for several nodes. Commands ask the service.",
)
@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_second_process_on_the_ledger_is_refused(service: str, folder: Path, command: str) -> None:
    second = vardbro(folder, command)
    _, said = second.communicate(timeout=20)
    assert second.returncode == 1
    assert "ledger" in said
    assert service in said
    assert "Traceback" not in said
    assert httpx.get(f"{service}/health/ready", trust_env=False).status_code == 200


def test_a_body_of_60_megabytes_is_refused_and_the_service_goes_on(service: str) -> None:
    headers = {"content-type": "application/fhir+json"}
    for connection in ("keep-alive", "close"):
        answer = httpx.post(
            f"{service}/fhir",
            content=b" " * 60_000_000,
            headers={**headers, "connection": connection},
            trust_env=False,
            timeout=30,
        )
        assert answer.status_code == 413
    assert httpx.get(f"{service}/health/live", trust_env=False).status_code == 200


def test_a_client_that_sends_everything_before_it_reads_gets_the_answer(service: str) -> None:
    request = urllib.request.Request(
        f"{service}/fhir", data=b" " * 60_000_000, headers={"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(request, timeout=30)
    assert caught.value.code == 413


@pytest.mark.failure(
    part="service",
    fault="its port is taken",
    sender="Whatever the program answers that has the port.",
    operator="Exit code 2; one line names the port and what to do.",
    kept="The ledger, untouched.",
    recovers="Stop the other program, or choose another port.",
)
def test_a_port_that_is_taken_is_wrong_configuration(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = vardbro(folder, "serve", "--port", str(taken.getsockname()[1]))
        _, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "is in use" in said


def test_an_open_door_to_the_world_is_refused(folder: Path) -> None:
    process = vardbro(folder, "serve", "--host", "0.0.0.0")
    _, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "no sender is configured" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_and_ends_it_with_0(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "vardbro.toml").write_text("[http]\nport = 0\n", "utf-8")
    with serving(tmp_path) as (process, _):
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "Traceback" not in said
    assert holder(tmp_path / "vardbro.db") is None


def test_a_reader_that_waits_for_news_is_answered_when_the_service_ends(tmp_path: Path) -> None:
    (tmp_path / "vardbro.toml").write_text("[http]\nport = 0\n", "utf-8")
    with serving(tmp_path) as (process, url), socket.create_connection(address_of(url)) as reader:
        reader.sendall(b"GET /api/sender/feed?wait=30 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert httpx.get(f"{url}/health/live", trust_env=False).status_code == 200
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "Traceback" not in said
        assert reader.recv(65536).startswith(b"HTTP/1.1 200")


def test_a_sender_without_a_token_leaves_the_door_open_and_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "vardbro.toml").write_text("[http]\nport = 0\n[senders.default]\n", "utf-8")
    process = vardbro(tmp_path, "serve")
    try:
        assert process.stdout is not None
        assert "open door" in process.stdout.readline()
    finally:
        process.kill()
        process.communicate(timeout=10)


def address_of(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").rpartition(":")
    return host, int(port)


def test_the_couriers_alone_run_and_end_the_same_way(tmp_path: Path) -> None:
    process = vardbro(tmp_path, "work")
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("vardbro work: ")
        process.terminate()
        process.communicate(timeout=30)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate(timeout=10)
