"""Tokens for assertions: SMART Backend Services (OAuth 2.0 client credentials with private_key_jwt).

Sources: HL7 SMART App Launch 2.2.0, "Backend Services"; RFC 6749, sections 4.4 and 5; RFC 7523. What is said
of a refusal quotes nothing of the request.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl

import msgspec
import structlog

from adapter.access.assertions import (
    Assertion,
    WrongAssertion,
    check_claims,
    name_of,
    read_assertion,
    verify_signature,
)
from adapter.access.jwks import ALGORITHMS, KeysUnavailable
from adapter.access.rate import Bucket
from adapter.access.roster import Client, Roster
from adapter.access.scopes import granted
from adapter.access.tokens import sign
from adapter.config.model import Config
from adapter.errors import LedgerError
from adapter.ledger.sql.token_keys import TokenKey

PATH = "/auth/token"
GRANT = "client_credentials"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
RETRY_AFTER = 2
_MOST_FIELDS = 50
_MARGIN = 600.0
"""Seconds that a used assertion is remembered longer than need be: the clocks of nodes may differ."""

_log = structlog.get_logger("vardbro.access")


class AssertionStore(Protocol):
    """Where it is known which assertions have been used (adapter.ledger.access)."""

    async def use(self, assertion: str, until: float) -> TokenKey | None:
        """Note that an assertion is used and answer the key that signs tokens; None: it was used before."""
        ...


class NoToken(Exception):
    """No token is given: the HTTP status, OAuth's error code and what is wrong."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status, self.error, self.description = status, error, description


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it is answered (RFC 6749, section 5.1)."""

    access_token: str
    expires_in: int
    scope: str
    token_type: str = "Bearer"  # noqa: S105 - its kind, as RFC 6750 names it


class TokenDesk:
    """Gives tokens to the clients of the roster."""

    def __init__(
        self,
        config: Config,
        roster: Roster,
        store: AssertionStore,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.audience = f"{config.http.base}{PATH}"
        self._roster, self._store, self._clock = roster, store, clock
        self._lifetime, self._skew = config.tokens.lifetime, config.tokens.clock_skew
        self._told = Bucket(1.0, 20)

    def configuration(self) -> dict[str, Any]:
        """What a client needs to know (SMART App Launch 2.2.0, "Conformance")."""
        names = [client.name for client in self._roster.clients.values()]
        scopes = {str(scope) for name in names for scope in self._roster.senders[name].scopes}
        return {
            "token_endpoint": self.audience,
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS.values()),
            "grant_types_supported": [GRANT],
            "scopes_supported": sorted(scopes),
            "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
        }

    async def issue(self, form: bytes, certificate: bytes | None) -> Issued:
        """A token for what a form asks, bound to the certificate (DER) that was shown. Raises NoToken."""
        fields = _fields(form)
        if fields.get("grant_type") != GRANT:
            raise NoToken(400, "unsupported_grant_type", f"grant_type must be {GRANT}")
        if fields.get("client_assertion_type") != ASSERTION_TYPE:
            raise NoToken(401, "invalid_client", f"client_assertion_type must be {ASSERTION_TYPE}")
        now = self._clock()
        try:
            client, assertion = await self._proven(fields, certificate, now)
            scope = self._scope(fields.get("scope", ""), client)
            return await self._signed(assertion, scope, certificate, now)
        except WrongAssertion as wrong:
            self._tell(fields, str(wrong))
            raise NoToken(401, "invalid_client", str(wrong)) from None
        except KeysUnavailable as missing:
            self._tell(fields, str(missing))
            raise NoToken(503, "temporarily_unavailable", str(missing)) from None
        except LedgerError:
            raise NoToken(503, "temporarily_unavailable", "try again in a moment") from None

    async def _proven(
        self, fields: Mapping[str, str], certificate: bytes | None, now: float
    ) -> tuple[Client, Assertion]:
        assertion = read_assertion(fields.get("client_assertion", ""))
        client_id = assertion.client
        client = self._roster.clients.get(client_id)
        if client is None or fields.get("client_id", client_id) != client_id:
            raise WrongAssertion("the client is not known")
        if assertion.jku is not None and assertion.jku != client.url:
            raise WrongAssertion("jku is not the address that the client's keys are taken from")
        key = await client.keys.key(assertion.kid)
        if key is None:
            raise WrongAssertion("the client has no usable key of that kid")
        verify_signature(assertion, key)
        check_claims(assertion, client_id, self.audience, now, self._skew)
        shown = None if certificate is None else self._roster.certificates.owner(certificate)
        if shown not in (None, client.name):
            raise WrongAssertion("the TLS certificate is that of another sender")
        return client, assertion

    def _scope(self, asked: str, client: Client) -> str:
        scope = granted(asked, self._roster.senders[client.name].scopes)
        if not scope:
            raise NoToken(400, "invalid_scope", "none of the scopes that were asked for may be granted")
        return scope

    async def _signed(
        self, assertion: Assertion, scope: str, certificate: bytes | None, now: float
    ) -> Issued:
        client_id, expires = assertion.client, float(assertion.claims["exp"])
        key = await self._store.use(name_of(client_id, assertion), expires + self._skew + _MARGIN)
        if key is None:
            raise WrongAssertion("its jti has been used before")
        token = sign(key, client_id, scope, now, self._lifetime, certificate)
        return Issued(access_token=token, expires_in=int(self._lifetime), scope=scope)

    def _tell(self, fields: Mapping[str, str], why: str) -> None:
        """Say it in the log, with the sender that it names if there is such a one; but not all the time."""
        if self._told.take():
            return
        try:
            client = self._roster.clients.get(read_assertion(fields.get("client_assertion", "")).client)
        except WrongAssertion:
            client = None
        _log.warning("token.refused", sender="unknown" if client is None else client.name, why=why)


def _fields(form: bytes) -> dict[str, str]:
    """The fields of a form; none may come twice (RFC 6749, section 3.2). Raises NoToken."""
    try:
        pairs = parse_qsl(form.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise NoToken(400, "invalid_request", "the body is no form") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise NoToken(400, "invalid_request", "a parameter comes twice")
    return fields
