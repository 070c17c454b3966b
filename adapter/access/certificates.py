"""Senders known by the certificates that they show in the TLS handshake.

The server has checked the chain, the dates and the proof of the key before it hands a certificate over; here
it is only found out whose it is. A sender's certificate is described by one of

    sha256:HEX                  its fingerprint; colons and case do not matter
    file:PATH                   the same certificate, as a PEM file
    san:dns:NAME  san:uri:URI  san:email:ADDRESS      one of its alternative names
    CN=...,O=...,C=SE           its subject (RFC 4514), all of it, in any order
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID

from adapter.errors import ConfigurationError

Kind = Literal["sha256", "dns", "uri", "email", "subject"]
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_MOST_CACHED = 4096
_ATTRIBUTES = {
    "serialNumber": NameOID.SERIAL_NUMBER,
    "SERIALNUMBER": NameOID.SERIAL_NUMBER,
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER,
    "GN": NameOID.GIVEN_NAME,
    "SN": NameOID.SURNAME,
    "title": NameOID.TITLE,
}


class Mark(msgspec.Struct, frozen=True):
    """Something by which a certificate is known."""

    kind: Kind
    value: str


class Shown(msgspec.Struct, frozen=True):
    """A certificate as far as it is needed: its marks, and until when it is valid (seconds since 1970)."""

    marks: frozenset[Mark]
    since: float
    until: float


def mark_of(text: str, setting: str) -> Mark:
    """The mark that a setting describes. Raises ConfigurationError, with the name of the setting."""
    kind, _, rest = text.partition(":")
    if kind == "file":
        return Mark("sha256", fingerprint(read_certificate(Path(rest), setting).public_bytes(Encoding.DER)))
    if kind == "san":
        return _alternative(rest, setting)
    if "=" in text and kind != "sha256":
        return Mark("subject", _subject_of(text, setting))
    digits = (rest if kind == "sha256" else text).replace(":", "").replace(" ", "").lower()
    if _FINGERPRINT.fullmatch(digits) is None:
        raise ConfigurationError(
            f'{setting}: "{text}" describes no certificate',
            'Write "sha256:<64 hex digits>", "file:PATH", "san:dns:NAME" or the subject "CN=...,O=...".',
        )
    return Mark("sha256", digits)


def read_certificate(file: Path, setting: str) -> x509.Certificate:
    """The first certificate of a PEM file. Raises ConfigurationError."""
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{setting}: {file}: {error.strerror}") from None
    except ValueError:
        raise ConfigurationError(f"{setting}: {file} is no certificate in PEM") from None


def fingerprint(der: bytes) -> str:
    """SHA-256 of a certificate (DER), in hex."""
    return hashlib.sha256(der).hexdigest()


class Certificates:
    """Whose certificate is whose. Raises ConfigurationError when two senders have the same mark."""

    def __init__(self, senders: Mapping[str, Iterable[str]], clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._senders: dict[Mark, str] = {}
        self._seen: dict[bytes, Shown] = {}
        for name, described in senders.items():
            setting = f"senders.{name}.certificate"
            for mark in (mark_of(text, setting) for text in described):
                other = self._senders.setdefault(mark, name)
                if other != name:
                    raise ConfigurationError(
                        f"senders.{other} and senders.{name} have the same certificate",
                        "Each sender has certificates of its own.",
                    )

    def owner(self, der: bytes) -> str | None:
        """The sender that a certificate belongs to; None for nobody's, for one whose dates do not fit the
        clock (a connection may be older than that), and for one that would fit two senders."""
        shown = self._shown(der)
        if shown is None or not shown.since <= self._clock() <= shown.until:
            return None
        owners = {self._senders[mark] for mark in shown.marks if mark in self._senders}
        return owners.pop() if len(owners) == 1 else None

    def _shown(self, der: bytes) -> Shown | None:
        key = hashlib.sha256(der).digest()
        shown = self._seen.get(key)
        if shown is None:
            try:
                shown = _read(x509.load_der_x509_certificate(der))
            except ValueError:  # OpenSSL takes some that this reader does not
                return None
            if len(self._seen) >= _MOST_CACHED:
                self._seen.clear()
            self._seen[key] = shown
        return shown


def _read(certificate: x509.Certificate) -> Shown:
    marks = {
        Mark("sha256", fingerprint(certificate.public_bytes(Encoding.DER))),
        Mark("subject", _canonical(certificate.subject)),
        *_alternatives(certificate),
    }
    return Shown(
        frozenset(marks),
        certificate.not_valid_before_utc.timestamp(),
        certificate.not_valid_after_utc.timestamp(),
    )


def _alternatives(certificate: x509.Certificate) -> set[Mark]:
    try:
        found = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except x509.ExtensionNotFound:
        return set()
    assert isinstance(found, x509.SubjectAlternativeName)  # noqa: S101 - what that extension holds
    return {
        *(Mark("dns", name.lower()) for name in found.get_values_for_type(x509.DNSName)),
        *(Mark("uri", uri) for uri in found.get_values_for_type(x509.UniformResourceIdentifier)),
        *(Mark("email", address.lower()) for address in found.get_values_for_type(x509.RFC822Name)),
    }


def _alternative(text: str, setting: str) -> Mark:
    kind, _, value = text.partition(":")
    if kind in ("dns", "email") and value:
        return Mark("dns" if kind == "dns" else "email", value.lower())
    if kind == "uri" and value:
        return Mark("uri", value)
    raise ConfigurationError(
        f'{setting}: "san:{text}" is written san:dns:NAME, san:uri:URI or san:email:ADDRESS'
    )


def _subject_of(text: str, setting: str) -> str:
    try:
        return _canonical(x509.Name.from_rfc4514_string(text, _ATTRIBUTES))
    except ValueError:
        raise ConfigurationError(
            f'{setting}: "{text}" is no subject', "Write it as `openssl x509 -subject -nameopt RFC2253` does."
        ) from None


def _canonical(name: x509.Name) -> str:
    """All attributes, sorted: the order of a subject is written in two ways."""
    return "\n".join(sorted(f"{part.oid.dotted_string}={part.value!r}" for part in name))
