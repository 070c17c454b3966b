"""What a simulated register is to the door that carries calls to it."""

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from adapter.simulator.arrivals import Arrival
from adapter.simulator.call import Call, Reply
from adapter.simulator.reading import Unreadable


@dataclass(frozen=True, slots=True)
class Reading:
    """A call that was read as far as it could be, with what faults and the log want to know of it.

    `handelse_id` is the register's id of the event, whatever it calls it; `unit` the unit as one text.
    """

    call: Call
    message: dict[str, Any] | None
    failure: Unreadable | None
    handelse_id: str | None
    unit: str
    content: str


class Part(Protocol):
    """One register of the simulator."""

    name: str

    def read(self, call: Call) -> Reading:
        """Read a call without any effect."""
        ...

    def arrive(self, reading: Reading) -> Arrival:
        """Enter the call in the log."""
        ...

    def handle(self, reading: Reading, arrival: Arrival) -> Reply:
        """Check the call, let it take effect, and answer."""
        ...

    def state(self, full: bool = False) -> list[dict[str, Any]]:
        """The events in the order of their first arrival; with `full` their bodies, identities included."""
        ...

    def counts(self) -> dict[str, int]:
        """How many events stand, and how many are makulerade."""
        ...

    def clear(self) -> None:
        """Forget all events and keys."""
        ...


def fingerprint(message: Any) -> str:
    """SHA-256 (hex) of a message, whatever the order of its members."""
    return hashlib.sha256(orjson.dumps(message, option=orjson.OPT_SORT_KEYS)).hexdigest()
