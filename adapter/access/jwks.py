"""The public keys of a sender's client, from a file or from the sender's own address (JWK Set, RFC 7517).

Keys that are of no use here are passed over: other kinds and curves, keys for encryption, RSA below 2048
bits. A set with a private or a symmetric key is refused as a whole: whoever published it has lost that key.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

PublicKey = RSAKey | ECKey
Keys = dict[str, PublicKey]
"""Public keys by kid."""

ALGORITHMS = {"RSA": "RS384", "EC": "ES384"}
"""The signature algorithm for each kind of key: the two that SMART demands of every server."""

LEAST_RSA = 2048
LARGEST = 256 * 1024
FRESH = 300.0
"""Seconds for which fetched keys are used without asking again; then a key that was taken back is gone."""

STALE = 3600.0
"""Seconds for which they are used when the address does not answer."""

LEAST_WAIT = 10.0
"""Seconds between two fetches at least, whatever unknown keys are named."""

TIMEOUT = httpx.Timeout(3.0)
WHOLE = 5.0
"""Seconds that a fetch may take."""

_log = structlog.get_logger("vardbro.access")


class KeysUnavailable(Exception):
    """The keys cannot be had now; the text says why, without quoting anything."""


class KeySource(Protocol):
    """Where a client's keys come from."""

    async def key(self, kid: str) -> PublicKey | None:
        """The key of this id; None when there is none. Raises KeysUnavailable."""
        ...


def keys_of(raw: bytes) -> Keys:
    """The usable keys of a JWK Set. Raises ValueError that says what is wrong with it."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ValueError("this is not JSON") from None
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError('a JWK Set is {"keys": [...]}')
    keys: Keys = {}
    for one in listed:
        if not isinstance(one, dict):
            raise ValueError("a key is a JSON object")
        if one.get("kty") == "oct" or "d" in one or "k" in one:
            raise ValueError(
                "it holds a private or a symmetric key: publish public keys only, and make new ones"
            )
        key = _usable(one)
        if key is None:
            continue
        if one["kid"] in keys:
            raise ValueError("two keys have the same kid")
        keys[one["kid"]] = key
    return keys


def _usable(one: dict[str, Any]) -> PublicKey | None:
    kind, kid = one.get("kty"), one.get("kid")
    if not isinstance(kind, str) or not isinstance(kid, str) or not kid or kind not in ALGORITHMS:
        return None
    if one.get("use", "sig") != "sig" or one.get("alg", ALGORITHMS[kind]) != ALGORITHMS[kind]:
        return None
    operations = one.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    bare = {name: value for name, value in one.items() if name in ("kty", "kid", "n", "e", "crv", "x", "y")}
    try:
        if kind == "EC":
            return ECKey.import_key(bare) if bare.get("crv") == "P-384" else None
        key = RSAKey.import_key(bare)
        return key if key.public_key.key_size >= LEAST_RSA else None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None


class FileKeys:
    """Keys in a file, which is read again when it has changed. Raises OSError and ValueError when made."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._keys: Keys = {}
        self._read: tuple[int, int, int] | None = None
        self.renew()

    def renew(self) -> Keys:
        """The keys as they lie there now."""
        found = self._file.stat()
        written = (found.st_mtime_ns, found.st_size, found.st_ino)
        if written != self._read:
            self._keys = keys_of(self._file.read_bytes())
            self._read = written
        return self._keys

    async def key(self, kid: str) -> PublicKey | None:
        """The key of this id. While the file is no good, nobody is let in by it."""
        try:
            return self.renew().get(kid)
        except (OSError, ValueError) as error:
            raise KeysUnavailable(f"the file of keys cannot be used ({type(error).__name__})") from None


class FetchedKeys:
    """Keys at an address, kept for a while. `transport` takes the place of the network in tests."""

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url, self._clock, self._transport = url, clock, transport
        self._keys: Keys = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._lock = asyncio.Lock()

    async def key(self, kid: str) -> PublicKey | None:
        """The key of this id: from what was fetched, else fetched again, if that was not just now."""
        if not self._is_younger(FRESH) or kid not in self._keys:
            async with self._lock:
                if not self._is_younger(FRESH) or kid not in self._keys:
                    await self._renew()
        return self._keys.get(kid)

    async def _renew(self) -> None:
        """Fetch the keys, unless that was tried a moment ago."""
        now = self._clock()
        if self._tried_at is not None and now - self._tried_at < LEAST_WAIT:
            if not self._is_younger(STALE):
                raise KeysUnavailable("the client's keys could not be fetched a moment ago")
            return
        self._tried_at = now
        try:
            self._keys = keys_of(await self.fetch())
            self._fetched_at = self._clock()
        except (httpx.HTTPError, TimeoutError, ValueError, OSError) as error:
            _log.warning("jwks.not_fetched", host=urlsplit(self._url).hostname, problem=type(error).__name__)
            if not self._is_younger(STALE):
                raise KeysUnavailable(
                    f"the client's keys cannot be fetched ({type(error).__name__})"
                ) from None

    async def fetch(self) -> bytes:
        """What the address answers. No redirection is followed: only the configured host is asked.

        Raises httpx.HTTPError, TimeoutError, ValueError.
        """
        async with (
            asyncio.timeout(WHOLE),
            httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT, trust_env=False) as client,
            client.stream("GET", self._url, headers={"Accept": "application/json"}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ValueError(f"the address of the keys answered {answer.status_code}")
            content = b""
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > LARGEST:
                    raise ValueError(f"the keys are more than {LARGEST} bytes")
            return content

    def _is_younger(self, seconds: float) -> bool:
        return self._fetched_at is not None and self._clock() - self._fetched_at < seconds
