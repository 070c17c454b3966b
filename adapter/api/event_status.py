"""/api/events/{id}: the status of one event, which the answer to a submission names as its location.

Operators see it whole, with its lanes; the sender that it is from sees what it is told elsewhere too; nobody
else sees that there is one.
"""

from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request

from adapter.api.guard import OperationsGuard, SenderGuard
from adapter.api.language import preferred
from adapter.api.sender_desk import SenderDesk
from adapter.api.services import Services


def event_router(services: Services, operators: OperationsGuard, senders: SenderGuard) -> APIRouter:
    """The one route, for operators and for senders that prove themselves."""
    router = APIRouter(prefix="/api", tags=["operations"])
    desk = SenderDesk(services)

    @router.get("/events/{event_id}")
    async def event(request: Request, event_id: str) -> dict[str, Any]:
        """An event with its versions and its state at each register; to its sender: its state at each."""
        sender = await _sender(request)
        if sender is not None:
            lang = preferred(request.headers.get("accept-language"))
            found = await desk.event(sender, event_id, lang)
        else:
            found = await services.ledger.event(event_id)
        if found is None:
            raise HTTPException(404, "there is no such event")
        return found

    async def _sender(request: Request) -> str | None:
        """The sender that asks, None for an operator. Raises HTTPException for everybody else."""
        if operators.is_open:
            # whoever is on this machine is an operator, unless it says that it is a sender
            found = await senders.proven(request)
            if found is None:
                await operators(request)
            return found
        try:
            await operators(request)
        except HTTPException:
            found = await senders.proven(request)
            if found is None:
                raise
            return found
        return None

    return router
