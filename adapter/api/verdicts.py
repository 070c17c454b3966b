"""What a sending system reads of its events: states, causes and reasons in its language, no patient data."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from adapter.domain.finding import Finding
from adapter.domain.rule import Catalogue
from adapter.domain.text import Lang, Text
from adapter.ledger.following import Change
from adapter.ledger.model import OPEN_STATES, MessageState
from adapter.ledger.sql.following import AtRegister, Followed, Why

Json = dict[str, Any]

NOT_REPORTED = "not-reported"
PENDING = "pending"
NOTHING_TO_CANCEL = "INTAKE-NOTHING-TO-CANCEL"

_HOLDS = "rule:"
"""How the cause of a held message begins; the rule's id follows."""

_OWN = {
    "cut-off": Text(
        "Tjänsten avbröts medan anropet pågick; det är inte känt om registret utförde det.",
        "The service was cut off during the request; whether the register acted on it is not known.",
    ),
    "taken-over": Text(
        "Svaret på anropet kom inte fram; det är inte känt om registret utförde det.",
        "The answer to the request was lost; whether the register acted on it is not known.",
    ),
    "answer-not-read": Text("Registrets svar kunde inte tolkas.", "The register's answer could not be read."),
    "request-not-made": Text(
        "Anropet kunde inte göras på grund av ett fel i tjänsten.",
        "The request could not be made for a fault of the service.",
    ),
}
"""Causes that are no register's answer."""

_PENDING = Text(
    "Kontakten är inte avslutad och rapporteras inte än.",
    "The contact is not finished and is not reported yet.",
)

_GRAVEST = (
    MessageState.UNKNOWN,
    MessageState.PARKED,
    MessageState.HELD,
    MessageState.SKIPPED,
    MessageState.SENDING,
    MessageState.WAITING,
)
"""Which of several messages of one event at one register is shown first."""

_findings = msgspec.json.Decoder(list[Finding]).decode


class Verdicts:
    """Puts standings and changes into words, with one catalogue of rules."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def event(self, event: Followed, lang: Lang) -> Json:
        """One event with its state at each register."""
        registers = dict.fromkeys((*event.fates, *(lane.register for lane in event.lanes)))
        return {
            "event_id": event.event_id,
            "version": _shown_version(event.version),
            "revision": event.revision,
            "status": event.status,
            "received_at": iso(event.received_at),
            "registers": {register: self._at(event, register, lang) for register in registers},
        }

    def change(self, change: Change, lang: Lang) -> Json:
        """One entry of the feed."""
        facts = change.facts
        is_rule = facts["state"] == NOT_REPORTED
        found = self._reason(facts["cause"], change.why, lang, is_rule=is_rule)
        return {
            "cursor": facts["cursor"],
            "at": iso(facts["at"]),
            "identifier": facts["identifier"],
            "event_id": facts["event_id"],
            "register": facts["register"],
            "service": facts["service"],
            "state": facts["state"],
            "cause": facts["cause"],
            "rule": found.pop("rule"),
            "reason": found.pop("reason"),
            "message": facts["message_id"],
            "flag": facts["detail"].get("flag"),
            **found,
        }

    def _at(self, event: Followed, register: str, lang: Lang) -> Json:
        """Where an event stands at one register; `parts` when it has several messages there."""
        fate, rule = event.fates.get(register, ("message", None))
        lanes = sorted((lane for lane in event.lanes if lane.register == register), key=_gravity)
        parts = [self._part(lane, lang) for lane in lanes]
        if fate == NOT_REPORTED:
            return self._not_reported(event, rule, parts, lanes, lang)
        if not parts:
            return self._without_message(event, fate, lang)
        return parts[0] if len(parts) == 1 else {**parts[0], "parts": parts}

    def _part(self, lane: AtRegister, lang: Lang) -> Json:
        message = lane.message
        found = self._reason(message.cause, lane.why, lang)
        shown = {
            "state": message.state.value,
            "service": lane.service,
            "cause": message.cause,
            **found,
            "message": message.id,
            "intent": message.intent,
            "operation": lane.operation,
            "since": iso(lane.since),
            "accepted_at": iso(lane.accepted_at),
        }
        return shown if message.flag is None else {**shown, "flag": message.flag}

    def _not_reported(
        self, event: Followed, rule: str | None, parts: list[Json], lanes: list[AtRegister], lang: Lang
    ) -> Json:
        """Not to be told of; what was told before is withdrawn, and shown as long as that is under way."""
        why = self._reason(rule, Why(), lang, is_rule=True)
        if lanes and lanes[0].message.state in OPEN_STATES:
            return {**parts[0], "not_reported": why}
        withdrawn = parts[0] if parts else _nothing(event)
        return {**withdrawn, "state": NOT_REPORTED, "cause": rule, **why}

    def _without_message(self, event: Followed, fate: str, lang: Lang) -> Json:
        if fate == PENDING or event.status == PENDING:
            return {**_nothing(event), "state": PENDING, "reason": _PENDING.to(lang)}
        rule = self._catalogue[NOTHING_TO_CANCEL]
        reason = rule.text.to(lang, event=event.event_id)
        return {
            **_nothing(event), "state": MessageState.CLOSED.value, "rule": NOTHING_TO_CANCEL, "reason": reason
        }  # fmt: skip

    def _reason(self, cause: str | None, why: Why, lang: Lang, *, is_rule: bool = False) -> Json:
        """``rule`` and ``reason``; beside them what there is of ``outcome``, ``field`` and ``findings``."""
        if cause is None:
            return {"rule": None, "reason": None}
        if is_rule or cause.startswith(_HOLDS):
            return self._rule(cause.removeprefix(_HOLDS), why, lang)
        found: Json = {"rule": None, "reason": _text(_OWN.get(cause), lang)}
        if why.outcome is not None:
            found["reason"] = _text(why.outcome.reason, lang) or found["reason"]
            found["outcome"] = why.outcome.kind.value
            if why.outcome.field is not None:
                found["field"] = why.outcome.field
        return found

    def _rule(self, rule_id: str, why: Why, lang: Lang) -> Json:
        findings = [self._finding(one, lang) for one in _errors(_findings(why.findings))]
        named = next((one for one in findings if one["rule"] == rule_id), None)
        rule = self._catalogue.get(rule_id)
        reason = named["text"] if named else _text(rule.text if rule else None, lang)
        found: Json = {"rule": rule_id, "reason": reason}
        return {**found, "findings": findings} if findings else found

    def _finding(self, finding: Finding, lang: Lang) -> Json:
        rule = self._catalogue.get(finding.rule)
        return {
            "rule": finding.rule,
            "text": rule.text.to(lang, **finding.params) if rule else None,
            "todo": rule.todo.to(lang, **finding.params) if rule and rule.todo else None,
            "expression": list(finding.expression),
        }


def iso(at: float | None) -> str | None:
    """A time as ISO 8601 in UTC, with milliseconds."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _nothing(event: Followed) -> Json:
    """An event of which there is no message to the register."""
    empty = ("service", "cause", "rule", "reason", "message", "operation", "accepted_at")
    return {**dict.fromkeys(empty), "since": iso(event.received_at)}


def _gravity(lane: AtRegister) -> int:
    state = lane.message.state
    return _GRAVEST.index(state) if state in _GRAVEST else len(_GRAVEST)


def _errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]


def _text(text: Text | None, lang: Lang) -> str | None:
    return None if text is None else text.to(lang)


def _shown_version(version: str | None) -> str | None:
    """The sender's version; numbers are kept with leading zeros so that they sort."""
    return (version.lstrip("0") or "0") if version is not None and version.isdigit() else version
