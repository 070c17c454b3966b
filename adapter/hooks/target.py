"""Where a webhook goes and what it is signed with."""

import base64
import binascii
import ipaddress
from urllib.parse import urlsplit

import msgspec

LEAST_KEY = 24
"""Bytes of a key at least, as Standard Webhooks demands."""

PREFIX = "whsec_"
"""Begins a key that is written in base64."""


class Target(msgspec.Struct, frozen=True):
    """An address and the key of its signatures."""

    url: str
    key: bytes

    @property
    def shown(self) -> str:
        """What a log may say of the address: path and query can hold secrets."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}" + ("" if parts.port is None else f":{parts.port}")


def key_of(secret: bytes) -> bytes:
    """The key that a secret stands for: base64 after ``whsec_``, else its bytes as they are.

    Raises ValueError that says what is wrong with it, without quoting it.
    """
    key = secret
    if secret.startswith(PREFIX.encode()):
        try:
            key = base64.b64decode(secret.removeprefix(PREFIX.encode()), validate=True)
        except binascii.Error:
            raise ValueError(f"what follows {PREFIX} is not base64") from None
    if len(key) < LEAST_KEY:
        raise ValueError(f"a webhook's secret has at least {LEAST_KEY} bytes")
    return key


def checked_url(url: str) -> str:
    """`url`, if a webhook may go there. Raises ValueError that says what is wrong with it."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("a webhook's address is https://HOST/PATH")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("a webhook goes over https; http is for loopback only")
    if parts.username is not None or parts.fragment:
        raise ValueError("a webhook's address holds no user and no fragment")
    return url


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine answers under the name."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
