"""Who may use the operations API and read the metrics."""

import hashlib
import hmac

from starlette.exceptions import HTTPException
from starlette.requests import Request

from adapter.api.senders import bearer

_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})


class OperationsGuard:
    """Lets in whoever proves the operations token; with none configured, requests to a loopback name.

    The name in the Host header is looked at so that a page in a browser on this machine cannot read the API
    through a host name of its own that resolves to loopback.
    """

    def __init__(self, token: bytes | None) -> None:
        self._digest = None if token is None else hashlib.sha256(token).digest()

    async def __call__(self, request: Request) -> None:
        """Raises HTTPException 401 or 403."""
        if self._digest is None:
            host = request.headers.get("host", "")
            name = host if host.endswith("]") else host.rpartition(":")[0] or host
            if name not in _LOOPBACK_NAMES:
                raise HTTPException(403, "without an operations token only loopback names are served")
            return
        token = bearer(request.headers.get("authorization"))
        if token is None or not hmac.compare_digest(hashlib.sha256(token).digest(), self._digest):
            raise HTTPException(
                401, "the operations token is missing or wrong", {"WWW-Authenticate": "Bearer"}
            )
