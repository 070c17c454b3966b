"""/api: what operators and their scripts see and do. Answers hold states and causes, no patient data."""

import time
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from adapter.api.filters import lane_filter
from adapter.api.guard import OperationsGuard
from adapter.api.services import OperationsLedger
from adapter.ledger.model import LaneState, MessageState
from adapter.ledger.protocol import LaneFilter
from adapter.registers.masking import mask_text

RegisterName = Literal["gvr", "pasis", "signe", "listning"]


OwnWords = Annotated[str, AfterValidator(mask_text)]
"""What a person writes. Whatever reads as an identity number is masked before it gets into the trail."""


LaneId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class Actor(BaseModel):
    """Who does it, as the audit trail will say."""

    model_config = ConfigDict(extra="forbid")
    actor: OwnWords = Field(default="operator", min_length=1, max_length=100)


class Reason(Actor):
    """Why an operator does it; kept in the audit trail. Must not hold patient data."""

    reason: OwnWords = Field(min_length=3, max_length=500)


class Discard(Reason):
    """Which message to give up: the one that stops the lane, unless another that is open is named."""

    message: int | None = Field(default=None, ge=1, le=2**63 - 1)


class Settlement(Reason):
    """What an operator found out about an unknown outcome: the register has done it, or has not."""

    outcome: Literal["accepted", "not-accepted"]


class ListingQuery:
    """The query parameters that lists share."""

    def __init__(
        self,
        state: str | None = None,
        register: RegisterName | None = None,
        lane: Annotated[str | None, Query(description="slot of the lane")] = None,
        cause: Annotated[str | None, Query(description="the token that groups dead letters")] = None,
        since: Annotated[str | None, Query(description="date, date-time, or a duration ago (2h)")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        after: Annotated[int, Query(ge=0, le=2**63 - 1, description="`next` of the page before")] = 0,
    ) -> None:
        self._given: dict[str, Any] = {
            "state": state,
            "register": register,
            "lane": lane,
            "cause": cause,
            "since": since,
            "limit": limit,
            "after": after,
        }

    def filter(self, states: type[LaneState] | type[MessageState]) -> LaneFilter:
        """The checked filter. Raises HTTPException 422 that names the parameter."""
        try:
            return lane_filter(states, **self._given, now=time.time())
        except ValueError as error:
            raise HTTPException(422, str(error)) from None


Listing = Annotated[ListingQuery, Depends()]


def operations_router(ledger: OperationsLedger, guard: OperationsGuard) -> APIRouter:
    """The routes under /api."""
    router = APIRouter(prefix="/api", tags=["operations"], dependencies=[Depends(guard)])

    @router.get("/summary")
    async def summary() -> dict[str, Any]:
        """How many lanes and messages are in which state, and how each register fares."""
        return await ledger.summary()

    @router.get("/lanes")
    async def lanes(query: Listing) -> dict[str, Any]:
        """Lanes with their state and cause; `next` is the parameter `after` of the next page."""
        return await ledger.lanes(query.filter(LaneState))

    @router.get("/lanes/{lane_id}")
    async def lane(lane_id: LaneId) -> dict[str, Any]:
        """One lane with its messages, attempts and causes."""
        return _found(await ledger.lane(lane_id), "lane")

    @router.get("/messages")
    async def messages(query: Listing) -> dict[str, Any]:
        """Messages with their state and cause; `next` is the parameter `after` of the next page."""
        return await ledger.messages(query.filter(MessageState))

    @router.post("/lanes/{lane_id}/retry")
    async def retry(lane_id: LaneId, who: Actor) -> dict[str, str]:
        """Send a parked message again, or look into an unknown outcome again, at once."""
        await known(lane_id)
        return {"state": await ledger.retry(lane_id, actor=who.actor)}

    @router.post("/lanes/{lane_id}/discard")
    async def discard(lane_id: LaneId, why: Discard) -> dict[str, str]:
        """Give up the message that stops the lane, or another; those behind it go on."""
        await known(lane_id)
        return {"state": await ledger.discard(lane_id, why.reason, why.message, actor=why.actor)}

    @router.post("/lanes/{lane_id}/settle")
    async def settle(lane_id: LaneId, what: Settlement) -> dict[str, str]:
        """Decide an unknown outcome by hand."""
        await known(lane_id)
        return {"state": await ledger.settle_unknown(lane_id, what.outcome, what.reason, actor=what.actor)}

    @router.post("/registers/{register}/pause", status_code=204)
    async def pause(register: RegisterName, why: Reason) -> None:
        """Stop sending to a register; nothing is parked, lanes wait."""
        await ledger.pause(register, why.reason, actor=why.actor)

    @router.post("/registers/{register}/resume", status_code=204)
    async def resume(register: RegisterName, who: Actor) -> None:
        """Send to a register again."""
        await ledger.resume(register, actor=who.actor)

    @router.get("/audit")
    async def audit() -> dict[str, Any]:
        """Check the whole audit trail: `broken_at` is the first entry that does not fit, null when all do."""
        found: dict[str, Any] = msgspec.to_builtins(await ledger.audit_verify())
        return found

    async def known(lane_id: int) -> None:
        _found(await ledger.lane(lane_id), "lane")

    return router


def _found(answer: dict[str, Any] | None, what: str) -> dict[str, Any]:
    if answer is None:
        raise HTTPException(404, f"there is no such {what}")
    return answer
