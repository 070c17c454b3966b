"""The JSON document that `vardbro map` prints for one file (docs/reference/command-line). Pure."""

from collections.abc import Iterable
from typing import Any

from adapter.domain.finding import Finding
from adapter.domain.message import Operation, RegisterMessage
from adapter.domain.rule import Catalogue
from adapter.domain.text import Lang
from adapter.translation import Contact, Translation

OPERATIONS = {"report": Operation.CREATE, "cancel": Operation.CANCEL}
"""Offline nothing is known of a register's state: a report is shown as the create that it is at first."""


def map_document(
    translation: Translation,
    source: str,
    catalogue: Catalogue,
    *,
    register: str | None = None,
    trace: bool = False,
    lang: Lang = "sv",
) -> dict[str, Any]:
    """What became of one file: messages, findings, not_reported and, when asked for, the trace.

    `register` keeps one register's messages, and the findings that concern it or all.
    """
    messages = [
        message for message in _messages(translation.contacts) if register in (None, message.register)
    ]
    findings = [
        finding
        for finding in translation.all_findings
        if register is None or finding.register in (None, register)
    ]
    document: dict[str, Any] = {
        "source": source,
        "messages": [message_json(message) for message in messages],
        "findings": [finding_json(finding, catalogue, lang) for finding in findings],
        "not_reported": _not_reported(translation.contacts, register, catalogue, lang),
    }
    if trace:
        document["trace"] = [
            {
                "register": line.register,
                "event": message.event_id,
                "field": line.field,
                "value": line.value,
                "from": list(line.source),
                "by": list(line.by),
            }
            for message in messages
            for line in message.trace
        ]
    return document


def message_json(message: RegisterMessage) -> dict[str, Any]:
    """One message with its lane (opaque) and its event id."""
    return {
        "register": message.register,
        "service": message.service,
        "operation": OPERATIONS[message.intent].value,
        "lane": f"{message.register}:{message.service}:{message.slot}",
        "event": message.event_id,
        "body": message.body,
    }


def finding_json(finding: Finding, catalogue: Catalogue, lang: Lang) -> dict[str, Any]:
    """One finding with its text, what to do, and the source of its rule."""
    rule = catalogue[finding.rule]
    shown: dict[str, Any] = {
        "rule": finding.rule,
        "severity": finding.severity,
        "register": finding.register,
        "text": rule.text.to(lang, **finding.params),
    }
    if rule.todo is not None:
        shown["todo"] = rule.todo.to(lang, **finding.params)
    shown["expression"] = list(finding.expression)
    shown["source"] = {"document": rule.source.document, "section": rule.source.section}
    if rule.assumed:
        shown["assumed"] = True
    return shown


def _messages(contacts: Iterable[Contact]) -> Iterable[RegisterMessage]:
    for contact in contacts:
        for verdict in contact.verdicts:
            yield from verdict.messages


def _not_reported(
    contacts: Iterable[Contact], register: str | None, catalogue: Catalogue, lang: Lang
) -> list[dict[str, Any]]:
    return [
        {
            "register": verdict.register,
            "rule": rule,
            "text": catalogue[rule].text.to(lang),
            "event": contact.mapped.event.event_id,
        }
        for contact in contacts
        for verdict in contact.verdicts
        if register in (None, verdict.register)
        for rule in verdict.not_reported
    ]
