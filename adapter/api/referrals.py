"""/api/referrals: calls and visits of one patient, unit and day that nothing links, for whom decides."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import Field

from adapter.api.guard import OperationsGuard
from adapter.api.operations import Reason
from adapter.api.services import Services

EventId = Annotated[str, Field(min_length=1, max_length=33, pattern=r"^[A-Za-z0-9-]+$")]


class Decision(Reason):
    """Which suggestion: the event of the earlier contact and that of the visit."""

    contact: EventId
    visit: EventId


def referrals_router(services: Services, guard: OperationsGuard) -> APIRouter:
    """The routes of suggestions."""
    router = APIRouter(prefix="/api/referrals", tags=["triage"], dependencies=[Depends(guard)])

    @router.get("/suggestions")
    async def suggestions(
        state: Literal["open", "linked", "dismissed", "closed"] = "open",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> dict[str, Any]:
        """Calls that may have led to a visit with other staff of the unit on the same day, the oldest first.

        Nothing changes by itself. *closed*: one of the two was corrected or cancelled meanwhile.
        """
        return {"suggestions": await services.referring.suggestions(state, limit)}

    @router.post("/link", status_code=204)
    async def link(what: Decision) -> None:
        """The call led to the visit: it becomes triage, and what was sent of it is corrected or cancelled."""
        found = await services.referring.link(what.contact, what.visit, what.actor, what.reason)
        _require(found=found)

    @router.post("/dismiss", status_code=204)
    async def dismiss(what: Decision) -> None:
        """They do not belong together; it is not suggested again."""
        found = await services.referring.dismiss(what.contact, what.visit, what.actor, what.reason)
        _require(found=found)

    return router


def _require(*, found: bool) -> None:
    if not found:
        raise HTTPException(404, "there is no such suggestion")
