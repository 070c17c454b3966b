"""GVR with its services: reads a call, checks it, keeps the event, answers."""

from dataclasses import dataclass, field
from typing import Any

from adapter.simulator.arrivals import Arrival, ArrivalLog
from adapter.simulator.call import Call, Fel, Reply, refusal, reply
from adapter.simulator.gvr import checks, shape
from adapter.simulator.gvr.naming import kombika
from adapter.simulator.idempotency import KeyStore
from adapter.simulator.part import Reading, fingerprint
from adapter.simulator.reading import Unreadable, read
from adapter.simulator.settings import Settings
from adapter.simulator.table import Surroundings, run

PATH = checks.BESOK_PATH
_METHODS = frozenset({"POST", "PUT", "DELETE", "GET"})
_DONE = {"POST": "registrerad", "PUT": "rattad", "DELETE": "makulerad"}


@dataclass(slots=True)
class Event:
    """An event with its history, newest last: (number of the effect, method, fingerprint)."""

    body: dict[str, Any]
    content: str
    makulerad: bool = False
    history: list[tuple[int, str, str]] = field(default_factory=list)


class Gvr:
    """The register. One instance is one installation with its own state; not safe for several threads."""

    name = "gvr"

    def __init__(self, settings: Settings, log: ArrivalLog) -> None:
        self.settings = settings
        self._log = log
        self._events: dict[tuple[str, str], Event] = {}
        """By path of the service and handelseId."""
        self._keys = KeyStore()

    def read(self, call: Call) -> Reading:
        """Read a call without any effect."""
        try:
            message, failure = read(call), None
        except Unreadable as unreadable:
            message, failure = None, unreadable
        given = message or {}
        handelse_id, unit = given.get("handelseId"), given.get("enhet")
        parts = [unit.get(name) for name in ("inr", "klin", "avd")] if isinstance(unit, dict) else []
        return Reading(
            call,
            message,
            failure,
            handelse_id if isinstance(handelse_id, str) and len(handelse_id) <= 100 else None,
            "".join(part for part in parts if isinstance(part, str)),
            fingerprint(message if message is not None else [call.query.decode("latin-1"), call.body.hex()]),
        )

    def arrive(self, reading: Reading) -> Arrival:
        """Enter the call in the log."""
        call = reading.call
        given = reading.message if reading.message is not None else call.body.decode("utf-8", "replace")
        return self._log.arrive(self.name, call.method, reading.handelse_id, reading.content, call.key, given)

    def handle(self, reading: Reading, arrival: Arrival) -> Reply:
        """Check the call, let it take effect, and answer."""
        call = reading.call
        if call.path not in checks.SERVICES:
            return refusal(404, [Fel("TJANST-OKAND", "", "Tjänsten finns inte.")])
        if call.method not in _METHODS:
            return refusal(405, [Fel("METOD", "", "Metoden stöds inte.")], allow=", ".join(sorted(_METHODS)))
        if not (self.settings.idempotency and call.key and call.method != "GET"):
            return self._judge(reading, arrival)
        fingerprint_of_call = f"{call.method} {call.path} {reading.content}"
        known = self._keys.find(call.key, fingerprint_of_call)
        if known is not None:
            arrival.replayed = True
            return known
        answer = self._judge(reading, arrival)
        self._keys.bind(call.key, fingerprint_of_call, answer)
        return answer

    def _judge(self, reading: Reading, arrival: Arrival) -> Reply:
        if reading.failure is not None or reading.message is None:
            failure = reading.failure or Unreadable(400, "JSON", "Innehållet är inte läsbart.")
            return refusal(failure.status, [failure.fel])
        method, message = reading.call.method, reading.message
        path = reading.call.path
        service = checks.SERVICES[path]
        writes = method in ("POST", "PUT")
        around = Surroundings(
            self.settings.today(), self.settings.units, service.shape if writes else shape.SOKNYCKEL
        )
        errors = run(service.stages if writes else checks.QUERY_STAGES, message, around)
        if errors:
            return refusal(400, errors)
        event = self._events.get((path, message["handelseId"]))
        held, other = _held(event), _held(self._events.get((service.other, message["handelseId"])))
        for check in checks.STATE_CHECKS:
            concerned = method in check.methods and (not check.paths or path in check.paths)
            if concerned and check.strikes(message, held, other):
                return refusal(check.status, [Fel(check.kod, check.falt, check.text)])
        if method == "GET" and event:
            return reply(200, {**event.body, "makulerad": event.makulerad})
        return self._apply(reading, arrival, event)

    def _apply(self, reading: Reading, arrival: Arrival, event: Event | None) -> Reply:
        method, message = reading.call.method, reading.message or {}
        number = self._log.effect(arrival)
        if event is None:
            event = Event(message, reading.content)
            self._events[reading.call.path, message["handelseId"]] = event
        elif method != "DELETE":
            event.body, event.content = message, reading.content
        event.makulerad = method == "DELETE"
        event.history.append((number, method, event.content))
        confirmation = {"handelseId": message["handelseId"], "status": _DONE[method]}
        return reply(201 if method == "POST" else 200, confirmation)

    def state(self, full: bool = False) -> list[dict[str, Any]]:
        """The events in the order of their first arrival; with `full` their bodies, identities included."""
        return [self._shown(path, name, event, full) for (path, name), event in self._events.items()]

    def counts(self) -> dict[str, int]:
        """How many events stand, and how many are makulerade."""
        cancelled = sum(event.makulerad for event in self._events.values())
        return {"events": len(self._events) - cancelled, "makulerade": cancelled}

    def clear(self) -> None:
        """Forget all events and keys."""
        self._events.clear()
        self._keys.clear()

    @staticmethod
    def _shown(path: str, handelse_id: str, event: Event, full: bool) -> dict[str, Any]:
        line: dict[str, Any] = {
            "register": Gvr.name,
            "service": checks.SERVICES[path].name,
            "handelseId": handelse_id,
            "enhet": kombika(event.body["enhet"]),
            "makulerad": event.makulerad,
            "content": event.content,
            "history": [
                {"effectSeq": number, "method": method, "content": content}
                for number, method, content in event.history
            ],
        }
        if full:
            line["body"] = event.body
        return line


def _held(event: Event | None) -> checks.Held | None:
    return checks.Held(event.body, event.makulerad) if event else None
