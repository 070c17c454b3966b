"""Around every request: its number goes out again, and an unforeseen fault becomes an answer."""

import traceback
from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapter.api.request_id import request_id

HEADER = b"x-request-id"
FaultPage = Callable[[Request], Response]

log = structlog.get_logger("vardbro.api")


class Conversation:
    """Middleware as plain ASGI: Starlette's BaseHTTPMiddleware would cost a task for each request."""

    def __init__(self, app: ASGIApp, fault_page: FaultPage, on_fault: Callable[[], None]) -> None:
        self._app = app
        self._fault_page = fault_page
        self._on_fault = on_fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; number the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = request_id(_header(scope))
        started = False

        async def numbered(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"].append((HEADER, number.encode()))
            await send(message)

        try:
            await self._app(scope, receive, numbered)
        except Exception as fault:  # noqa: BLE001 - the last line: whatever it is, the sender gets an answer
            self._on_fault()
            log.error("request.fault", request=number, kind=type(fault).__name__, at=_place(fault))
            if not started:
                await self._fault_page(Request(scope))(scope, receive, numbered)


def _header(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == HEADER:
            return str(value.decode("latin-1"))
    return None


def _place(fault: BaseException) -> str:
    """Where it happened, without the exception's text: that may quote the input."""
    frames = traceback.extract_tb(fault.__traceback__)
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
