"""What a request brings along to prove who sends it."""

from starlette.requests import Request

from adapter.access.doorkeeper import Proof

TLS = "vardbro.tls"
"""The extension of the ASGI scope in which the server puts the client's verified certificate (DER) as
``client_certificate`` (adapter.server); ASGI's own ``tls`` extension is not filled by uvicorn. No header that
a proxy might add is believed: whoever reaches the port could write it as well."""


def proof_of(request: Request) -> Proof:
    """The Authorization header, the certificate and the Host of a request. Two of a header count as a wrong
    one: which of them somebody in front has looked at is not known."""
    authorizations = request.headers.getlist("authorization")
    return Proof(
        authorization=authorizations[0] if len(authorizations) == 1 else ", ".join(authorizations) or None,
        certificate=certificate_of(request),
        host=", ".join(request.headers.getlist("host")),
    )


def certificate_of(request: Request) -> bytes | None:
    """The client's certificate (DER), as the server has verified it."""
    found = (request.scope.get("extensions") or {}).get(TLS, {}).get("client_certificate")
    return found if isinstance(found, bytes) else None
