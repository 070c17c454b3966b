"""GET /api/senders/{name}/unused: what of a sender's bundles nothing was made from."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request

from adapter.api.filters import moment
from adapter.api.guard import OperationsGuard
from adapter.api.language import preferred
from adapter.api.services import Services
from adapter.documents import unused_lines

MOST_BUNDLES = 1000

SenderName = Annotated[str, Path(min_length=1, max_length=200)]


def leftovers_router(services: Services, guard: OperationsGuard) -> APIRouter:
    """The route of the report."""
    router = APIRouter(prefix="/api/senders", tags=["senders"], dependencies=[Depends(guard)])

    @router.get("/{name}/unused")
    async def unused(
        request: Request,
        name: SenderName,
        since: Annotated[str, Query(description="date, date-time, or a duration ago (2h)")] = "30d",
        limit: Annotated[int, Query(ge=1, le=MOST_BUNDLES, description="the newest so many bundles")] = 200,
    ) -> dict[str, Any]:
        """Elements of Encounter, Condition, Procedure and Patient that no event and no finding was made from.

        `unused` has one line for each element: in how many bundles and at how many places it stood, and
        whether it is passed over on purpose, with the reason. `bundles` is how many were counted, `more` says
        that there are older ones in the period.
        """
        try:
            begins = moment(since, time.time())
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        found = await services.leftovers.count(name, begins, limit)
        return {
            "sender": name,
            "since": begins,
            "bundles": found.tally.bundles,
            "not_read": found.not_read,
            "more": found.more,
            "unused": unused_lines(found.tally, preferred(request.headers.get("accept-language"))),
        }

    return router
