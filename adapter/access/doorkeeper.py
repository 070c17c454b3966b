"""Who sends: the open door on loopback, or senders that prove themselves."""

import hashlib

import msgspec

from adapter.config.model import Config, SenderSection
from adapter.mapping.context import Sender
from adapter.offline import OPEN_DOOR, sender_of


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What a request brings along to prove who sends it: the Authorization header, and the certificate (DER)
    that the client has shown in the TLS handshake and the server has verified."""

    authorization: str | None = None
    certificate: bytes | None = None


class NotAdmitted(Exception):
    """The request may not go on: the HTTP `status` (401, 403, 429) and the rule that says why.

    `retry_after` is in seconds, for 429.
    """

    def __init__(self, status: int, rule: str, retry_after: int | None = None, **params: str) -> None:
        super().__init__(rule)
        self.status, self.rule, self.retry_after, self.params = status, rule, retry_after, params


class Doorkeeper:
    """Finds the sender of a request by its proof, and refuses what that sender may not do.

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

    async def admit(self, proof: Proof, right: str) -> Sender:
        """The sender that this proof proves and that may do what `right` names (a SMART scope such as
        ``system/Encounter.c``). Raises NotAdmitted."""
        if self._anybody is not None:
            return self._anybody
        token = bearer(proof.authorization)
        sender = None if token is None else self._by_digest.get(hashlib.sha256(token).digest())
        if sender is None:
            raise NotAdmitted(401, "HTTP-SENDER")
        return sender


def bearer(authorization: str | None) -> bytes | None:
    """The token of an Authorization header of the scheme Bearer."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip().encode() if scheme.lower() == "bearer" and token.strip() else None
