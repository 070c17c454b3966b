"""/api/shadow: what would have been sent, compared with what others have sent, and let go.

Answers hold counts, units, event ids, names of members and codes: no patient data.
"""

import time
from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, HTTPException
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from adapter.api.filters import moment
from adapter.api.guard import OperationsGuard
from adapter.api.operations import Actor, RegisterName
from adapter.api.services import Services
from adapter.errors import NotPossible

MOST_BODIES = 200_000
"""Bodies that are compared at once; more are compared period by period."""

_DAY = "a date is written 2025-03-01"


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(_DAY) from None


Day = Annotated[str, AfterValidator(_day)]


class Period(BaseModel):
    """Dates of care, inclusive; without one, any."""

    model_config = ConfigDict(extra="forbid")
    register_name: RegisterName = Field(alias="register")
    since: Day | None = Field(default=None, description="first date of care")
    until: Day | None = Field(default=None, description="last date of care")


class Comparison(Period):
    """Bodies that another system has sent to the register, as they were sent."""

    bodies: list[dict[str, Any]] = Field(max_length=MOST_BODIES)


class LookUp(Period):
    """Which shadow messages to ask the register for: the next `limit` after number `after`."""

    after: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=200)


class Release(Actor):
    """Which shadow messages are to be sent."""

    since: str | None = Field(
        default=None, description="made since then: date, date-time, or a duration ago (2h)"
    )
    dry_run: bool = Field(default=False, description="count, and change nothing")


def shadow_router(services: Services, guard: OperationsGuard) -> APIRouter:
    """The routes of the shadow mode."""
    router = APIRouter(prefix="/api", tags=["go live"], dependencies=[Depends(guard)])

    @router.post("/shadow/compare")
    async def compare(asked: Comparison) -> dict[str, Any]:
        """Compare the newest shadow message of each event with what another system has reported.

        Contacts are matched by patient, unit, date and time. `only_theirs`, `ambiguous` and `unnamed` name
        places in `bodies` (from 0). `agrees`: nothing differs. Nothing is stored or sent.
        """
        found = await services.shadow.compare(
            asked.register_name, asked.bodies, since=asked.since or "", until=asked.until or ""
        )
        answer: dict[str, Any] = msgspec.to_builtins(found.report)
        return {
            "register": asked.register_name,
            "since": asked.since,
            "until": asked.until,
            "agrees": found.report.agrees,
            "ours": found.ours,
            "theirs": found.theirs,
            "cancelled": found.cancelled,
            **answer,
        }

    @router.post("/shadow/lookup")
    async def look_up(asked: LookUp) -> dict[str, Any]:
        """Ask the register by GET what it holds of shadow messages; nothing is changed there.

        `after` is the parameter of the next page, null when there is none. `stopped` names the cause for
        which the register was asked no further.
        """
        found = await services.shadow.look_up(
            asked.register_name,
            since=asked.since or "",
            until=asked.until or "",
            after=asked.after,
            limit=asked.limit,
        )
        answer: dict[str, Any] = msgspec.to_builtins(found)
        return answer

    @router.post("/registers/{register}/release-shadow")
    async def release(register: RegisterName, what: Release) -> dict[str, Any]:
        """Let the newest shadow message of each lane be sent; older ones stay in shadow.

        `needless` ended without being sent (a cancel of what was never told, a report of what is accepted),
        `busy` lanes are in a worker's hands. Refused while the register is in shadow mode, but for a dry run.
        """
        settings = services.config.settings_of(register)
        if settings.shadow and not what.dry_run:
            raise NotPossible(
                f"{register} is in shadow mode.",
                f"Set shadow = false under [registers.{register}] and start again; then release.",
            )
        since = 0.0 if what.since is None else _moment(what.since)
        found = await services.cutovers.stored.release(register, since, what.actor, rehearse=what.dry_run)
        return {"released": found.released, "needless": found.needless, "busy": found.busy}

    return router


def _moment(text: str) -> float:
    try:
        return moment(text, time.time())
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
