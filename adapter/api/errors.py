"""Errors in the form of the face they happen at: OperationOutcome under /fhir, plain JSON elsewhere."""

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapter.answers import Answers
from adapter.api.fhir.door import response
from adapter.api.fhir.negotiation import wish_of
from adapter.api.language import preferred

_RULES = {404: "HTTP-NOT-FOUND", 406: "HTTP-ACCEPT", 405: "HTTP-METHOD", 500: "HTTP-INTERNAL"}


class ErrorPages:
    """Makes the bodies of errors that no route has answered."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def http(self, request: Request, error: Exception) -> Response:
        """Answer an HTTPException of the router or of a route."""
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        return self.page(request, error.status_code, str(error.detail), dict(error.headers or {}))

    async def invalid(self, request: Request, error: Exception) -> Response:
        """Answer parameters that do not fit, naming the parameters but not their values."""
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
        named = ", ".join(sorted({str(item["loc"][-1]) for item in error.errors()}))
        return self.page(request, 422, f"wrong or missing: {named}")

    def page(
        self, request: Request, status: int, detail: str, headers: dict[str, str] | None = None
    ) -> Response:
        """The error answer for the face that `request` was sent to; `detail` holds nothing of the input."""
        path = request.scope["path"]
        if path != "/fhir" and not path.startswith("/fhir/"):
            return JSONResponse({"error": {"status": status, "text": detail}}, status, headers=headers)
        lang = preferred(request.headers.get("accept-language"))
        answer = self._answers.refusal(status, _RULES.get(status, "HTTP-NOT-FOUND"), lang)
        return response(msgspec.structs.replace(answer, headers=headers or {}), wish_of(request))
