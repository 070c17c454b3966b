"""A client of SMART Backend Services, written for tests with `cryptography` alone: JWS by hand, so that no
mistake of a library is made on both sides.
"""

import base64
import json
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LEFT_OUT: Any = object()
"""Stands for a member that is not there."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
"""One for all tests: to make one takes a while."""


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value: int, size: int | None = None) -> str:
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def jwk(key: PrivateKey, kid: str, **members: Any) -> dict[str, Any]:
    """The public key as a JWK."""
    if isinstance(key, rsa.RSAPrivateKey):
        public = key.public_key().public_numbers()
        return {"kty": "RSA", "kid": kid, "n": number(public.n), "e": number(public.e), **members}
    point, size = key.public_key().public_numbers(), (key.curve.key_size + 7) // 8
    crv = {"secp256r1": "P-256", "secp384r1": "P-384"}[key.curve.name]
    return {
        "kty": "EC",
        "crv": crv,
        "kid": kid,
        "x": number(point.x, size),
        "y": number(point.y, size),
        **members,
    }


def signature(key: PrivateKey, signed: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(signed, padding.PKCS1v15(), hashes.SHA384())
    size = (key.curve.key_size + 7) // 8
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA384())))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def mac(secret: bytes, signed: bytes) -> bytes:
    made = hmac.HMAC(secret, hashes.SHA256())
    made.update(signed)
    return made.finalize()


class SmartClient:
    """A sender's client. `keys` are its private keys by kid; the first that was made signs."""

    def __init__(self, client_id: str, audience: str, key: PrivateKey | None = None) -> None:
        self.client_id, self.audience = client_id, audience
        self.keys: dict[str, PrivateKey] = {"key-1": key or ec.generate_private_key(ec.SECP384R1())}

    def publish(self, file: Path) -> Path:
        """Write the public keys to a file."""
        half = file.with_suffix(".half")
        half.write_text(json.dumps(self.jwks()))
        return half.rename(file)

    def jwks(self) -> dict[str, Any]:
        return {"keys": [jwk(key, kid) for kid, key in self.keys.items()]}

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.audience,
            "exp": now + 240,
            "iat": now,
            "jti": secrets.token_hex(8),
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not LEFT_OUT}

    def assertion(
        self, header: dict[str, Any] | None = None, key: PrivateKey | None = None, **claims: Any
    ) -> str:
        """A signed assertion; `header` and `claims` change members, or leave them out."""
        kid = next(iter(self.keys))
        key = key or self.keys[kid]
        algorithm = "RS384" if isinstance(key, rsa.RSAPrivateKey) else "ES384"
        members = {"alg": algorithm, "typ": "JWT", "kid": kid, **(header or {})}
        first = {name: value for name, value in members.items() if value is not LEFT_OUT}
        signed = f"{b64(json.dumps(first).encode())}.{b64(json.dumps(self.claims(**claims)).encode())}"
        return f"{signed}.{b64(self._signature(first, key, signed.encode()))}"

    def _signature(self, header: dict[str, Any], key: PrivateKey, signed: bytes) -> bytes:
        """By the algorithm that the header names: HS256 takes the public key's text for a secret."""
        if header.get("alg") == "none":
            return b""
        if header.get("alg") == "HS256":
            return mac(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), signed)
        return signature(key, signed)

    def form(self, assertion: str | None = None, **changed: Any) -> bytes:
        """The body of a request for a token."""
        fields = {
            "grant_type": "client_credentials",
            "scope": "system/Encounter.c",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion() if assertion is None else assertion,
            **changed,
        }
        return urlencode({name: value for name, value in fields.items() if value is not LEFT_OUT}).encode()
