"""The key by which what stands for a person gets a name that shows nothing of the person.

An identity number has few possible values: who knows how a plain hash is made can try them all. With the key
of the installation only who has the ledger's keys can.
"""

import hmac
from hashlib import sha256

import msgspec

_DIGITS = 32


class NamingKey(msgspec.Struct, frozen=True):
    """The key of an installation. `secret` is empty for a ledger that began before there was one: it keeps
    the names that it has given (docs/decisions/keyed-names). `fresh`: it was made for this run alone."""

    secret: bytes
    fresh: bool = False

    def __repr__(self) -> str:
        return f"NamingKey(fresh={self.fresh}, empty={not self.secret})"

    def name(self, purpose: str, *parts: str) -> str:
        """32 hexadecimal digits of HMAC-SHA256 over `parts`; other purposes give other names.

        Raises ValueError without a secret.
        """
        if not self.secret:
            raise ValueError("there is no secret to make names with")
        said = "\x1f".join((purpose, *parts)).encode()
        return hmac.new(self.secret, said, sha256).hexdigest()[:_DIGITS]
