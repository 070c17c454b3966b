"""/api/hooks: how the webhooks fare, and trying one again before its time."""

from typing import Any

from fastapi import APIRouter, Depends, HTTPException

from adapter.api.guard import OperationsGuard
from adapter.api.operations import Actor
from adapter.api.services import Services
from adapter.api.verdicts import iso
from adapter.ledger.sql.hooks import Hook


def hooks_router(services: Services, guard: OperationsGuard) -> APIRouter:
    """The routes of the hooks."""
    router = APIRouter(prefix="/api", tags=["operations"], dependencies=[Depends(guard)])

    @router.get("/hooks")
    async def hooks() -> dict[str, Any]:
        """Every hook: how far it is (`cursor`), since when and why it fails, and when it is tried again."""
        return {"hooks": [_shown(hook) for hook in await services.hooks.all()]}

    @router.post("/hooks/{name}/retry", status_code=204)
    async def retry(name: str, who: Actor) -> None:
        """Try a hook that fails again now. One whose endpoint said that it is gone waits for a restart."""
        if "\0" in name or not await services.hooks.retry(name, who.actor):
            raise HTTPException(404, "not found")

    return router


def _shown(hook: Hook) -> dict[str, Any]:
    return {
        "name": hook.name,
        "cursor": hook.cursor,
        "failing_since": iso(hook.failing_since),
        "cause": hook.cause,
        "tries": hook.tries,
        "due_at": iso(hook.due_at),
    }
