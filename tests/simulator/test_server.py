"""The simulator as a program of its own: its address, its end, TLS and client certificates."""

import signal
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from adapter.simulator.server import Tls, running

CERTS = Path(__file__).parent / "certs"
SERVER = (CERTS / "server.pem", CERTS / "server.key")


def trusting(client_certificate: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(CERTS / "ca.pem"))
    if client_certificate:
        context.load_cert_chain(CERTS / "client.pem", CERTS / "client.key")
    return context


def health(url: str, context: ssl.SSLContext) -> int:
    with httpx.Client(verify=context) as client:
        return client.get(f"{url}/_control/health").status_code


def test_it_serves_tls():
    with running(tls=Tls(*SERVER)) as url:
        assert url.startswith("https://")
        assert health(url, trusting()) == 200


def test_with_a_client_authority_only_its_certificates_are_let_in():
    with running(tls=Tls(*SERVER, client_ca=CERTS / "ca.pem")) as url:
        assert health(url, trusting(client_certificate=True)) == 200
        with pytest.raises(httpx.TransportError, match=r"(?i)certificate required|disconnected|reset"):
            health(url, trusting())


def test_a_tls_failure_breaks_the_handshake_of_as_many_connections_as_it_counts():
    with running(tls=Tls(*SERVER)) as url, httpx.Client(verify=trusting()) as control:
        fault = {"kind": "tls-failure", "count": 1}
        assert control.post(f"{url}/_control/faults", json=fault).status_code == 201
        with pytest.raises(httpx.ConnectError, match="SSL"):
            health(url, trusting())
        assert health(url, trusting()) == 200


def test_without_tls_the_failing_connection_is_closed_before_any_byte(client):
    assert client.post("/_control/faults", json={"kind": "tls-failure", "count": 1}).status_code == 201
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.get("/_control/health")
    assert client.get("/_control/health").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_as_a_program_it_says_its_address_and_ends_well_when_told_to_stop(number):
    command = [sys.executable, "-m", "adapter.simulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        line = program.stdout.readline()
        assert line.startswith("simulator listens on http://127.0.0.1:")
        assert httpx.get(f"{line.split()[-1]}/_control/health").json() == {"status": "up"}
        program.send_signal(number)
        assert program.wait(timeout=10) == 0


def test_contradictory_options_are_wrong_usage():
    command = [sys.executable, "-m", "adapter.simulator", "--cert", "x.pem"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 2
    assert "--key" in ended.stderr


def test_it_stands_alone():
    code = (
        "import sys, adapter.simulator.__main__\n"
        "print(sorted(m for m in sys.modules if m.startswith('adapter.')"
        " and not m.startswith('adapter.simulator')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
