"""GVR with its services: reads a call, checks it, keeps the event, answers."""

from typing import Any

from adapter.simulator.arrivals import Arrival
from adapter.simulator.call import Call, Fel, Reply, refusal, reply
from adapter.simulator.gvr import checks, shape
from adapter.simulator.gvr.naming import kombika
from adapter.simulator.part import Reading, fingerprint
from adapter.simulator.rest import Kept, RestRegister, read_or_fail
from adapter.simulator.table import Surroundings, run

PATH = checks.BESOK_PATH


class Gvr(RestRegister[tuple[str, str]]):
    """The register. Events are kept by path of the service and handelseId."""

    name = "gvr"

    def read(self, call: Call) -> Reading:
        """Read a call without any effect."""
        message, failure = read_or_fail(call)
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

    def _serves(self, reading: Reading) -> bool:
        return reading.call.path in checks.SERVICES

    def _judge(self, reading: Reading, message: dict[str, Any], arrival: Arrival) -> Reply:
        method, path = reading.call.method, reading.call.path
        service = checks.SERVICES[path]
        writes = method in ("POST", "PUT")
        around = Surroundings(
            self.settings.today(), self.settings.units, service.shape if writes else shape.SOKNYCKEL
        )
        errors = run(service.stages if writes else checks.QUERY_STAGES, message, around)
        if errors:
            return refusal(400, errors)
        handelse_id = message["handelseId"]
        event = self._kept.get((path, handelse_id))
        held, other = _held(event), _held(self._kept.get((service.other, handelse_id)))
        for check in checks.STATE_CHECKS:
            concerned = method in check.methods and (not check.paths or path in check.paths)
            if concerned and check.strikes(message, held, other):
                return refusal(check.status, [Fel(check.kod, check.falt, check.text)])
        if method == "GET" and event:
            return reply(200, {**event.body, "makulerad": event.makulerad})
        return self._apply(reading, arrival, (path, handelse_id), handelseId=handelse_id)

    def state(self, full: bool = False) -> list[dict[str, Any]]:
        """The events in the order of their first arrival; with `full` their bodies, identities included."""
        return [
            event.line(
                full,
                register=self.name,
                service=checks.SERVICES[path].name,
                handelseId=handelse_id,
                enhet=kombika(event.body["enhet"]),
            )
            for (path, handelse_id), event in self._kept.items()
        ]


def _held(event: Kept | None) -> checks.Held | None:
    return checks.Held(event.body, event.makulerad) if event else None
