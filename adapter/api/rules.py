"""/api/rules: rules, maps and tables in use, loading them anew, trying others, correcting by them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from adapter.api.guard import OperationsGuard
from adapter.api.operations import Actor, Reason, RegisterName
from adapter.errors import ConfigurationError, PackError
from adapter.ledger.sql.recorded import Chosen
from adapter.renewal import Corrections, Rules, Trials

MOST_EVENTS = 500
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

Day = Annotated[str, Field(pattern=_DAY)]
EventId = Annotated[str, Field(min_length=1, max_length=100)]


class NewTrial(BaseModel):
    """What is to be tried: texts by path within an overlay; none: what lies in the service's folders now."""

    model_config = ConfigDict(extra="forbid")
    files: dict[Annotated[str, Field(max_length=300)], str] = {}


class Comparison(BaseModel):
    """Which recorded contacts are compared: by date of care and sender; a page of them."""

    model_config = ConfigDict(extra="forbid")
    since: Day | None = None
    until: Day | None = None
    sender: str | None = Field(default=None, max_length=100)
    register_name: RegisterName | None = Field(default=None, alias="register")
    after: str = Field(default="", max_length=100)
    limit: int = Field(default=100, ge=1, le=500)


class NewCorrections(Reason):
    """Which contacts are corrected; `version`: refused unless these are the rules in use."""

    events: list[EventId] = Field(min_length=1, max_length=MOST_EVENTS)
    version: str | None = Field(default=None, max_length=100)


def rules_router(rules: Rules, trials: Trials, corrections: Corrections, guard: OperationsGuard) -> APIRouter:
    """The routes of rules."""
    router = APIRouter(prefix="/api/rules", tags=["rules"], dependencies=[Depends(guard)])

    @router.get("")
    async def in_use() -> dict[str, Any]:
        """The version in use, since when, and its packs."""
        packs = rules.translator.packs.packs
        return {
            "version": rules.version,
            "loaded_at": rules.loaded_at,
            "packs": [
                {
                    "pack": pack.head.pack,
                    "register": pack.head.register,
                    "service": pack.head.service,
                    "edition": pack.head.edition,
                    "rules": len(pack.rules),
                    "own": sorted({str(rule.source.file) for rule in pack.rules if rule.layer > 0}),
                }
                for pack in packs
            ],
        }

    @router.post("/reload", response_model=None)
    async def reload(who: Actor) -> dict[str, Any] | Response:
        """Load rules, maps and tables anew and take them into use; 422 with `problems` when they are bad."""
        try:
            return await rules.reload(who.actor)
        except (PackError, ConfigurationError) as error:
            return _bad(error)

    @router.post("/trials", status_code=201, response_model=None)
    async def begin(new: NewTrial) -> dict[str, Any] | Response:
        """Load rules, maps and tables to be tried; 422 with `problems` when they are bad."""
        try:
            trial = await trials.begin(new.files)
        except (PackError, ConfigurationError) as error:
            return _bad(error)
        version = trial.translator.version
        return {"trial": trial.id, "version": version, "in_use": rules.version}

    @router.post("/trials/{trial_id}/compare")
    async def compare(trial_id: str, what: Comparison) -> dict[str, Any]:
        """A page of recorded contacts: what would change. Nothing is sent and nothing is written."""
        trial = trials.trial(trial_id)
        if trial is None:
            raise HTTPException(404, "there is no such trial; it may have made room for others")
        chosen = Chosen(since=what.since or "", until=what.until or "", sender=what.sender)
        return await trials.compare(trial, chosen, what.register_name, what.after, what.limit)

    @router.post("/corrections")
    async def correct(new: NewCorrections) -> dict[str, Any]:
        """Bring chosen contacts to what the rules in use make of them; their registers are told in order."""
        return {"results": await corrections.correct(new.events, new.actor, new.reason, new.version)}

    return router


def _bad(error: PackError | ConfigurationError) -> Response:
    problems = str(error).splitlines()
    said = {"status": 422, "code": error.code, "text": str(error), "hint": error.hint}
    return JSONResponse({"error": said, "problems": problems}, 422)
