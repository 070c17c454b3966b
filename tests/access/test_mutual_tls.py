"""The service as a process that speaks TLS and knows senders by their certificates."""

import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.certificates import Authority, Issued
from tests.support.service import environment, serving

TOKEN = "0123456789abcdef"


class Place:
    """Who has which certificate, and where the service answers."""

    def __init__(self, folder: Path) -> None:
        self.authority, self.stranger = Authority(folder), Authority(folder, "other-ca")
        self.server = self.authority.server()
        self.good = self.authority.issue("journal-a")
        self.newer = self.authority.issue("journal-a", file="journal-a-newer", organization="Another")
        self.removed = self.authority.issue("journal-gone")
        self.expired = self.authority.issue("journal-a", file="expired", days=(-3, -1))
        self.foreign = self.stranger.issue("journal-a", file="foreign")
        self.listed = self.authority.issue("journal-a", file="listed")
        self.folder, self.url = folder, ""

    def settings(self, ask: str) -> str:
        return (
            f'certificate = "{self.server.pem}"\nkey = "{self.server.key}"\n'
            f'client_ca = "{self.authority.pem}"\n'
            f'client_crl = "{self.authority.revoke(self.listed)}"\nclient_certificates = "{ask}"\n'
            f"[senders.journal-a]\ncertificate = "
            f'["sha256:{self.newer.fingerprint}", "CN=journal-a,O=Region Test,C=SE"]\n'
            f'[senders.journal-b]\ntoken = "{TOKEN}"\n'
            f'[operations]\ncertificate = "{self.newer.pem}"\nkey = "{self.newer.key}"\n'
            '[registers.gvr]\nurl = "http://127.0.0.1:9/gvr"\n'
        )

    def ask(self, shown: Issued | None, path: str = "/api/sender/feed", **headers: str) -> httpx.Response:
        context = ssl.create_default_context(cafile=self.authority.pem)
        if shown is not None:
            context.load_cert_chain(shown.pem, shown.key)
        return httpx.get(f"{self.url}{path}", headers=headers, verify=context, trust_env=False)


@pytest.fixture(scope="module")
def optional(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("optional"))
    with serving(place.folder, place.settings("optional")) as place.url:
        yield place


@pytest.fixture(scope="module")
def required(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("required"))
    with serving(place.folder, place.settings("required")) as place.url:
        yield place


def test_a_certificate_proves_its_sender(optional: Place) -> None:
    assert optional.url.startswith("https://")
    assert optional.ask(optional.good).status_code == 200
    assert optional.ask(optional.newer).status_code == 200


def test_without_a_certificate_a_token_is_needed(optional: Place) -> None:
    assert optional.ask(None).status_code == 401
    assert optional.ask(None, authorization=f"Bearer {TOKEN}").status_code == 200
    assert optional.ask(None, "/health/live").status_code == 200


def test_one_senders_certificate_with_anothers_token_proves_neither(optional: Place) -> None:
    assert optional.ask(optional.good, authorization=f"Bearer {TOKEN}").status_code == 401


def test_a_good_certificate_that_is_no_senders_any_more_proves_nothing(optional: Place) -> None:
    assert optional.ask(optional.removed).status_code == 401
    assert optional.ask(optional.removed, authorization=f"Bearer {TOKEN}").status_code == 200


@pytest.mark.parametrize("which", ["expired", "foreign", "listed"])
def test_a_bad_certificate_ends_the_handshake(optional: Place, which: str) -> None:
    with pytest.raises(httpx.TransportError):
        optional.ask(getattr(optional, which))


def test_no_header_stands_for_a_certificate(optional: Place) -> None:
    pem = optional.good.pem.read_text().replace("\n", "%0A")
    for header in ("x-ssl-client-cert", "x-forwarded-client-cert", "client-cert", "x-client-cert"):
        assert optional.ask(None, **{header: pem}).status_code == 401


def test_where_certificates_are_required_nobody_comes_in_without(required: Place) -> None:
    assert required.ask(required.good).status_code == 200
    with pytest.raises(httpx.TransportError):
        required.ask(None, "/health/live")


def test_older_versions_of_tls_are_refused(optional: Place) -> None:
    host, _, port = optional.url.removeprefix("https://").rpartition(":")
    context = ssl.create_default_context(cafile=optional.authority.pem)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection((host, int(port))) as plain, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(plain, server_hostname=host)


@pytest.mark.parametrize("where", ["optional", "required"])
def test_commands_on_the_machine_reach_the_service(where: str, request: pytest.FixtureRequest) -> None:
    place: Place = request.getfixturevalue(where)
    done = subprocess.run(
        [sys.executable, "-m", "adapter", "lanes", "--json"],
        cwd=place.folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["lanes"] == []
