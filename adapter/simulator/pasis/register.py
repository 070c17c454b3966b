"""PASiS: reads a call, checks it, keeps the contact, answers. All of its interface is assumed."""

from dataclasses import dataclass, field
from typing import Any

from adapter.simulator.arrivals import Arrival, ArrivalLog
from adapter.simulator.call import Call, Fel, Reply, refusal, reply
from adapter.simulator.idempotency import KeyStore
from adapter.simulator.part import Reading, fingerprint
from adapter.simulator.pasis import checks
from adapter.simulator.pasis.shape import VARDKONTAKT
from adapter.simulator.reading import Unreadable, read
from adapter.simulator.settings import Settings
from adapter.simulator.table import Surroundings, run

PATH = "/vardkontakter/"
_METHODS = frozenset({"POST", "PUT", "DELETE", "GET"})
_DONE = {"POST": "registrerad", "PUT": "rattad", "DELETE": "makulerad"}


@dataclass(slots=True)
class Contact:
    """A contact with its history, newest last: (number of the effect, method, fingerprint)."""

    body: dict[str, Any]
    content: str
    makulerad: bool = False
    history: list[tuple[int, str, str]] = field(default_factory=list)


class Pasis:
    """The register. One instance is one installation with its own state; not safe for several threads."""

    name = "pasis"

    def __init__(self, settings: Settings, log: ArrivalLog) -> None:
        self.settings = settings
        self._log = log
        self._contacts: dict[str, Contact] = {}
        self._keys = KeyStore()

    def read(self, call: Call) -> Reading:
        """Read a call without any effect. The contact is named by the path; GET and DELETE carry no more."""
        try:
            message, failure = read(call), None
        except Unreadable as unreadable:
            message, failure = None, unreadable
        unit = (message or {}).get("enhet")
        return Reading(
            call,
            message,
            failure,
            call.path.removeprefix(PATH)[:100] if call.path.startswith(PATH) else None,
            unit if isinstance(unit, str) else "",
            fingerprint([call.path, message if message is not None else call.body.hex()]),
        )

    def arrive(self, reading: Reading) -> Arrival:
        """Enter the call in the log."""
        call = reading.call
        given = reading.message if reading.message is not None else call.body.decode("utf-8", "replace")
        return self._log.arrive(self.name, call.method, reading.handelse_id, reading.content, call.key, given)

    def handle(self, reading: Reading, arrival: Arrival) -> Reply:
        """Check the call, let it take effect, and answer."""
        call = reading.call
        if not reading.handelse_id or "/" in reading.handelse_id:
            return refusal(404, [Fel("TJANST-OKAND", "", "Tjänsten finns inte.")])
        if call.method not in _METHODS:
            return refusal(405, [Fel("METOD", "", "Metoden stöds inte.")], allow=", ".join(sorted(_METHODS)))
        if not (self.settings.idempotency and call.key and call.method != "GET"):
            return self._judge(reading, arrival)
        of_call = f"{call.method} {reading.content}"
        known = self._keys.find(call.key, of_call)
        if known is not None:
            arrival.replayed = True
            return known
        answer = self._judge(reading, arrival)
        self._keys.bind(call.key, of_call, answer)
        return answer

    def _judge(self, reading: Reading, arrival: Arrival) -> Reply:
        if reading.failure is not None or reading.message is None:
            failure = reading.failure or Unreadable(400, "JSON", "Innehållet är inte läsbart.")
            return refusal(failure.status, [failure.fel])
        errors = self._errors(reading.call.method, reading.message, reading.handelse_id or "")
        if errors:
            return refusal(400, errors)
        contact = self._contacts.get(reading.handelse_id or "")
        refused = _against_state(reading, contact)
        if refused is not None:
            return refused
        if reading.call.method == "GET" and contact is not None:
            return reply(200, contact.body)
        return self._apply(reading, arrival, contact)

    def _errors(self, method: str, message: dict[str, Any], kontakt_id: str) -> list[Fel]:
        if method in ("GET", "DELETE"):
            return [Fel("PARAMETER-OKAND", "", "Anropet tar inga frågeparametrar.")] if message else []
        around = Surroundings(self.settings.today(), None, VARDKONTAKT)
        errors = run(checks.STAGES, message, around)
        if not errors and message["kontaktId"] != kontakt_id:
            errors = [Fel("KONTAKTID-ANNAT", "kontaktId", "kontaktId är inte adressens.")]
        return errors

    def _apply(self, reading: Reading, arrival: Arrival, contact: Contact | None) -> Reply:
        method, message, kontakt_id = reading.call.method, reading.message or {}, reading.handelse_id or ""
        number = self._log.effect(arrival)
        if contact is None:
            contact = self._contacts[kontakt_id] = Contact(message, reading.content)
        elif method != "DELETE":
            contact.body, contact.content = message, reading.content
        contact.makulerad = method == "DELETE"
        contact.history.append((number, method, contact.content))
        confirmation = {"kontaktId": kontakt_id, "status": _DONE[method]}
        return reply(201 if method == "POST" else 200, confirmation)

    def state(self, full: bool = False) -> list[dict[str, Any]]:
        """The contacts in the order of their first arrival; with `full` their bodies, identities included."""
        return [_shown(name, contact, full) for name, contact in self._contacts.items()]

    def counts(self) -> dict[str, int]:
        """How many contacts stand, and how many are makulerade."""
        cancelled = sum(contact.makulerad for contact in self._contacts.values())
        return {"events": len(self._contacts) - cancelled, "makulerade": cancelled}

    def clear(self) -> None:
        """Forget all contacts and keys."""
        self._contacts.clear()
        self._keys.clear()


def _against_state(reading: Reading, contact: Contact | None) -> Reply | None:
    """The refusal of what does not fit what is held: a second create, a change of what is not there."""
    stands = contact is not None and not contact.makulerad
    if reading.call.method == "POST":
        return refusal(409, [Fel("KONTAKT-FINNS", "kontaktId", "Kontakten finns redan.")]) if stands else None
    if not stands or contact is None:
        return refusal(404, [Fel("KONTAKT-OKAND", "kontaktId", "Kontakten finns inte.")])
    message = reading.message or {}
    moved = [
        name for name in ("patientId", "enhet") if name in message and message[name] != contact.body[name]
    ]
    if moved:
        text = "Patient eller enhet är inte den registrerade kontaktens; makulera den och registrera en ny."
        return refusal(400, [Fel("IDENTITET-ANDRAD", moved[0], text)])
    return None


def _shown(kontakt_id: str, contact: Contact, full: bool) -> dict[str, Any]:
    line: dict[str, Any] = {
        "register": Pasis.name,
        "handelseId": kontakt_id,
        "enhet": contact.body["enhet"],
        "makulerad": contact.makulerad,
        "content": contact.content,
        "history": [
            {"effectSeq": number, "method": method, "content": content}
            for number, method, content in contact.history
        ],
    }
    if full:
        line["body"] = contact.body
    return line
