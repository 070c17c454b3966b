"""GET /api/dead-letters: what waits for somebody, in groups, with what the register or our rule says."""

from typing import Any

from fastapi import APIRouter, Depends

from adapter.api.guard import OperationsGuard
from adapter.api.services import OperationsLedger
from adapter.dead_letters import explained
from adapter.domain.rule import Catalogue


def dead_letters_router(ledger: OperationsLedger, catalogue: Catalogue, guard: OperationsGuard) -> APIRouter:
    """The route of the dead letters."""
    router = APIRouter(prefix="/api", tags=["operations"], dependencies=[Depends(guard)])

    @router.get("/dead-letters")
    async def dead_letters() -> dict[str, Any]:
        """Held, parked and unknown lanes that wait for somebody, grouped by register, state and cause.

        `since` and `lane` are those of the lane that has waited longest, `reason` (in Swedish and English)
        and `field` what the register said to it, or the text of the rule that holds it; `actions` is what can
        be done. The lanes of a group: `GET /api/lanes?register=&state=&cause=`.
        """
        return {"groups": [explained(group, catalogue) for group in await ledger.dead_letters()]}

    return router
