"""Certificates of the server and of the authority are changed while it listens."""

import os
import ssl
from pathlib import Path

import pytest

from adapter.access.tls import ServerTls
from adapter.config.model import Http
from adapter.errors import ConfigurationError
from tests.support.certificates import Authority, Issued


def settings(server: Issued, authority: Authority, **changed: object) -> Http:
    return Http(
        certificate=server.pem,
        key=server.key,
        client_ca=authority.pem,
        client_certificates="required",
        **changed,
    )


def shake_hands(
    tls: ServerTls, trusted: Path, shown: Issued, name: str | None = "localhost", newest: bool = True
) -> tuple[bytes | None, bytes | None]:
    """The certificates (DER) that client and server see of each other. Raises ssl.SSLError."""
    client_context = ssl.create_default_context(cafile=trusted)
    client_context.check_hostname = name is not None
    if not newest:
        client_context.maximum_version = ssl.TLSVersion.TLSv1_2
    client_context.load_cert_chain(shown.pem, shown.key)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    server = tls.context.wrap_bio(to_server, to_client, server_side=True)
    done: set[int] = set()
    while len(done) < 2:
        for number, side in enumerate((client, server)):
            try:
                side.do_handshake()
                done.add(number)
            except ssl.SSLWantReadError:
                pass
    return client.getpeercert(binary_form=True), server.getpeercert(binary_form=True)


def replace(old: Path, new: Path) -> None:
    """As renewal does it: another file in the same place."""
    copy = new.with_suffix(".copy")
    copy.write_bytes(new.read_bytes())
    os.replace(copy, old)


def test_a_renewed_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    first, second, client = authority.server(), authority.server("renewed"), authority.issue("client")
    tls = ServerTls(settings(first, authority))
    assert shake_hands(tls, authority.pem, client) == (first.der, client.der)
    assert not tls.renew()
    replace(first.pem, second.pem)
    assert not tls.renew(), "it does not fit its key yet"
    assert shake_hands(tls, authority.pem, client)[0] == first.der
    replace(first.key, second.key)
    assert tls.renew()
    for name in ("localhost", None):
        for newest in (True, False):
            assert shake_hands(tls, authority.pem, client, name, newest) == (second.der, client.der)


def test_another_authority_takes_the_place_of_the_first(tmp_path: Path) -> None:
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new")
    server, mine, theirs = old.server(), old.issue("mine"), new.issue("theirs")
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(old.pem.read_bytes())
    tls = ServerTls(settings(server, old))
    with pytest.raises(ssl.SSLError):
        shake_hands(tls, trusted, theirs)
    replace(old.pem, new.pem)
    assert tls.renew()
    assert shake_hands(tls, trusted, theirs)[1] == theirs.der
    with pytest.raises(ssl.SSLError):
        shake_hands(tls, trusted, mine)


def test_a_newer_list_of_revoked_certificates_counts(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server, client = authority.server(), authority.issue("client")
    crl = authority.revoke()
    tls = ServerTls(settings(server, authority, client_crl=crl))
    shake_hands(tls, authority.pem, client)
    authority.revoke(client)
    assert tls.renew()
    with pytest.raises(ssl.SSLError):
        shake_hands(tls, authority.pem, client)


def test_files_of_no_use_stop_the_start(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server, other = authority.server(), authority.issue("other")
    for changed in ({"key": other.key}, {"certificate": tmp_path / "none.pem"}, {"client_ca": server.key}):
        with pytest.raises(ConfigurationError, match=r"http\."):
            ServerTls(settings(server, authority).model_copy(update=changed))
