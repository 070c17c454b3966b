"""/api/events/{id}/source and /api/edits: to fetch a bundle, edit it and decide edits.

These answers hold patient data: they go to who proves the operations token, are not to be stored on the way,
and each look is an entry of the audit trail.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from adapter.api.guard import PatientGuard
from adapter.api.language import preferred
from adapter.api.operations import Actor, OwnWords, Reason
from adapter.domain.text import Lang
from adapter.edits import EditRefused, Edits
from adapter.ledger.model import Edit

_STATUS = {"applied": 201, "proposed": 202}
_NOT_STORED = {"Cache-Control": "no-store"}
_AFTER = Query(ge=0, le=2**63 - 1)
_EDIT = Path(ge=1, le=2**63 - 1)
_WHO = Query(min_length=1, max_length=100, description="who looks, for the audit trail")


class EditBody(Reason):
    """An edited bundle. `based_on` is the `revision` that came with the source."""

    based_on: int = Field(ge=1, le=2**31)
    bundle: dict[str, Any]
    dry_run: bool = False


def edits_router(edits: Edits, guard: PatientGuard) -> APIRouter:
    """The routes of edits."""
    router = APIRouter(prefix="/api", tags=["edits"], dependencies=[Depends(guard)])

    @router.get("/events/{event_id}/source")
    async def source(
        event_id: str, request: Request, actor: Annotated[OwnWords, _WHO] = "operator"
    ) -> Response:
        """The bundle of an event's newest version, with its `revision`, to be edited. Patient data.

        403 with code *protected-identity* for a patient whose identity is protected, without that right.
        """
        return _answer(await edits.source(event_id, actor, protected=request.state.protected), "event")

    @router.post("/events/{event_id}/edits", responses={202: {"description": "waits for approval"}})
    async def edit(event_id: str, body: EditBody, request: Request) -> Response:
        """Make an edited bundle the event's newest version, or propose it where two persons are required.

        409 when a newer version exists than `based_on`; 422 with `findings` when the bundle cannot be taken
        or changes other events. With `dry_run` nothing is stored: the answer has the difference, the findings
        and, for each lane, what would be sent and which fields of it would change.
        """
        meant = Edit(based_on=body.based_on, actor=body.actor, reason=body.reason)
        lang = _lang(request)
        protected = request.state.protected
        try:
            if body.dry_run:
                found = await edits.try_out(event_id, body.bundle, meant, lang, protected=protected)
            else:
                found = await edits.submit(event_id, body.bundle, meant, lang)
        except EditRefused as refusal:
            return _refused(edits, refusal, lang)
        status = _STATUS.get((found or {}).get("state", ""), 200)
        return _answer(found, "event", status)

    @router.get("/events/{event_id}/edits")
    async def of_event(event_id: str) -> Response:
        """The edits of an event, without their content."""
        return _answer({"edits": await edits.of_event(event_id)})

    @router.get("/edits")
    async def proposed(
        limit: Annotated[int, Query(ge=1, le=1000)] = 100, after: Annotated[int, _AFTER] = 0
    ) -> Response:
        """The edits that wait for a second person; `next` is the parameter `after` of the next page."""
        found = await edits.proposed(limit, after)
        return _answer({"edits": found, "next": found[-1]["id"] if len(found) == limit else None})

    @router.get("/edits/{edit_id}")
    async def show(
        edit_id: Annotated[int, _EDIT], request: Request, actor: Annotated[OwnWords, _WHO] = "operator"
    ) -> Response:
        """An edit with its difference: `op`, `path`, `before`, `after`. Patient data; 403 as above."""
        return _answer(await edits.show(edit_id, actor, protected=request.state.protected))

    @router.post("/edits/{edit_id}/approve")
    async def approve(edit_id: Annotated[int, _EDIT], who: Actor, request: Request) -> Response:
        """Commit a proposed edit; 409 for its proposer, and when a newer version of the event exists."""
        lang = _lang(request)
        try:
            return _answer(await edits.approve(edit_id, who.actor, lang))
        except EditRefused as refusal:
            return _refused(edits, refusal, lang)

    @router.post("/edits/{edit_id}/refuse")
    async def refuse(edit_id: Annotated[int, _EDIT], why: Reason) -> Response:
        """Refuse a proposed edit; its proposer may do that too."""
        return _answer(await edits.refuse(edit_id, why.actor, why.reason))

    return router


def _lang(request: Request) -> Lang:
    return preferred(request.headers.get("accept-language"))


def _answer(found: dict[str, Any] | None, what: str = "edit", status: int = 200) -> Response:
    if found is None:
        raise HTTPException(404, f"there is no such {what}")
    return JSONResponse(found, status, _NOT_STORED)


def _refused(edits: Edits, refusal: EditRefused, lang: Lang) -> Response:
    error = {"status": 422, "code": refusal.code, "text": str(refusal), "hint": refusal.hint}
    findings = edits.issues(refusal.findings, lang)
    return JSONResponse({"error": error, "findings": findings}, 422, _NOT_STORED)
