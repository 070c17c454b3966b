"""Findings as an OperationOutcome (FHIR R4)."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from adapter.domain.canonical import code_system, extension
from adapter.domain.finding import Finding
from adapter.domain.rule import Catalogue, Rule
from adapter.domain.text import Lang

_ALL_WELL = {
    "severity": "information",
    "code": "informational",
}
_ALL_WELL_TEXT = {"sv": "Inga anmärkningar.", "en": "No remarks."}
_SOURCE = {"sv": "Källa", "en": "Source"}
_ASSUMED = {"sv": "vår tolkning", "en": "our reading"}


def operation_outcome(findings: Iterable[Finding], catalogue: Catalogue, lang: Lang) -> dict[str, Any]:
    """An OperationOutcome with one issue for each finding, in `lang`.

    `code` is the rule's issue type, `details` has the rule's id as a coding of our system ``regel`` and its
    text, `diagnostics` adds what to do and the source, `expression` holds the FHIRPaths. Without findings
    it says that all is well, since an OperationOutcome has at least one issue.
    """
    issues = [_issue(finding, catalogue[finding.rule], lang) for finding in findings]
    return {
        "resourceType": "OperationOutcome",
        "issue": issues or [{**_ALL_WELL, "details": {"text": _ALL_WELL_TEXT[lang]}}],
    }


def _issue(finding: Finding, rule: Rule, lang: Lang) -> dict[str, Any]:
    issue: dict[str, Any] = {"severity": finding.severity}
    issue |= _wording(rule, lang, finding.params) if finding.params else _plain_wording(rule, lang)
    if "event" in finding.params:
        issue = {"extension": [event_extension(finding.params["event"])], **issue}
    if finding.expression:
        issue["expression"] = list(finding.expression)
    return issue


def event_extension(event_id: str) -> dict[str, str]:
    """The id of an event that an issue tells of, for machines: its status is at ``/api/events/ID``."""
    return {"url": extension("handelse"), "valueString": event_id}


def _wording(rule: Rule, lang: Lang, params: dict[str, str]) -> dict[str, Any]:
    text = rule.text.to(lang, **params)
    return {
        "code": rule.issue,
        "details": {"coding": [{"system": code_system("regel"), "code": rule.id}], "text": text},
        "diagnostics": " ".join(_diagnostics(rule, text, lang, params)),
    }


@lru_cache(maxsize=1024)
def _plain_wording(rule: Rule, lang: Lang) -> dict[str, Any]:
    """The wording of a rule without parameters: always the same, and nobody changes it."""
    return _wording(rule, lang, {})


def _diagnostics(rule: Rule, text: str, lang: Lang, params: dict[str, str]) -> Iterable[str]:
    yield text
    if rule.todo is not None:
        yield rule.todo.to(lang, **params)
    source = f"{rule.source.document}, {rule.source.section}"
    reading = f"; {_ASSUMED[lang]}" if rule.assumed else ""
    yield f"({_SOURCE[lang]}: {source}{reading})"
