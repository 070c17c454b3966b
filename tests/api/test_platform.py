"""Health and metrics."""

from collections.abc import Callable
from typing import Any

import httpx


async def test_ready_names_the_parts_that_fail(client: httpx.AsyncClient, services: Any) -> None:
    assert (await client.get("/health/ready")).status_code == 200
    services.failing = ["ledger", "courier gvr"]
    response = await client.get("/health/ready")
    assert (response.status_code, response.json()["parts"]) == (503, ["ledger", "courier gvr"])
    assert (await client.get("/health/live")).status_code == 200


async def test_metrics_count_submissions_and_lanes_by_state(
    client: httpx.AsyncClient, services: Any, post: Callable[..., Any]
) -> None:
    services.ledger.answers["summary"] = {
        "lanes": {"parked": 2},
        "messages": {"accepted": 3},
        "registers": {"gvr": {"lanes": {"parked": 2}}},
    }
    await post()
    await post(content_type="text/plain")
    page = (await client.get("/metrics")).text
    assert 'vardbro_bundles_total{status="200"} 1.0' in page
    assert 'vardbro_bundles_total{status="415"} 1.0' in page
    assert 'vardbro_lanes{register="gvr",state="parked"} 2.0' in page
    assert 'vardbro_messages{state="accepted"} 3.0' in page
    assert "vardbro_bundle_seconds_count 2.0" in page


async def test_a_fault_is_counted(client: httpx.AsyncClient, services: Any, post: Callable[..., Any]) -> None:
    services.ledger.answers["summary"] = {"lanes": {}, "messages": {}, "registers": {}}
    services.intake.fault = RuntimeError()
    await post()
    assert "vardbro_faults_total 1.0" in (await client.get("/metrics")).text
