"""POST /auth/token and GET /fhir/.well-known/smart-configuration: tokens for the senders' assertions.

Answers are OAuth's (RFC 6749, section 5): JSON with ``error`` and ``error_description``, never stored.
"""

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapter.access.token_desk import PATH, RETRY_AFTER, NoToken, TokenDesk
from adapter.api.body import BodyTooLarge, read_body
from adapter.api.proof import certificate_of

FORM = "application/x-www-form-urlencoded"
LARGEST = 32 * 1024
SECONDS = 10.0
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def token_routes(desk: TokenDesk | None) -> list[Route]:
    """The routes; without a desk (no sender has a client_id) both are 404."""

    async def token(request: Request) -> Response:
        if desk is None:
            raise HTTPException(404)
        try:
            issued = await desk.issue(await _form(request), certificate_of(request))
        except NoToken as no:
            headers = {**_NO_STORE}
            if no.status == 503:
                headers["Retry-After"] = str(RETRY_AFTER)
            return JSONResponse(
                {"error": no.error, "error_description": no.description}, no.status, headers=headers
            )
        except ClientDisconnect:
            return Response(status_code=400)
        return JSONResponse(msgspec.structs.asdict(issued), headers=_NO_STORE)

    async def configuration(_: Request) -> Response:
        if desk is None:
            raise HTTPException(404)
        return JSONResponse(desk.configuration())

    return [
        Route(PATH, token, methods=["POST"]),
        Route("/fhir/.well-known/smart-configuration", configuration, methods=["GET"]),
    ]


async def _form(request: Request) -> bytes:
    """The body of a form. Raises NoToken."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM or request.headers.get("content-encoding"):
        raise NoToken(400, "invalid_request", f"the body must be {FORM}")
    try:
        return await read_body(
            request.stream(), coding="identity", announced=None, limit=LARGEST, seconds=SECONDS
        )
    except BodyTooLarge:
        raise NoToken(413, "invalid_request", f"the form is larger than {LARGEST} bytes") from None
    except TimeoutError:
        raise NoToken(408, "invalid_request", "the form did not arrive in time") from None
