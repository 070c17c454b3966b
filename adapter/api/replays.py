"""/api/replays: plans of lanes to retry or remap, and how far they have come. No patient data."""

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field

from adapter.api.filters import moment
from adapter.api.guard import OperationsGuard
from adapter.api.operations import Actor, Reason, RegisterName
from adapter.ledger.replay import Choice
from adapter.registers.masking import mask_text
from adapter.replay import STATES, ReplayDesk

MAX_RATE = 500
LONGEST_WAIT = 30.0

Number = Annotated[int, Query(ge=1, description="number of a replay")]


class ReplayFilter(BaseModel):
    """Which lanes that wait for somebody; what is left out means any."""

    model_config = ConfigDict(extra="forbid")
    register_name: RegisterName | None = Field(default=None, alias="register")
    state: Literal["parked", "held", "unknown"] | None = None
    cause: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="the token that groups dead letters"
    )
    unit: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,40}$")] | None = Field(
        default=None, description="care unit, as lanes show it"
    )
    lane: Annotated[str, Field(pattern=r"^[0-9A-Za-z._:-]{1,200}$")] | None = Field(
        default=None, description="number or slot of one lane"
    )
    since: str | None = Field(
        default=None, description="stuck since then: date, date-time, or a duration ago (2h)"
    )
    limit: Annotated[int, Field(ge=1)] | None = Field(default=None, description="at most so many lanes")


class NewReplay(Reason):
    """A replay to be planned. `retry` sends parked messages again and looks into unknown outcomes again;
    `remap` makes held and parked messages anew, from the received bytes, with today's rules and tables."""

    kind: Literal["retry", "remap"]
    filter: ReplayFilter = ReplayFilter()
    rate: float = Field(default=20, ge=1, le=MAX_RATE, description="lanes a second")


def replays_router(desk: ReplayDesk, guard: OperationsGuard) -> APIRouter:
    """The routes of replays."""
    router = APIRouter(prefix="/api", tags=["replays"], dependencies=[Depends(guard)])

    @router.post("/replays", status_code=202)
    async def begin(new: NewReplay) -> dict[str, Any]:
        """Make a plan: which lanes, and what would become of each. Nothing is sent until it is run.

        The plan is made in the background (state *planning*, then *planned*): `GET /api/replays/{id}`.
        """
        return await desk.begin(new.kind, _choice(new), new.rate, new.actor, new.reason)

    @router.get("/replays")
    async def replays(
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        before: Annotated[int | None, Query(ge=1, description="`next` of the page before")] = None,
    ) -> dict[str, Any]:
        """Replays, newest first; `next` is the parameter `before` of the next page."""
        return await desk.replays(limit, before)

    @router.get("/replays/{replay_id}")
    async def replay(
        replay_id: int,
        wait: Annotated[
            float, Query(ge=0, le=LONGEST_WAIT, description="seconds to wait for an end of the work")
        ] = 0,
    ) -> dict[str, Any]:
        """One replay: how many lanes are in the plan, done, skipped and left, and what the plan says."""
        found = await desk.replay(replay_id, wait)
        if found is None:
            raise HTTPException(404, "not found")
        return found

    @router.get("/replays/{replay_id}/items")
    async def items(
        replay_id: int,
        after: Annotated[int, Query(ge=0, description="`next` of the page before")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> dict[str, Any]:
        """The lanes of a plan in order: what would change (names of fields only), or what became of it."""
        await replay(replay_id)
        return await desk.items(replay_id, after, limit)

    @router.post("/replays/{replay_id}/run")
    async def run(replay_id: int, who: Actor) -> dict[str, Any]:
        """Run a plan at its rate, or go on with a paused one."""
        return await order(replay_id, "run", who)

    @router.post("/replays/{replay_id}/pause")
    async def pause(replay_id: int, who: Actor) -> dict[str, Any]:
        """Stop a running replay; it can be run on."""
        return await order(replay_id, "pause", who)

    @router.post("/replays/{replay_id}/cancel")
    async def cancel(replay_id: int, who: Actor) -> dict[str, Any]:
        """End a replay; what is done stays done, the lanes that are left stay as they are."""
        return await order(replay_id, "cancel", who)

    @router.post("/lanes/{lane_id}/remap")
    async def remap(lane_id: int, why: Reason) -> dict[str, Any]:
        """Make the message that stops a lane anew, from the received bytes, with today's rules and tables."""
        found = await desk.remap_lane(lane_id, why.actor, why.reason)
        if found is None:
            raise HTTPException(404, "not found")
        return found

    async def order(replay_id: int, act: Literal["run", "pause", "cancel"], who: Actor) -> dict[str, Any]:
        await replay(replay_id)
        return await desk.order(replay_id, act, who.actor)

    return router


def _choice(new: NewReplay) -> Choice:
    """The checked filter. Raises HTTPException 422 that names the parameter, never its value."""
    given = new.filter
    if given.state is not None and given.state not in STATES[new.kind]:
        raise HTTPException(422, f"state: a {new.kind} is for lanes that are {' or '.join(STATES[new.kind])}")
    for name in ("lane", "cause"):
        text = getattr(given, name)
        if text is not None and mask_text(text) != text:
            raise HTTPException(422, f"{name}: that looks like an identity number")
    try:
        since = None if given.since is None else moment(given.since, time.time())
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
    return Choice(
        register=given.register_name,
        state=given.state,
        cause=given.cause,
        unit=given.unit,
        lane=given.lane,
        since=since,
        limit=given.limit,
    )
