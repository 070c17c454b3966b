"""Who sends: the open door on loopback, or senders that prove themselves with a bearer token."""

import hashlib

from adapter.config.model import Config, SenderSection
from adapter.mapping.context import Sender
from adapter.offline import OPEN_DOOR, sender_of


class Doorkeeper:
    """Finds the sender of a request by its Authorization header.

    Tokens are kept and compared as SHA-256 digests in a dictionary, so that the time of a look-up tells
    nothing of a token. With no token configured the door is open and everybody is the sender ``default``;
    adapter.config.require_safe_door lets that happen on loopback only.
    """

    def __init__(self, config: Config) -> None:
        self._by_digest: dict[bytes, Sender] = {}
        for name, section in config.senders.items():
            token = section.secret(name)
            if token is not None:
                self._by_digest[hashlib.sha256(token).digest()] = sender_of(name, section)
        default = config.senders.get(OPEN_DOOR, SenderSection())
        self._anybody = None if self._by_digest else sender_of(OPEN_DOOR, default)

    @property
    def is_open(self) -> bool:
        """Whether anybody may send."""
        return self._anybody is not None

    def sender(self, authorization: str | None) -> Sender | None:
        """The sender that this Authorization header proves, None when it proves nobody."""
        if self._anybody is not None:
            return self._anybody
        token = bearer(authorization)
        return None if token is None else self._by_digest.get(hashlib.sha256(token).digest())


def bearer(authorization: str | None) -> bytes | None:
    """The token of an Authorization header of the scheme Bearer."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip().encode() if scheme.lower() == "bearer" and token.strip() else None
