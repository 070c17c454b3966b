"""The results of a kit as data: what ``--json`` writes, and what the page is made from. Pure."""

from typing import Any

from adapter.conformance.running import CaseResult, Results
from adapter.domain.text import Text

Json = dict[str, Any]


def summary(results: Results, at: str) -> Json:
    """Counts, and every case with what is wrong with it. Texts are ``{"sv": ..., "en": ...}``."""
    kit = results.kit.manifest
    return {
        "kit": kit.name,
        "title": _both(kit.title),
        "on": results.on,
        "at": at,
        "passed": results.count("passed"),
        "failed": results.count("failed"),
        "not_run": results.count("not-run"),
        "cases": [_case(one) for one in results.cases],
    }


def _case(one: CaseResult) -> Json:
    case = one.case
    return {
        "id": case.id,
        "title": _both(case.title),
        "origin": {"document": case.origin.document, "section": case.origin.section, "url": case.origin.url},
        "cell": {name: getattr(case.cell, name) for name in case.cell.__struct_fields__},
        "verdict": one.verdict,
        "complaints": [_both(text) for text in one.complaints],
        "not_observable": one.unseen,
        "why": None if one.why is None else _both(one.why),
    }


def _both(text: Text) -> dict[str, str]:
    return {"sv": text.sv, "en": text.en}
