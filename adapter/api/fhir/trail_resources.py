"""AuditEvent and Provenance (FHIR R4) of what the ledger knows. Pure; no patient data gets in, since none is
in what they are made of: ids of events, states, counts, causes."""

from datetime import UTC, datetime
from typing import Any

from adapter.domain.canonical import base, code_system
from adapter.ledger.sql.own_trail import Entry, Forwarded

Json = dict[str, Any]

_SHOWN = frozenset(
    {"status", "state", "outcome", "class", "cause", "number", "operation", "kind", "found", "intent"}
)
"""Details of an audit entry that its sender may see: not the names of operators, nor their reasons."""

_ACTIONS = {"received": "C", "attempted": "E", "claimed": "E", "looked-up": "R", "not-looked-up": "R"}
_REFUSED, _FAULT = 400, 500
_MINOR, _SERIOUS = "4", "8"
_VARDBRO = {"display": "vardbro"}
_AUDIT_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_AGENT_TYPE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_OBJECT_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"


def provenance(message: Forwarded, sender: str, url: str) -> Json:
    """The Provenance of a forwarded message: its event (`url` is the service's address) was made from a
    submission of `sender` by vardbro, by an edition of rules; the activity says where it stands."""
    found: Json = {
        "resourceType": "Provenance",
        "id": f"meddelande-{message.id}",
        "meta": {"lastUpdated": instant(message.recorded)},
        "target": [event_reference(message.event_id, url)],
        "occurredDateTime": instant(message.created_at),
        "recorded": instant(message.recorded),
        "activity": {"coding": [{"system": code_system("meddelandestatus"), "code": message.state}]},
        "agent": [_assembler(message), {"type": _agent_type("enterer"), "who": {"display": sender}}],
        "entity": [{"role": "source", "what": submission_reference(message.receipt_id)}],
    }
    if message.edition:
        found["policy"] = [f"{base()}/rules/{message.edition}"]
    return found


def audit_event(entry: Entry, sender: str, url: str) -> Json:
    """The AuditEvent of an entry of the trail."""
    found: Json = {
        "resourceType": "AuditEvent",
        "id": f"post-{entry.id}",
        "meta": {"lastUpdated": instant(entry.at)},
        "type": {"system": _AUDIT_TYPE, "code": "rest", "display": "RESTful Operation"},
        "subtype": [{"system": code_system("granskningspost"), "code": entry.kind}],
        "action": _ACTIONS.get(entry.kind, "U"),
        "recorded": instant(entry.at),
        "outcome": _outcome(entry),
        "agent": [_agent(entry, sender)],
        "source": {"observer": _VARDBRO},
    }
    entities = _entities(entry, url)
    if entities:
        found["entity"] = entities
    return found


def event_reference(event_id: str, url: str) -> Json:
    """A reference to the status of an event."""
    return {
        "reference": f"{url}/api/events/{event_id}",
        "identifier": {"system": f"{base()}/sid/handelse", "value": event_id},
    }


def submission_reference(receipt_id: int) -> Json:
    """What a submission is known by: the number of its receipt."""
    return {"identifier": {"system": f"{base()}/sid/mottagning", "value": str(receipt_id)}}


def instant(at: float) -> str:
    """Seconds since 1970 as a FHIR instant."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _assembler(message: Forwarded) -> Json:
    return {
        "type": _agent_type("assembler"),
        "who": _VARDBRO,
        "onBehalfOf": {"display": message.register},
    }


def _agent_type(code: str) -> Json:
    return {"coding": [{"system": _AGENT_TYPE, "code": code}]}


def _agent(entry: Entry, sender: str) -> Json:
    if entry.kind == "received":
        return {"who": {"display": sender}, "requestor": True}
    return {"who": _VARDBRO, "requestor": False}


def _outcome(entry: Entry) -> str:
    status = entry.detail.get("status")
    if isinstance(status, int) and status >= _REFUSED:
        return _SERIOUS if status >= _FAULT else _MINOR
    return _MINOR if entry.detail.get("state") in ("parked", "unknown") else "0"


def _entities(entry: Entry, url: str) -> list[Json]:
    entities: list[Json] = []
    if entry.event_id is not None:
        entities.append({"what": event_reference(entry.event_id, url)})
    elif entry.receipt_id is not None:
        entities.append({"what": submission_reference(entry.receipt_id)})
    if entities:
        entities[0]["type"] = {"system": _OBJECT_TYPE, "code": "4", "display": "Other"}
        details = _details(entry)
        if details:
            entities[0]["detail"] = details
    return entities


def _details(entry: Entry) -> list[Json]:
    shown = {"register": entry.register, **{k: v for k, v in entry.detail.items() if k in _SHOWN}}
    return [
        {"type": name, "valueString": str(value)}
        for name, value in shown.items()
        if isinstance(value, str | int) and str(value)
    ]
