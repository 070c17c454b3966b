"""The JSON document that `vardbro map` prints for one file (docs/reference/command-line). Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from adapter.domain.finding import Finding
from adapter.domain.message import Operation, RegisterMessage
from adapter.domain.rule import Catalogue
from adapter.domain.text import Lang, Text
from adapter.mapping.tally import Tally
from adapter.mapping.unused import Unused, unused
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
    unread: Sequence[Unused] | None = None,
    lang: Lang = "sv",
) -> dict[str, Any]:
    """What became of one file: messages, findings, not_reported and, when asked for, the trace.

    `register` keeps one register's messages, and the findings that concern it or all. `unread` are the
    elements that nothing was made from, where they are asked for (`unused_of`).
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
    if unread is not None:
        document["unused"] = [
            {"element": one.element, "paths": list(one.paths), **_why(one.reason, lang)} for one in unread
        ]
    return document


def unused_of(translation: Translation) -> list[Unused]:
    """What of a bundle nothing was made from; nothing to say of one that no contact was read from."""
    bundle = translation.reading.bundle
    if bundle is None or not translation.contacts:
        return []
    sound = bundle.without(translation.reading.bad_entries) if translation.reading.bad_entries else bundle
    return unused(sound, [contact.mapped for contact in translation.contacts], translation.findings)


def unused_lines(tally: Tally, lang: Lang) -> list[dict[str, Any]]:
    """The elements that stood unused in many bundles, as JSON."""
    return [
        {
            "element": line.element,
            "bundles": line.bundles,
            "places": line.places,
            **_why(line.reason, lang),
        }
        for line in tally.lines()
    ]


def _why(reason: Text | None, lang: Lang) -> dict[str, Any]:
    if reason is None:
        return {"left_out": False}
    return {"left_out": True, "reason": reason.to(lang)}


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
