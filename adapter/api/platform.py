"""/health and /metrics: what the platform asks for."""

from collections.abc import Sequence

from fastapi import APIRouter, Depends, Response

from adapter.api.guard import OperationsGuard
from adapter.api.metrics import CONTENT_TYPE, Metrics, lane_counts
from adapter.api.services import Services


def platform_router(services: Services, metrics: Metrics, guard: OperationsGuard) -> APIRouter:
    """Liveness, readiness and metrics. Health is open to everybody and says nothing but names of parts."""
    router = APIRouter(tags=["platform"])

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        """Whether the process answers at all."""
        return {"status": "ok"}

    @router.get("/health/ready")
    async def ready(response: Response) -> dict[str, str | Sequence[str]]:
        """Whether submissions can be stored and couriers are at work; 503 with the failing parts if not."""
        failing = await services.failing_parts()
        if failing:
            response.status_code = 503
            return {"status": "failing", "parts": failing}
        return {"status": "ok"}

    @router.get("/metrics", dependencies=[Depends(guard)])
    async def figures() -> Response:
        """Counters and gauges for Prometheus."""
        summary = await services.ledger.summary()
        page = metrics.page(dict(lane_counts(summary["registers"])), summary["messages"])
        return Response(page, media_type=CONTENT_TYPE)

    return router
