"""The ledger as its operators see it: by the operations API of the running service."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import httpx

from adapter.verification.agreement import Listing
from adapter.verification.records import Seen

_PAGE = 1000
_AT_ONCE = 4
_POLL = 0.1
_AT_REST = frozenset({"idle", "parked", "held", "unknown"})
_PATIENCE = 60.0


class Operator:
    """Asks one service, which may be away for a while."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=30.0, trust_env=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def resume(self, register: str = "gvr") -> None:
        """Let a register's lanes flow again: what made it answer 401 has been mended."""
        await self._ask("POST", f"/api/registers/{register}/resume", json={"actor": "verify"})

    async def wait_for_rest(self, within: float) -> bool:
        """Wait until no lane moves by itself any more; False when that takes too long."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if not await self._moves():
                return True
            await asyncio.sleep(_POLL)
        return False

    async def _moves(self) -> bool:
        states = (await self._get("/api/summary"))["lanes"]
        if any(count and state not in _AT_REST for state, count in states.items()):
            return True
        unknown = await self._pages("lanes", state="unknown") if states.get("unknown") else []
        # One that is not there any more has begun to move between the two questions.
        return len(unknown) != states.get("unknown", 0) or any(lane["due_at"] is not None for lane in unknown)

    async def seen(self, events: Iterable[str]) -> dict[str, Seen]:
        """What the ledger shows of these events; those that it does not know are missing."""
        gate = asyncio.Semaphore(_AT_ONCE)
        states = {lane["id"]: lane for lane in await self._pages("lanes")}

        async def one(event: str) -> tuple[str, Seen | None]:
            async with gate:
                answer = await self._ask("GET", f"/api/events/{event}")
            return event, None if answer.status_code == 404 else _seen(answer.json(), states)

        found = await asyncio.gather(*map(one, events))
        return {event: shown for event, shown in found if shown is not None}

    async def listing(self) -> Listing:
        """All lanes and messages, with what the ledger counts of them."""
        return Listing(
            lanes=await self._pages("lanes"),
            messages=await self._pages("messages"),
            counted=await self._get("/api/summary"),
        )

    async def audit_broken_at(self) -> Any:
        """The first entry of the audit trail that does not fit, None when all do."""
        return (await self._get("/api/audit"))["broken_at"]

    async def history(self, lane_id: int) -> list[str]:
        """The attempts of a lane, one line each: states and causes, no patient data."""
        lane = await self._get(f"/api/lanes/{lane_id}")
        messages = [
            f"message {one['seq']}: {one['intent']}, {one['state']}"
            + (f" ({one['cause']})" if one["cause"] else "")
            for one in lane["messages"]
        ]
        return [f"lane {lane_id}: {lane['state']}", *messages, *map(_attempt, lane["attempts"])]

    async def _pages(self, what: str, **chosen: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            page = await self._get(f"/api/{what}", limit=str(_PAGE), after=str(after), **chosen)
            found += page[what]
            after = page["next"]
        return found

    async def _get(self, path: str, **parameters: str) -> Any:
        answer = await self._ask("GET", path, params=parameters)
        answer.raise_for_status()
        return answer.json()

    async def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Ask until there is an answer: the service may just be starting."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                answer = await self._http.request(method, path, **request)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            else:
                if answer.status_code not in (429, 503) or time.monotonic() > deadline:
                    return answer
            await asyncio.sleep(_POLL)


def _seen(event: dict[str, Any], states: dict[int, dict[str, Any]]) -> Seen:
    versions = frozenset(int(one["version"]) for one in event["versions"])
    lanes = [one["lane"] for registers in event["registers"].values() for one in registers]
    if not lanes:
        return Seen(versions=versions)
    lane = states[lanes[0]]
    return Seen(versions=versions, lane=lane["id"], state=lane["state"], cause=lane["cause"])


def _attempt(attempt: dict[str, Any]) -> str:
    outcome = attempt["outcome"] or {}
    said = attempt["found"] or " ".join(
        str(part) for part in (outcome.get("kind"), outcome.get("cause")) if part
    )
    evidence = attempt["evidence"]
    late = f", evidence {evidence['kind']} {evidence['cause']}" if evidence else ""
    began = f"{attempt['kind']} {attempt['operation']}, began {attempt['started_at']:.3f}"
    return f"attempt {attempt['token']}: {began}, {said or 'open'}{late}"
