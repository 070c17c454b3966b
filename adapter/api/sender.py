"""/api/sender: what became of a sender's own events, asked by identifier or read as a feed of changes."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from adapter.api.guard import SenderGuard
from adapter.api.language import preferred
from adapter.api.sender_desk import (
    LONGEST_IDENTIFIER,
    LONGEST_WAIT,
    MOST_IDENTIFIERS,
    SenderDesk,
    WrongQuestion,
)
from adapter.api.services import Services
from adapter.domain.text import Lang
from adapter.ledger.sql.changes import BEGINNING

_BODY = {
    "type": "object",
    "required": ["identifiers"],
    "properties": {
        "identifiers": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_IDENTIFIERS,
            "items": {"type": "string", "maxLength": LONGEST_IDENTIFIER},
        }
    },
}


def sender_router(services: Services, guard: SenderGuard) -> APIRouter:
    """The routes under /api/sender. Each answers for the sender that the request proves, and no other."""
    router = APIRouter(prefix="/api/sender", tags=["sender"])
    desk = SenderDesk(services)

    @router.get("/status")
    async def status(
        request: Request,
        sender: Annotated[str, Depends(guard)],
        identifier: Annotated[str, Query(description="SYSTEM|VALUE as in Encounter.identifier")],
    ) -> Response:
        """Where the events of one Encounter.identifier stand at each register; 404 for one never received.

        Addresses get into logs of proxies. POST keeps identifiers out of them.
        """
        return await _answered(request, lambda lang: desk.one(sender, identifier, lang))

    @router.post(
        "/status",
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": _BODY}}, "required": True}},
    )
    async def statuses(request: Request, sender: Annotated[str, Depends(guard)]) -> Response:
        """The same for up to 1,000 identifiers at once, in the order of the question."""
        return await _answered(request, lambda lang: desk.many(sender, request, lang))

    @router.get("/feed")
    async def feed(
        request: Request,
        sender: Annotated[str, Depends(guard)],
        after: Annotated[str, Query(description="`next` of an earlier answer")] = BEGINNING,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="seconds to wait for a change")] = 0,
    ) -> Response:
        """Changes after a cursor, oldest first. Each comes at least once; `next` is kept by the reader."""
        return await _answered(request, lambda lang: desk.feed(sender, after, limit, wait, lang))

    return router


async def _answered(request: Request, answer: Callable[[Lang], Awaitable[dict[str, Any]]]) -> Response:
    """The answer as JSON in the language that is asked for, or what was wrong with the question."""
    lang = preferred(request.headers.get("accept-language"))
    try:
        return JSONResponse(await answer(lang), headers={"Cache-Control": "no-store"})
    except WrongQuestion as wrong:
        hint = "" if wrong.hint is None else wrong.hint.to(lang)
        error = {"status": wrong.status, "code": wrong.code, "text": wrong.text.to(lang), "hint": hint}
        return JSONResponse({"error": error}, wrong.status)
    except ClientDisconnect:
        return Response(status_code=400)
