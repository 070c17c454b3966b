"""The report as data: what ``--json`` writes, and what the page is made from. Pure."""

from collections.abc import Iterable
from typing import Any

from adapter.conformance.vendor.fitness import DEGREES
from adapter.conformance.vendor.history import Point
from adapter.conformance.vendor.tally import Counts, Group
from adapter.domain.rule import Catalogue, Rule
from adapter.domain.text import Text

Json = dict[str, Any]


def point(counts: Counts, at: str, rules: str) -> Point:
    """This report in the history."""
    return Point(
        at=at,
        rules=rules,
        bundles=counts.bundles,
        score=score(counts),
        registers={name: _percent(counts.ready(name), counts.told(name)) for name in counts.registers},
    )


def score(counts: Counts) -> float | None:
    """Of all that the registers are to be told, the share that can be told, in percent; None: nothing is."""
    told = sum(counts.told(name) for name in counts.registers)
    return _percent(sum(counts.ready(name) for name in counts.registers), told)


def document(counts: Counts, catalogue: Catalogue, history: Iterable[Point]) -> Json:
    """The report. `history` ends with this report. Texts are ``{"sv": ..., "en": ...}``."""
    points = list(history)
    newest = points[-1]
    return {
        "at": newest.at,
        "rules": newest.rules,
        "bundles": counts.bundles,
        "contacts": counts.contacts,
        "score": newest.score,
        "registers": [_register(counts, name) for name in counts.registers],
        "findings": [_finding(rule, group, catalogue[rule]) for rule, group in counts.groups()],
        "not_told": [
            {"register": register, "rule": rule, "bundles": count, "text": _both(catalogue[rule].text)}
            for (register, rule), count in sorted(counts.untold.items(), key=lambda one: (-one[1], one[0]))
        ],
        "never_read": [
            {
                "element": line.element,
                "bundles": line.bundles,
                "places": line.places,
                "reason": None if line.reason is None else _both(line.reason),
            }
            for line in counts.unused.lines()
        ],
        "not_opened": [{"file": file, "why": why} for file, why in counts.unopened],
        "history": [_past(one) for one in points],
    }


def _register(counts: Counts, name: str) -> Json:
    degrees = counts.by_register[name]
    return {
        "register": name,
        "score": _percent(counts.ready(name), counts.told(name)),
        **{degree: degrees[degree] for degree in DEGREES},
        "shares": {degree: _percent(degrees[degree], counts.bundles) for degree in DEGREES},
    }


def _finding(name: str, group: Group, rule: Rule) -> Json:
    params = group.example.params
    return {
        "rule": name,
        "severity": group.severity,
        "bundles": group.bundles,
        "places": group.places,
        "registers": sorted(group.registers),
        "text": _both(rule.text, **params),
        "todo": None if rule.todo is None else _both(rule.todo, **params),
        "example": {"file": group.file, "expression": next(iter(group.example.expression), None)},
        "source": {"document": rule.source.document, "section": rule.source.section},
        "assumed": rule.assumed,
    }


def _both(text: Text, **params: str) -> dict[str, str]:
    return {"sv": text.to("sv", **params), "en": text.to("en", **params)}


def _past(one: Point) -> Json:
    return {name: getattr(one, name) for name in Point.__struct_fields__}


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
