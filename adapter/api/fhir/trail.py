"""GET /fhir/AuditEvent and /fhir/Provenance: a sender's own, for those with the right."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

from adapter.answers import Answers, IntakeAnswer
from adapter.api.fhir.door import Call
from adapter.api.fhir.parameters import Given, asked_in_address, wrong
from adapter.api.fhir.trail_resources import audit_event, provenance
from adapter.domain.finding import Findings
from adapter.domain.localtime import STOCKHOLM
from adapter.domain.rule import Catalogue
from adapter.fhir.outcome import operation_outcome
from adapter.ledger.own_trail import OwnTrail, number_of
from adapter.ledger.sql.own_trail import Period

Json = dict[str, Any]

AUDIT_RIGHT, PROVENANCE_RIGHT = "system/AuditEvent.rs", "system/Provenance.rs"
USUAL_PAGE, LARGEST_PAGE = 50, 200

_DATE = re.compile(r"(eq|ge|gt|le|lt)?(\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?)")
_FORM = frozenset({"_format", "_pretty", "_total"})
_COMMON = frozenset({"_lastUpdated", "_count", "_after"})
AUDIT_PARAMETERS = frozenset({"date", "entity"})
PROVENANCE_PARAMETERS = frozenset({"recorded", "target"})


class TrailDoor:
    """Reads and searches. `url` is the service's address."""

    def __init__(self, trail: OwnTrail, url: str, catalogue: Catalogue) -> None:
        self._trail, self._url, self._catalogue = trail, url, catalogue
        self._answers = Answers(catalogue)

    async def audit_events(self, call: Call) -> IntakeAnswer:
        """A page of AuditEvents."""
        given = asked_in_address(call)
        ignored = _ignored(call, AUDIT_PARAMETERS)
        period, event = _period(given, "date"), _event(given, "entity")
        count, then = _count(given), None
        if event is not None:
            found = await self._trail.entries_of_event(call.sender.name, event)
            chosen = [one for one in found if period.begin <= one.at < period.end]
        else:
            cursor = given.text("_after") or ""
            page = await _paged(lambda: self._trail.entries(call.sender.name, period, cursor, count))
            chosen, then = list(page.found), page.next
        made = [audit_event(one, call.sender.name, self._url) for one in chosen]
        return self._searchset(call, "AuditEvent", made, then, ignored)

    async def provenances(self, call: Call) -> IntakeAnswer:
        """A page of Provenances."""
        given = asked_in_address(call)
        ignored = _ignored(call, PROVENANCE_PARAMETERS)
        period, event = _period(given, "recorded"), _event(given, "target")
        count, then = _count(given), None
        if event is not None:
            found = await self._trail.forwarded_of_event(call.sender.name, event)
            chosen = [one for one in found if period.begin <= one.recorded < period.end]
        else:
            cursor = given.text("_after") or ""
            page = await _paged(lambda: self._trail.forwarded(call.sender.name, period, cursor, count))
            chosen, then = list(page.found), page.next
        made = [provenance(one, call.sender.name, self._url) for one in chosen]
        return self._searchset(call, "Provenance", made, then, ignored)

    async def audit_event(self, call: Call) -> IntakeAnswer:
        """One AuditEvent."""
        number = _number(call, "post-")
        found = None if number is None else await self._trail.entry(call.sender.name, number)
        return self._one(call, None if found is None else audit_event(found, call.sender.name, self._url))

    async def provenance(self, call: Call) -> IntakeAnswer:
        """One Provenance."""
        number = _number(call, "meddelande-")
        found = None if number is None else await self._trail.message(call.sender.name, number)
        return self._one(call, None if found is None else provenance(found, call.sender.name, self._url))

    def _one(self, call: Call, resource: Json | None) -> IntakeAnswer:
        if resource is None:
            return self._answers.refusal(404, "FHIR-NOT-HERE", call.lang)
        return IntakeAnswer(status=200, body=orjson.dumps(resource))

    def _searchset(
        self, call: Call, kind: str, found: Sequence[Json], then: str | None, ignored: bool
    ) -> IntakeAnswer:
        """A searchset without a total: counting would mean to look at everything."""
        entries: list[Json] = [
            {"fullUrl": f"{self._url}/fhir/{kind}/{one['id']}", "resource": one, "search": {"mode": "match"}}
            for one in found
        ]
        if ignored:
            findings = Findings(self._catalogue)
            findings.add("FHIR-SEARCH-IGNORED")
            outcome = operation_outcome(findings, self._catalogue, call.lang)
            entries.append({"resource": outcome, "search": {"mode": "outcome"}})
        body: Json = {"resourceType": "Bundle", "type": "searchset", "link": self._links(call, kind, then)}
        if entries:
            body["entry"] = entries
        return IntakeAnswer(status=200, body=orjson.dumps(body))

    def _links(self, call: Call, kind: str, then: str | None) -> list[Json]:
        own = AUDIT_PARAMETERS if kind == "AuditEvent" else PROVENANCE_PARAMETERS
        used = [pair for pair in call.request.query_params.multi_items() if pair[0] in own | _COMMON]
        links = [("self", used)]
        if then is not None:
            links.append(("next", [*(pair for pair in used if pair[0] != "_after"), ("_after", then)]))
        return [
            {"relation": relation, "url": f"{self._url}/fhir/{kind}{_query(pairs)}"}
            for relation, pairs in links
        ]


