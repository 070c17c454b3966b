"""Who may use the operations API and read the metrics, and who may ask what became of a sender's events."""

import hashlib
import hmac

from starlette.exceptions import HTTPException
from starlette.requests import Request

from adapter.access.doorkeeper import Doorkeeper, NotAdmitted, bearer
from adapter.access.names import is_loopback_name
from adapter.api.proof import proof_of


class OperationsGuard:
    """Lets in whoever proves the operations token; with none configured, requests to a loopback name.

    The name in the Host header is looked at so that a page in a browser on this machine cannot read the API
    through a host name of its own that resolves to loopback.
    """

    def __init__(self, token: bytes | None) -> None:
        self._digest = None if token is None else hashlib.sha256(token).digest()

    @property
    def is_open(self) -> bool:
        """Whether there is no token to prove."""
        return self._digest is None

    async def __call__(self, request: Request) -> None:
        """Raises HTTPException 401 or 403."""
        if self._digest is None:
            if not is_loopback_name(request.headers.get("host", "")):
                raise HTTPException(403, "without an operations token only loopback names are served")
            return
        token = bearer(request.headers.get("authorization"))
        if token is None or not hmac.compare_digest(hashlib.sha256(token).digest(), self._digest):
            raise HTTPException(
                401, "the operations token is missing or wrong", {"WWW-Authenticate": "Bearer"}
            )


class PatientGuard(OperationsGuard):
    """Lets in whoever proves the operations token, and nobody while none is configured: what is behind it is
    patient data, which is not for everybody on this machine."""

    def __init__(self, token: bytes | None, protected: bytes | None = None) -> None:
        super().__init__(token)
        self._is_open = token is None
        self._protected = None if protected is None else hashlib.sha256(protected).digest()

    async def __call__(self, request: Request) -> None:
        """Raises HTTPException 401 or 403. Whoever proves the other token may see protected identities too:
        ``request.state.protected`` says so."""
        token = bearer(request.headers.get("authorization"))
        request.state.protected = (
            token is not None
            and self._protected is not None
            and hmac.compare_digest(hashlib.sha256(token).digest(), self._protected)
        )
        if request.state.protected:
            return
        if self._is_open:
            raise HTTPException(
                403, "patient data is shown only to who proves an operations token; none is set"
            )
        await super().__call__(request)


READ_OWN = "system/Encounter.rs"
"""The right to ask what became of one's own contacts, as a SMART scope."""


class SenderGuard:
    """Answers the name of the sender that a request proves. Through an open door, loopback names only."""

    def __init__(self, doorkeeper: Doorkeeper) -> None:
        self._doorkeeper = doorkeeper

    async def proven(self, request: Request) -> str | None:
        """The sender, where senders must prove themselves and this request does; else None."""
        proof = proof_of(request)
        if self._doorkeeper.is_open or (proof.authorization is None and proof.certificate is None):
            return None
        try:
            return (await self._doorkeeper.admit(proof, READ_OWN)).name
        except NotAdmitted:
            return None

    async def __call__(self, request: Request) -> str:
        """Raises HTTPException 401, 403 or 503."""
        try:
            return (await self._doorkeeper.admit(proof_of(request), READ_OWN)).name
        except NotAdmitted as no:
            raise HTTPException(no.status, _SAYS.get(no.rule, "not now"), no.headers) from None


_SAYS = {
    "HTTP-SENDER": "the sender's token is missing or wrong",
    "HTTP-TOKEN": "the sender's token is missing or wrong",
    "HTTP-SCOPE": "the sender has no right to this",
    "HTTP-HOST": "without senders' tokens only loopback names are served",
}
