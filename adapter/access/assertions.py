"""A client's assertion: the signed JWT by which it proves itself when it asks for a token.

Sources: HL7 SMART App Launch 2.2.0, "Client Authentication: Asymmetric"; RFC 7523; RFC 7519. Both demand that
issuer and subject are the client and the audience is the token endpoint; SMART allows five minutes of life.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import msgspec
import orjson
from joserfc import jws
from joserfc.errors import JoseError

from adapter.access.jwks import ALGORITHMS, PublicKey

LONGEST_LIFE = 300.0
"""Seconds that an assertion may have left at most."""

LARGEST = 8192
"""Characters of an assertion."""

_LONGEST_TEXT = 255
_SIGNERS = frozenset(ALGORITHMS.values())


class _Registry(jws.JWSRegistry):
    """Our two algorithms; header members that are not known are passed over (RFC 7515, section 4)."""

    max_header_length = 4096


_REGISTRY = _Registry(algorithms=sorted(_SIGNERS), strict_check_header=False)


class WrongAssertion(Exception):
    """The assertion proves nothing. The text says why, and quotes nothing of it."""


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """An assertion that was read, and not yet checked: what its header and its claims say."""

    token: str
    algorithm: str
    kid: str
    jku: str | None
    claims: Mapping[str, Any]

    @property
    def client(self) -> str:
        """Who it says that it is from."""
        found = self.claims.get("iss")
        return found if isinstance(found, str) else ""


def read_assertion(token: str) -> Assertion:
    """Take an assertion apart; nothing of it is believed yet. Raises WrongAssertion."""
    if not token.isascii() or len(token) > LARGEST or token.count(".") != 2:
        raise WrongAssertion("client_assertion is no signed JWT")
    try:
        taken = jws.extract_compact(token.encode(), registry=_REGISTRY)
        header, claims = taken.headers(), orjson.loads(taken.payload)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise WrongAssertion("client_assertion is no signed JWT") from None
    if not isinstance(claims, dict) or not isinstance(header, dict):
        raise WrongAssertion("client_assertion is no signed JWT")
    return Assertion(
        token=token,
        algorithm=_algorithm(header),
        kid=_text(header, "kid", "the header"),
        jku=header.get("jku"),
        claims=claims,
    )


def verify_signature(assertion: Assertion, key: PublicKey) -> None:
    """Raise WrongAssertion unless `key` has signed it, by the one algorithm that fits the key."""
    if assertion.algorithm != ALGORITHMS[key.key_type]:
        raise WrongAssertion("the algorithm does not fit the key")
    try:
        jws.deserialize_compact(assertion.token.encode(), key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):
        raise WrongAssertion("the signature is wrong") from None


def check_claims(assertion: Assertion, client: str, audience: str, now: float, skew: float) -> None:
    """Raise WrongAssertion unless the claims are this client's, for this endpoint, and of this time.

    `skew` is how many seconds the client's clock may be wrong, either way.
    """
    claims = assertion.claims
    if claims.get("iss") != client or claims.get("sub") != client:
        raise WrongAssertion("iss and sub must both be the client_id")
    named = claims.get("aud")
    if audience not in (named if isinstance(named, list) else [named]):
        raise WrongAssertion(f"aud must be {audience}")
    _text(claims, "jti", "the claims")
    expires = _time(claims, "exp")
    if expires is None:
        raise WrongAssertion("exp is missing")
    if expires <= now - skew:
        raise WrongAssertion("it has expired")
    if expires > now + LONGEST_LIFE + skew:
        raise WrongAssertion(f"exp is more than {LONGEST_LIFE:g} seconds ahead")
    for name in ("nbf", "iat"):
        begins = _time(claims, name)
        if begins is not None and begins > now + skew:
            raise WrongAssertion(f"{name} is in the future")


def name_of(client: str, assertion: Assertion) -> str:
    """A name for the assertion that tells nothing of it, the same for each use of its jti by the client."""
    jti = str(assertion.claims["jti"])
    return hashlib.sha256(orjson.dumps([client, jti])).hexdigest()


def _algorithm(header: Mapping[str, Any]) -> str:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in _SIGNERS:
        raise WrongAssertion(f"alg must be {' or '.join(sorted(_SIGNERS))}")
    if "crit" in header:
        raise WrongAssertion("crit is not understood")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.upper() != "JWT":
        raise WrongAssertion("typ must be JWT")
    return algorithm


def _text(members: Mapping[str, Any], name: str, where: str) -> str:
    found = members.get(name)
    if not isinstance(found, str) or not 1 <= len(found) <= _LONGEST_TEXT:
        raise WrongAssertion(f"{name} is missing in {where}, or no text of 1 to {_LONGEST_TEXT} characters")
    return found


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    found = claims.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise WrongAssertion(f"{name} must be a number of seconds")
    return float(found)
