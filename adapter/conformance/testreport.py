"""The results as a FHIR TestReport (R4)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from adapter.conformance.running import CaseResult, Results
from adapter.domain.canonical import base
from adapter.domain.text import Lang
from adapter.version import VERSION

Json = dict[str, Any]

_RESULT = {"passed": "pass", "failed": "fail", "not-run": "skip"}


def testreport(results: Results, lang: Lang, at: datetime) -> Json:
    """A TestReport with one test for each case: an operation (hand in) and an assertion for each input.

    `score` is the share of the cases that were run and passed, in percent; `issued` is `at`.
    """
    run = len(results.cases) - results.count("not-run")
    passed = results.count("passed")
    kit = results.kit.manifest
    return {
        "resourceType": "TestReport",
        "identifier": {"system": f"{base()}/conformance", "value": kit.name},
        "name": kit.title.to(lang),
        "status": "completed",
        "testScript": {"display": f"{kit.title.to(lang)} ({kit.name})"},
        "result": "fail" if results.count("failed") else "pass",
        "score": round(100 * passed / run, 1) if run else 0.0,
        "tester": f"vardbro {VERSION}",
        "issued": at.astimezone(UTC).isoformat(timespec="seconds"),
        "participant": [
            {"type": "test-engine", "uri": "https://vardbro.example", "display": f"vardbro {VERSION}"},
            {"type": "server", "uri": _uri(results.on), "display": results.on},
        ],
        "test": [_test(one, lang) for one in results.cases],
    }


def _uri(name: str) -> str:
    return name if "://" in name else f"urn:vardbro:{re.sub('[^A-Za-z0-9.]+', '-', name)}"


def _test(one: CaseResult, lang: Lang) -> Json:
    cell = one.case.cell
    place = f"{cell.kind}, {cell.rule}, {cell.register}, {cell.edition}, {cell.error}"
    return {
        "name": one.case.id,
        "description": f"{one.case.title.to(lang)} ({place})",
        "action": list(_actions(one, lang)),
    }


def _actions(one: CaseResult, lang: Lang) -> Iterator[Json]:
    if not one.steps:
        message = one.why.to(lang) if one.why is not None else ""
        yield {"operation": {"result": _RESULT[one.verdict], **({"message": message} if message else {})}}
        return
    for step, judgement in zip(one.case.steps, one.steps, strict=True):
        yield {"operation": {"result": "pass", "message": step.input}}
        told = "; ".join(text.to(lang) for text in judgement.complaints)
        unseen = f"not observable: {', '.join(judgement.unseen)}" if judgement.unseen else ""
        assertion: Json = {"result": "fail" if told else "pass"}
        if told or unseen:
            assertion["message"] = "; ".join(part for part in (told, unseen) if part)
        yield {"assert": assertion}