async def _paged(ask: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await ask()
    except ValueError:
        raise wrong("_after") from None


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return f"?{urlencode(pairs)}" if pairs else ""


def _ignored(call: Call, own: frozenset[str]) -> bool:
    """Whether a parameter is not known; refused where the client wants that."""
    unknown = [name for name in call.request.query_params if name not in own | _COMMON | _FORM]
    if unknown and call.wish.strict:
        raise wrong(unknown[0] if unknown[0].isascii() and unknown[0].isprintable() else "?")
    return bool(unknown)


def _event(given: Given, name: str) -> str | None:
    """The event id of a reference: alone, as the address of its status, or as system|value."""
    text = given.text(name)
    return None if text is None else text.rpartition("|")[2].rpartition("/")[2]


def _count(given: Given) -> int:
    text = given.text("_count")
    if text is None:
        return USUAL_PAGE
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise wrong("_count")
    return min(int(text), LARGEST_PAGE)


def _number(call: Call, prefix: str) -> int | None:
    text = str(call.request.path_params["id"])
    try:
        return number_of(text.removeprefix(prefix)) if text.startswith(prefix) else None
    except ValueError:
        return None


def _period(given: Given, name: str) -> Period:
    """What all the dates together leave over."""
    begin, end = Period().begin, Period().end
    for own in (name, "_lastUpdated"):
        for text in given.all(own):
            found = _DATE.fullmatch(text)
            if found is None:
                raise wrong(own)
            first, last = _moments(found[2], own)
            if found[1] in (None, "eq", "ge"):
                begin = max(begin, first)
            if found[1] == "gt":
                begin = max(begin, last)
            if found[1] in (None, "eq", "le"):
                end = min(end, last)
            if found[1] == "lt":
                end = min(end, first)
    return Period(begin, end)


def _moments(text: str, name: str) -> tuple[float, float]:
    """When a date or dateTime begins and ends. A day is one in Sweden; a time is as exact as written."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            at = at.replace(tzinfo=STOCKHOLM)
            return at.timestamp(), (at + timedelta(days=1)).timestamp()
        clock = text.partition("T")[2].partition(".")
        digits = len(clock[2].rstrip("Z").partition("+")[0].partition("-")[0])
        width = 10**-digits if digits else 1.0 if clock[0].count(":") > 1 else 60.0
        return at.timestamp(), at.timestamp() + width
    except (ValueError, OverflowError):
        raise wrong(name) from None
