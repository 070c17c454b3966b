"""What has become of a submission, read from the running adapter as any operator could."""

import time
from typing import Any

import httpx
import msgspec

from adapter.errors import VardbroError

SETTLED = frozenset({"idle", "parked", "unknown", "held"})
_POLL = 0.02
_PATIENCE = 20.0


class Message(msgspec.Struct, frozen=True):
    """One message as the operations API lists it, with the state that its lane ended in."""

    event: str
    state: str
    lane_state: str
    cause: str | None


class Observer:
    """Follows one adapter through its operations API and tells the simulator which faults to play."""

    def __init__(self, adapter_url: str, simulator_url: str) -> None:
        self._adapter = httpx.Client(base_url=adapter_url, timeout=10.0, trust_env=False)
        self._simulator = httpx.Client(base_url=simulator_url, timeout=10.0, trust_env=False)
        self._last = 0

    def close(self) -> None:
        """Release the connections."""
        self._adapter.close()
        self._simulator.close()

    def set_fault(self, fault: dict[str, Any]) -> None:
        """Tell the simulator what to do with the next requests."""
        answer = self._simulator.post("/_control/faults", json={"register": "gvr", **fault})
        if answer.status_code >= 400:
            raise VardbroError(f"the simulator knows no fault {fault.get('kind')}")

    def clear_faults(self) -> None:
        """End all faults."""
        self._simulator.delete("/_control/faults")

    def held_by_register(self) -> dict[str, int]:
        """How many events the simulated registers hold, by name and state."""
        registers: dict[str, Any] = self._simulator.get("/_control/state").json().get("registers", {})
        return {f"{name} {key}": count for name, counts in registers.items() for key, count in counts.items()}

    def settle(self) -> None:
        """Wait until no lane has anything left to do by itself. Raises VardbroError after 20 seconds."""
        deadline = time.monotonic() + _PATIENCE
        while self._busy():
            if time.monotonic() > deadline:
                raise VardbroError(f"lanes are still busy after {_PATIENCE:g} seconds")
            time.sleep(_POLL)

    def _busy(self) -> bool:
        """Whether a lane will move by itself; an unknown outcome does while a look-up is due."""
        lanes: dict[str, int] = self._adapter.get("/api/summary").json()["lanes"]
        if any(state not in SETTLED for state in lanes):
            return True
        if "unknown" not in lanes:
            return False
        unknown = self._adapter.get("/api/lanes", params={"state": "unknown"}).json()["lanes"]
        # none any more: it moved between the two questions, and nobody knows yet where to
        return not unknown or any(lane["due_at"] is not None for lane in unknown)

    def new_messages(self) -> list[Message]:
        """The messages that have come since the last call."""
        found: list[Message] = []
        after: int | None = self._last
        while after is not None:
            page = self._adapter.get("/api/messages", params={"after": after, "limit": 500}).json()
            for message in page["messages"]:
                self._last = max(self._last, message["id"])
                found.append(self._message(message))
            after = page["next"]
        return found

    def lane_states(self, event_id: str) -> list[str]:
        """The states of an event's lanes."""
        answer = self._adapter.get(f"/api/events/{event_id}")
        if answer.status_code == 404:
            return []
        return [lane["lane_state"] for lanes in answer.json()["registers"].values() for lane in lanes]

    def _message(self, message: dict[str, Any]) -> Message:
        lane = self._adapter.get(f"/api/lanes/{message['lane_id']}").json()
        return Message(message["event_id"], message["state"], lane["state"], message.get("cause"))
