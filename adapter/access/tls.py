"""The server's side of TLS: its certificate, and which certificates of clients it takes.

TLS 1.2 at least. Renewed files are taken into use without a restart: each handshake is handed to the context
that was made last.
"""

import ssl
from collections.abc import Callable
from pathlib import Path

import structlog

from adapter.config.model import Http
from adapter.errors import ConfigurationError

_log = structlog.get_logger("vardbro.tls")
_Stamp = tuple[tuple[int, int, int], ...]

_MODES = {"off": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}


class ServerTls:
    """TLS as ``[http]`` says. Raises ConfigurationError when one of its files cannot be used."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._stamp = _stamp(http)
        self._newest = server_context(http)
        self.context = self._newest
        """What listens. It stays the same; handshakes go on with the newest."""
        self.context.sni_callback = self._hand_over

    def renew(self) -> bool:
        """Take the files into use if they have changed. Files that are of no use change nothing: while a
        certificate is being replaced, it does not fit its key for a moment."""
        stamp = _stamp(self._http)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self._newest = server_context(self._http)
        except ConfigurationError as error:
            _log.error("tls.not_renewed", problem=str(error))
            return False
        _log.info("tls.renewed", certificate=str(self._http.certificate))
        return True

    def _hand_over(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        if connection.context is not self._newest:
            connection.context = self._newest


def server_context(http: Http) -> ssl.SSLContext:
    """A context with the files as they are now. Raises ConfigurationError that names the setting."""
    assert http.certificate is not None  # noqa: S101 - asked for with a certificate only
    assert http.key is not None  # noqa: S101
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # No tickets: a resumed session passes by the check of the chain. (TLS 1.2 resumes by session id as well,
    # which Python cannot switch off; the doorkeeper looks at owner and dates for each request.)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    context.num_tickets = 0
    context.set_alpn_protocols(["http/1.1"])
    _load("http.certificate, http.key", http.certificate, lambda: _chain(context, http))
    context.verify_mode = _MODES[http.client_certificates]
    for setting, file in (("http.client_ca", http.client_ca), ("http.client_crl", http.client_crl)):
        if file is not None:
            _locations(context, setting, file)
    if http.client_crl is not None:
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


def _chain(context: ssl.SSLContext, http: Http) -> None:
    assert http.certificate is not None  # noqa: S101
    context.load_cert_chain(http.certificate, http.key, password=_no_password)


def _locations(context: ssl.SSLContext, setting: str, file: Path) -> None:
    _load(setting, file, lambda: context.load_verify_locations(cafile=file))


def _load(setting: str, file: Path, load: Callable[[], None]) -> None:
    try:
        load()
    except ssl.SSLError as error:
        raise ConfigurationError(
            f"{setting}: {file} cannot be used ({(error.reason or 'no PEM').lower().replace('_', ' ')})",
            "The files are PEM; the key fits the certificate and has no password.",
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{setting}: {file}: {error.strerror}", "Name a readable file.") from None


def _no_password() -> bytes:
    """A key with a password is refused, instead of asking for it on a terminal."""
    return b""


def _stamp(http: Http) -> _Stamp:
    """What tells whether a file has been written anew."""
    found = []
    for file in (http.certificate, http.key, http.client_ca, http.client_crl):
        try:
            written = file.stat() if file is not None else None
        except OSError:
            written = None
        found.append((0, 0, 0) if written is None else (written.st_mtime_ns, written.st_size, written.st_ino))
    return tuple(found)
