"""The log of what arrived, in the order of arrival. Identity numbers are shown only in full."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Arrival:
    """One call. `status` is None while it is worked on and when no answer was sent.

    `effect` says whether the register's state changed, `effect_seq` in which order over all calls;
    `content` is the fingerprint of the body (for GET and DELETE of the query). `replayed` marks an answer
    that was repeated for a known idempotency key.
    """

    seq: int
    time: float
    register: str
    method: str
    handelse_id: str | None
    content: str
    key: str | None
    given: Any
    status: int | None = None
    effect: bool = False
    effect_seq: int | None = None
    replayed: bool = False
    fault: str | None = None

    def shown(self, full: bool) -> dict[str, Any]:
        """The log line; with `full` also what was sent, identity number included."""
        line: dict[str, Any] = {
            "seq": self.seq,
            "time": self.time,
            "register": self.register,
            "method": self.method,
            "handelseId": self.handelse_id,
            "status": self.status,
            "content": self.content,
            "effect": self.effect,
            "effectSeq": self.effect_seq,
            "replayed": self.replayed,
            "key": self.key,
            "fault": self.fault,
        }
        if full:
            line["given"] = self.given
        return line


class ArrivalLog:
    """Numbers calls from 1 as they arrive, and effects from 1 as they happen."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._arrivals: list[Arrival] = []
        self._effects = 0

    def arrive(
        self, register: str, method: str, handelse_id: str | None, content: str, key: str | None, given: Any
    ) -> Arrival:
        """Enter a call."""
        number = len(self._arrivals) + 1
        arrival = Arrival(number, self._clock(), register, method, handelse_id, content, key, given)
        self._arrivals.append(arrival)
        return arrival

    def effect(self, arrival: Arrival) -> int:
        """Note that the call changed the register's state; gives the number of the effect."""
        self._effects += 1
        arrival.effect = True
        arrival.effect_seq = self._effects
        return self._effects

    def lines(self, since: int = 0, full: bool = False) -> Iterator[dict[str, Any]]:
        """The log lines after number `since`, oldest first."""
        return (arrival.shown(full) for arrival in self._arrivals[since:])

    def clear(self) -> None:
        """Forget everything and count from 1 again."""
        self._arrivals.clear()
        self._effects = 0
