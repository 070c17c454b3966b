"""What `vardbro check` says of the door: certificates with their last day, and the senders' proofs."""

import asyncio
import stat
from collections.abc import Iterator, Sized
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
from cryptography import x509

from adapter.access.certificates import read_certificate
from adapter.access.jwks import FetchedKeys, keys_of
from adapter.access.tls import server_context
from adapter.config.model import Config, SenderSection
from adapter.errors import ConfigurationError

SOON = timedelta(days=14)
"""A certificate that ends within this time is to be renewed now."""


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was tried. `mend` is empty when it is well."""

    name: str
    ok: bool
    says: str
    mend: str = ""


def examine(config: Config, now: datetime | None = None) -> Iterator[Remark]:
    """Try the certificates of ``[http]`` and each sender's proofs. Keys at an address are fetched."""
    now = now or datetime.now(UTC)
    yield from _server(config, now)
    for name, section in config.senders.items():
        if section.has_proof(name):
            yield from _sender(name, section, now)


def _server(config: Config, now: datetime) -> Iterator[Remark]:
    http = config.http
    if http.certificate is None:
        if not http.is_loopback:
            yield Remark(
                name="tls", ok=True, says="none here: something in front must speak HTTPS with the senders"
            )
        return
    try:
        server_context(http)
    except ConfigurationError as error:
        yield Remark(name="tls", ok=False, says=str(error), mend=error.hint)
        return
    yield _dated("tls: certificate", http.certificate, "http.certificate", now)
    if http.key is not None and http.key.stat().st_mode & stat.S_IROTH:
        yield Remark(
            name="tls: key", ok=False, says=f"{http.key} can be read by all", mend=f"chmod o= {http.key}"
        )
    if http.client_ca is not None:
        asked = f"client certificates are {http.client_certificates}"
        yield _dated("tls: client_ca", http.client_ca, "http.client_ca", now, asked)


def _sender(name: str, section: SenderSection, now: datetime) -> Iterator[Remark]:
    for text in section.certificate:
        if text.startswith("file:"):
            setting = f"senders.{name}.certificate"
            yield _dated(setting, Path(text.removeprefix("file:")), setting, now)
    proofs = [f"{len(tokens)} {_several('token', tokens)}"] if (tokens := section.secrets(name)) else []
    if section.certificate:
        proofs.append(f"{len(section.certificate)} {_several('certificate', section.certificate)}")
    if section.client_id is not None:
        remark = _keys(name, section)
        if not remark.ok:
            yield remark
            return
        proofs.append(remark.says)
    scopes = " ".join(section.scopes)
    yield Remark(name=f"senders.{name}", ok=True, says=f"proven by {', '.join(proofs)}; may do {scopes}")


def _keys(name: str, section: SenderSection) -> Remark:
    try:
        if section.jwks_url is not None:
            raw, place = asyncio.run(FetchedKeys(section.jwks_url).fetch()), "jwks_url"
        else:
            assert section.jwks_file is not None  # noqa: S101 - the section's own check
            raw, place = section.jwks_file.read_bytes(), "jwks_file"
        keys = keys_of(raw)
    except (httpx.HTTPError, OSError, TimeoutError, ValueError) as error:
        says = f"the client's keys cannot be had: {str(error) or type(error).__name__}"
        return Remark(name=f"senders.{name}", ok=False, says=says, mend=f"Mend the keys of [senders.{name}].")
    if not keys:
        mend = "RSA of 2048 bits or more, or EC on P-384; each with a kid."
        return Remark(name=f"senders.{name}", ok=False, says="none of the client's keys is of use", mend=mend)
    return Remark(name=f"senders.{name}", ok=True, says=f"{len(keys)} {_several('key', keys)} in {place}")


def _dated(name: str, file: Path, setting: str, now: datetime, more: str = "") -> Remark:
    """A certificate with its last day."""
    try:
        certificate = read_certificate(file, setting)
    except ConfigurationError as error:
        return Remark(name=name, ok=False, says=str(error), mend=error.hint)
    until = certificate.not_valid_after_utc
    says = f"{_subject(certificate)}, valid until {until:%Y-%m-%d}" + (f"; {more}" if more else "")
    if now >= until:
        return Remark(name=name, ok=False, says=f"{says}: it has expired", mend="Replace the file.")
    if now >= until - SOON:
        left = f"{says}: {(until - now).days} days are left"
        return Remark(name=name, ok=False, says=left, mend="Replace the file; the service sees it by itself.")
    if now < certificate.not_valid_before_utc:
        return Remark(name=name, ok=False, says=f"{says}: it is not valid yet", mend="Is the clock right?")
    return Remark(name=name, ok=True, says=says)


def _subject(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or "a certificate without a subject"


def _several(noun: str, some: Sized) -> str:
    return noun if len(some) == 1 else f"{noun}s"
