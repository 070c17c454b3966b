"""What a request brings along to prove who sends it."""

from starlette.requests import Request

from adapter.access.doorkeeper import Proof

TLS = "vardbro.tls"
"""The extension of the ASGI scope in which the server puts the client's verified certificate (DER) as
``client_certificate``; ASGI's own ``tls`` extension is not filled by uvicorn."""


def proof_of(request: Request) -> Proof:
    """The Authorization header and the certificate of a request."""
    found = (request.scope.get("extensions") or {}).get(TLS, {}).get("client_certificate")
    return Proof(
        authorization=request.headers.get("authorization"),
        certificate=found if isinstance(found, bytes) else None,
    )
