"""What the simulated registers over REST have in common: they log calls, honour keys and keep bodies."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from adapter.simulator.arrivals import Arrival, ArrivalLog
from adapter.simulator.call import Call, Fel, Reply, refusal, reply
from adapter.simulator.idempotency import KeyStore
from adapter.simulator.part import Reading
from adapter.simulator.reading import Unreadable, read
from adapter.simulator.settings import Settings

METHODS = frozenset({"POST", "PUT", "DELETE", "GET"})
_DONE = {"POST": "registrerad", "PUT": "rattad", "DELETE": "makulerad"}

K = TypeVar("K")
"""What a register knows an event by."""


@dataclass(slots=True)
class Kept:
    """What the register holds of an event, with its history, newest last: (number of the effect, method,
    fingerprint)."""

    body: dict[str, Any]
    content: str
    makulerad: bool = False
    history: list[tuple[int, str, str]] = field(default_factory=list)

    def line(self, full: bool, **naming: str) -> dict[str, Any]:
        """How the state is shown; with `full` the body, identities included."""
        history = [
            {"effectSeq": number, "method": method, "content": content}
            for number, method, content in self.history
        ]
        shown = {**naming, "makulerad": self.makulerad, "content": self.content, "history": history}
        return {**shown, "body": self.body} if full else shown


class RestRegister(ABC, Generic[K]):
    """A register. One instance is one installation with its own state; not safe for several threads."""

    name: str

    def __init__(self, settings: Settings, log: ArrivalLog) -> None:
        self.settings = settings
        self._log = log
        self._kept: dict[K, Kept] = {}
        self._keys = KeyStore()

    @abstractmethod
    def _serves(self, reading: Reading) -> bool:
        """Whether there is such a service."""

    @abstractmethod
    def _judge(self, reading: Reading, message: dict[str, Any], arrival: Arrival) -> Reply:
        """Check what could be read, let it take effect, and answer."""

    def arrive(self, reading: Reading) -> Arrival:
        """Enter the call in the log."""
        call = reading.call
        given = reading.message if reading.message is not None else call.body.decode("utf-8", "replace")
        return self._log.arrive(self.name, call.method, reading.handelse_id, reading.content, call.key, given)

    def handle(self, reading: Reading, arrival: Arrival) -> Reply:
        """Check the call, let it take effect, and answer; a key that was seen gets its first answer."""
        call = reading.call
        if not self._serves(reading):
            return refusal(404, [Fel("TJANST-OKAND", "", "Tjänsten finns inte.")])
        if call.method not in METHODS:
            return refusal(405, [Fel("METOD", "", "Metoden stöds inte.")], allow=", ".join(sorted(METHODS)))
        if not (self.settings.idempotency and call.key and call.method != "GET"):
            return self._answer(reading, arrival)
        of_call = f"{call.method} {call.path} {reading.content}"
        known = self._keys.find(call.key, of_call)
        if known is not None:
            arrival.replayed = True
            return known
        answer = self._answer(reading, arrival)
        self._keys.bind(call.key, of_call, answer)
        return answer

    def counts(self) -> dict[str, int]:
        """How many events stand, and how many are makulerade."""
        cancelled = sum(kept.makulerad for kept in self._kept.values())
        return {"events": len(self._kept) - cancelled, "makulerade": cancelled}

    def clear(self) -> None:
        """Forget all events and keys."""
        self._kept.clear()
        self._keys.clear()

    def _answer(self, reading: Reading, arrival: Arrival) -> Reply:
        if reading.failure is not None or reading.message is None:
            failure = reading.failure or Unreadable(400, "JSON", "Innehållet är inte läsbart.")
            return refusal(failure.status, [failure.fel])
        return self._judge(reading, reading.message, arrival)

    def _apply(self, reading: Reading, arrival: Arrival, key: K, **naming: str) -> Reply:
        """Let a call that is in order take effect on the event `key`; `naming` begins the confirmation."""
        method, message = reading.call.method, reading.message or {}
        number = self._log.effect(arrival)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = Kept(message, reading.content)
        elif method != "DELETE":
            kept.body, kept.content = message, reading.content
        kept.makulerad = method == "DELETE"
        kept.history.append((number, method, kept.content))
        return reply(201 if method == "POST" else 200, {**naming, "status": _DONE[method]})


def read_or_fail(call: Call) -> tuple[dict[str, Any] | None, Unreadable | None]:
    """The message of a call, or why there is none."""
    try:
        return read(call), None
    except Unreadable as unreadable:
        return None, unreadable
