"""Who sends: the open door on loopback, or senders that prove themselves."""

from collections import defaultdict
from collections.abc import Callable

import msgspec

from adapter.access.names import is_loopback_name
from adapter.access.rate import Bucket, retry_after
from adapter.access.roster import Known, Roster
from adapter.access.scopes import Scope, covers, scope_of
from adapter.access.tokens import KeyStore, TokenReader, thumbprint
from adapter.config.model import Config
from adapter.errors import LedgerError
from adapter.mapping.context import Sender
from adapter.offline import OPEN_DOOR

KEPT_BURST = 20
"""So many refusals of a kind are recorded one by one; when there are more, one a second. All are counted."""

NOBODY = "unknown"


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What a request brings along to prove who sends it: the Authorization header, and the certificate (DER)
    that the client has shown in the TLS handshake and the server has verified. `host` is the Host header,
    None where no request came over HTTP."""

    authorization: str | None = None
    certificate: bytes | None = None
    host: str | None = None


class NotAdmitted(Exception):
    """The request may not go on: the HTTP `status` (401, 403, 429, 503) and the rule that says why.

    `retry_after` is in seconds, for 429. `kept`: the refusal is to be recorded; of many alike some are only
    counted. `sender` is who it was, as far as that was proven.
    """

    def __init__(self, status: int, rule: str, retry_after: int | None = None, **params: str) -> None:
        super().__init__(rule)
        self.status, self.rule, self.retry_after, self.params = status, rule, retry_after, params
        self.kept = True
        self.sender: Sender | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer: RFC 6750, section 3, and Retry-After."""
        if self.retry_after is not None:
            return {"Retry-After": str(self.retry_after)}
        if self.rule == "HTTP-TOKEN":
            return {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        if self.rule == "HTTP-SCOPE":
            scope = self.params.get("scope", "")
            return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
        return {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}


class Doorkeeper:
    """Finds the sender of a request by its proof, and refuses what that sender may not do.

    With no proof configured the door is open and everybody is the sender ``default``;
    adapter.config.require_safe_door lets that happen on loopback only, and here only loopback's names are let
    in. A token decides before a certificate; when both are shown, they must be of the same sender.
    """

    def __init__(
        self,
        config: Config,
        keys: KeyStore | None = None,
        on_refusal: Callable[[str, str], None] = lambda rule, sender: None,  # noqa: ARG005
        roster: Roster | None = None,
    ) -> None:
        """`keys` are those of the tokens that senders get for assertions; `on_refusal` is told the rule and
        the sender's name. Raises ConfigurationError."""
        self._roster = roster or Roster(config)
        self._tokens = None if keys is None or not self._roster.clients else TokenReader(keys)
        self._on_refusal = on_refusal
        self._pace = {
            name: Bucket(known.rate, known.burst)
            for name, known in self._roster.senders.items()
            if known.rate is not None
        }
        self._kept: dict[tuple[str, str], Bucket] = defaultdict(lambda: Bucket(1.0, KEPT_BURST))

    @property
    def is_open(self) -> bool:
        """Whether anybody may send."""
        return self._roster.is_open

    async def admit(self, proof: Proof, right: str) -> Sender:
        """The sender that this proof proves and that may do what `right` names (a SMART scope such as
        ``system/Encounter.c``). Raises NotAdmitted."""
        try:
            return await self._admitted(proof, right)
        except NotAdmitted as no:
            name = NOBODY if no.sender is None else no.sender.name
            self._on_refusal(no.rule, name)
            no.kept = not self._kept[no.rule, name].take()
            raise

    async def _admitted(self, proof: Proof, right: str) -> Sender:
        wanted = _right(right)
        if self.is_open:
            if proof.host is not None and not is_loopback_name(proof.host):
                raise NotAdmitted(403, "HTTP-HOST")
            return self._within_rate(self._roster.senders[OPEN_DOOR], wanted)
        known, scopes = await self._proven(proof)
        if not (covers(known.scopes, wanted) and covers(scopes, wanted)):
            raise _of(known, NotAdmitted(403, "HTTP-SCOPE", scope=right))
        return self._within_rate(known, wanted)

    async def _proven(self, proof: Proof) -> tuple[Known, tuple[Scope, ...]]:
        """The sender, and what its proof lets it do."""
        roster = self._roster
        shown = None if proof.certificate is None else roster.certificates.owner(proof.certificate)
        token = bearer(proof.authorization)
        if token is None:
            if shown is None or proof.authorization is not None:
                raise NotAdmitted(401, "HTTP-SENDER")
            return roster.senders[shown], roster.senders[shown].scopes
        name = roster.by_token(token)
        scopes = None if name is None else roster.senders[name].scopes
        if name is None:
            name, scopes = await self._granted(token, proof.certificate)
        if name is None or scopes is None or shown not in (None, name):
            raise NotAdmitted(401, "HTTP-TOKEN")
        return roster.senders[name], scopes

    async def _granted(
        self, token: bytes, certificate: bytes | None
    ) -> tuple[str | None, tuple[Scope, ...] | None]:
        """The sender and the scopes of a token that we have made; None for any other."""
        if self._tokens is None or token.count(b".") != 2:
            return None, None
        try:
            granted = await self._tokens.read(token)
        except LedgerError:
            raise NotAdmitted(503, "INTAKE-UNAVAILABLE", retry_after=2) from None
        client = None if granted is None else self._roster.clients.get(granted.client)
        if granted is None or client is None:
            return None, None
        is_bound = granted.certificate is not None
        if is_bound and (certificate is None or thumbprint(certificate) != granted.certificate):
            return None, None
        return client.name, granted.scopes

    def _within_rate(self, known: Known, wanted: Scope) -> Sender:
        """The sender, unless it submits faster than it may. Questions cost nothing."""
        bucket = self._pace.get(known.sender.name) if "c" in wanted.letters else None
        wait = 0.0 if bucket is None else bucket.take()
        if wait:
            raise _of(known, NotAdmitted(429, "HTTP-RATE", retry_after=retry_after(wait)))
        return known.sender


def bearer(authorization: str | None) -> bytes | None:
    """The token of an Authorization header of the scheme Bearer."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip().encode() if scheme.lower() == "bearer" and token.strip() else None


def _right(text: str) -> Scope:
    right = scope_of(text)
    assert right is not None, text  # noqa: S101 - rights stand in the program
    return right


def _of(known: Known, no: NotAdmitted) -> NotAdmitted:
    no.sender = known.sender
    return no
