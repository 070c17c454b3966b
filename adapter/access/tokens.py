"""The tokens that clients get for their assertions: short-lived, signed, and readable by us alone.

A token is a JWT signed with HMAC-SHA256 by a key that the ledger holds (adapter.ledger.access): only nodes of
the same ledger make and read them, so there is no public key to publish or to confuse it with. It names the
client, the scopes and, if the client showed a certificate, that certificate (RFC 8705: `cnf`), without which
it is of no use.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from adapter.access.rate import Bucket
from adapter.access.scopes import Scope, scopes_of
from adapter.ledger.sql.token_keys import TokenKey

ALGORITHM = "HS256"
KIND = "at+jwt"
LEEWAY = 5.0
"""Seconds that the clocks of our own nodes may differ."""

LOOKS = 5
"""So many looks into the ledger for keys at once, then one a second, whatever unknown keys are named."""

_LARGEST = 4096
_MOST_CACHED = 4096


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says. `certificate` is the hash of the certificate that it is bound to."""

    client: str
    scopes: tuple[Scope, ...]
    since: float
    until: float
    certificate: str | None = None


class Claims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The claims of our tokens, as they are written."""

    sub: str
    scope: str
    iat: int
    exp: int
    jti: str
    cnf: dict[str, str] | None = None


class KeyStore(Protocol):
    """Where the keys are."""

    async def keys(self) -> tuple[TokenKey, ...]:
        """The keys that verify tokens."""
        ...


_decode = msgspec.json.Decoder(Claims).decode


def sign(
    key: TokenKey, client: str, scope: str, now: float, lifetime: float, certificate: bytes | None = None
) -> str:
    """A new token for a client, bound to the certificate (DER) that it has shown."""
    claims = Claims(
        sub=client,
        scope=scope,
        iat=int(now),
        exp=int(now + lifetime),
        jti=secrets.token_urlsafe(12),
        cnf=None if certificate is None else {"x5t#S256": thumbprint(certificate)},
    )
    header = {"alg": ALGORITHM, "kid": key.id, "typ": KIND}
    return jws.serialize_compact(header, msgspec.json.encode(claims), _imported(key), algorithms=[ALGORITHM])


def thumbprint(certificate: bytes) -> str:
    """The hash of a certificate (DER) as RFC 8705 writes it."""
    return base64.urlsafe_b64encode(hashlib.sha256(certificate).digest()).rstrip(b"=").decode()


class TokenReader:
    """Reads our tokens. What was read once is remembered by the token's hash until it expires."""

    def __init__(
        self,
        store: KeyStore,
        clock: Callable[[], float] = time.time,
        pace: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._clock = store, clock
        self._keys: dict[str, TokenKey] = {}
        self._looks = Bucket(1.0, LOOKS, pace)
        self._seen: dict[bytes, Granted] = {}

    async def read(self, token: bytes) -> Granted | None:
        """What a token grants; None when it is not ours, changed, expired or not yet valid.

        Raises LedgerUnavailable.
        """
        digest = hashlib.sha256(token).digest()
        granted = self._seen.get(digest)
        if granted is None:
            granted = await self._verified(token)
            if granted is None:
                return None
            if len(self._seen) >= _MOST_CACHED:
                self._seen.clear()
            self._seen[digest] = granted
        now = self._clock()
        return granted if granted.since - LEEWAY <= now < granted.until + LEEWAY else None

    async def _verified(self, token: bytes) -> Granted | None:
        if len(token) > _LARGEST:
            return None
        try:
            taken = jws.extract_compact(token)
            header: dict[str, Any] = taken.headers()
            kid = header.get("kid")
            if header.get("alg") != ALGORITHM or header.get("typ") != KIND or not isinstance(kid, str):
                return None
            key = await self._key(kid)
            if key is None:
                return None
            signed = jws.deserialize_compact(token, _imported(key), algorithms=[ALGORITHM])
            return _granted(_decode(signed.payload))
        except (JoseError, msgspec.MsgspecError, ValueError, TypeError, AttributeError, RecursionError):
            return None

    async def _key(self, kid: str) -> TokenKey | None:
        """A key that is known, else the ledger is asked, but not all the time."""
        if kid not in self._keys and not self._looks.take():
            self._keys = {key.id: key for key in await self._store.keys()}
        return self._keys.get(kid)


def _granted(claims: Claims) -> Granted:
    return Granted(
        client=claims.sub,
        scopes=scopes_of(claims.scope.split()),
        since=float(claims.iat),
        until=float(claims.exp),
        certificate=None if claims.cnf is None else claims.cnf.get("x5t#S256", ""),
    )


def _imported(key: TokenKey) -> OctKey:
    return OctKey.import_key(key.secret)
