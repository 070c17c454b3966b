"""PASiS: reads a call, checks it, keeps the contact, answers. All of its interface is assumed."""

from typing import Any

from adapter.simulator.arrivals import Arrival
from adapter.simulator.call import Call, Fel, Reply, refusal, reply
from adapter.simulator.part import Reading, fingerprint
from adapter.simulator.pasis import checks
from adapter.simulator.pasis.shape import VARDKONTAKT
from adapter.simulator.rest import Kept, RestRegister, read_or_fail
from adapter.simulator.table import Surroundings, run

PATH = "/vardkontakter/"


class Pasis(RestRegister[str]):
    """The register. Contacts are kept by kontaktId."""

    name = "pasis"

    def read(self, call: Call) -> Reading:
        """Read a call without any effect. The contact is named by the path; GET and DELETE carry no more."""
        message, failure = read_or_fail(call)
        unit = (message or {}).get("enhet")
        return Reading(
            call,
            message,
            failure,
            call.path.removeprefix(PATH)[:100] if call.path.startswith(PATH) else None,
            unit if isinstance(unit, str) else "",
            fingerprint([call.path, message if message is not None else call.body.hex()]),
        )

    def _serves(self, reading: Reading) -> bool:
        return bool(reading.handelse_id) and "/" not in (reading.handelse_id or "")

    def _judge(self, reading: Reading, message: dict[str, Any], arrival: Arrival) -> Reply:
        method, kontakt_id = reading.call.method, reading.handelse_id or ""
        errors = self._errors(method, message, kontakt_id)
        if errors:
            return refusal(400, errors)
        contact = self._kept.get(kontakt_id)
        refused = _against_state(method, message, contact)
        if refused is not None:
            return refused
        if method == "GET" and contact is not None:
            return reply(200, contact.body)
        return self._apply(reading, arrival, kontakt_id, kontaktId=kontakt_id)

    def _errors(self, method: str, message: dict[str, Any], kontakt_id: str) -> list[Fel]:
        if method in ("GET", "DELETE"):
            return [Fel("PARAMETER-OKAND", "", "Anropet tar inga frågeparametrar.")] if message else []
        around = Surroundings(self.settings.today(), None, VARDKONTAKT)
        errors = run(checks.STAGES, message, around)
        if not errors and message["kontaktId"] != kontakt_id:
            errors = [Fel("KONTAKTID-ANNAT", "kontaktId", "kontaktId är inte adressens.")]
        return errors

    def state(self, full: bool = False) -> list[dict[str, Any]]:
        """The contacts in the order of their first arrival; with `full` their bodies, identities included."""
        return [
            contact.line(full, register=self.name, handelseId=kontakt_id, enhet=contact.body["enhet"])
            for kontakt_id, contact in self._kept.items()
        ]


def _against_state(method: str, message: dict[str, Any], contact: Kept | None) -> Reply | None:
    """The refusal of what does not fit what is held: a second create, a change of what is not there."""
    stands = contact is not None and not contact.makulerad
    if method == "POST":
        return refusal(409, [Fel("KONTAKT-FINNS", "kontaktId", "Kontakten finns redan.")]) if stands else None
    if not stands or contact is None:
        return refusal(404, [Fel("KONTAKT-OKAND", "kontaktId", "Kontakten finns inte.")])
    moved = [
        name for name in ("patientId", "enhet") if name in message and message[name] != contact.body[name]
    ]
    if moved:
        text = "Patient eller enhet är inte den registrerade kontaktens; makulera den och registrera en ny."
        return refusal(400, [Fel("IDENTITET-ANDRAD", moved[0], text)])
    return None
