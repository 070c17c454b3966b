"""GET /fhir/AuditEvent and /fhir/Provenance: a sender's own, for those with the right."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
import orjson

from adapter.answers import Answers, IntakeAnswer
from adapter.api.fhir.door import Call, Refused
from adapter.api.fhir.parameters import wrong
from adapter.api.fhir.trail_question import Question, question_of
from adapter.api.fhir.trail_resources import audit_event, provenance
from adapter.domain.finding import Findings
from adapter.domain.rule import Catalogue
from adapter.fhir.outcome import operation_outcome
from adapter.ledger.own_trail import OwnTrail, number_of
from adapter.ledger.sql.own_trail import LOOKED_AT, Period

Json = dict[str, Any]

AUDIT_RIGHT, PROVENANCE_RIGHT = "system/AuditEvent.rs", "system/Provenance.rs"

_MOST_COUNTED = 50
"""Stretches of rows that are looked at to count them."""


class _Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two types: its own parameters, how its ids begin, how it is asked for (for a sender), when a
    thing that was found happened, and its resource."""

    name: str
    date: str
    reference: str
    prefix: str
    page: Callable[[OwnTrail, str, Period, str, int], Awaitable[Any]]
    of_event: Callable[[OwnTrail, str, str], Awaitable[Sequence[Any]]]
    one: Callable[[OwnTrail, str, int], Awaitable[Any]]
    at: Callable[[Any], float]
    made: Callable[[Any, str, str], Json]


_AUDIT = _Kind(
    name="AuditEvent",
    date="date",
    reference="entity",
    prefix="post-",
    page=OwnTrail.entries,
    of_event=OwnTrail.entries_of_event,
    one=OwnTrail.entry,
    at=lambda found: float(found.at),
    made=audit_event,
)
_PROVENANCE = _Kind(
    name="Provenance",
    date="recorded",
    reference="target",
    prefix="meddelande-",
    page=OwnTrail.forwarded,
    of_event=OwnTrail.forwarded_of_event,
    one=OwnTrail.message,
    at=lambda found: float(found.recorded),
    made=provenance,
)


class TrailDoor:
    """Reads and searches. `url` is the service's address."""

    def __init__(self, trail: OwnTrail, url: str, catalogue: Catalogue) -> None:
        self._trail, self._url, self._catalogue = trail, url, catalogue
        self._answers = Answers(catalogue)

    async def audit_events(self, call: Call) -> IntakeAnswer:
        """A page of AuditEvents."""
        return await self._search(call, _AUDIT)

    async def provenances(self, call: Call) -> IntakeAnswer:
        """A page of Provenances."""
        return await self._search(call, _PROVENANCE)

    async def audit_event(self, call: Call) -> IntakeAnswer:
        """One AuditEvent."""
        return await self._read(call, _AUDIT)

    async def provenance(self, call: Call) -> IntakeAnswer:
        """One Provenance."""
        return await self._read(call, _PROVENANCE)

    async def _read(self, call: Call, kind: _Kind) -> IntakeAnswer:
        found = await self._with_id(kind, call.sender.name, str(call.request.path_params["id"]))
        if found is None:
            return self._answers.refusal(404, "FHIR-NOT-HERE", call.lang)
        return IntakeAnswer(status=200, body=orjson.dumps(kind.made(found, call.sender.name, self._url)))

    async def _search(self, call: Call, kind: _Kind) -> IntakeAnswer:
        asked, sender = question_of(call, kind.date, kind.reference), call.sender.name
        total: int | None = None
        chosen: Sequence[Any] = ()
        then: str | None = None
        if asked.ids is not None or asked.events is not None:
            chosen = await self._few(kind, sender, asked)
            if asked.only_count:
                total, chosen = len(chosen), ()
        elif asked.only_count:
            total = await self._counted(kind, sender, asked.period)
        else:
            page = await _paged(kind.page(self._trail, sender, asked.period, asked.after, asked.count))
            chosen, then = page.found, page.next
        made = [kind.made(one, sender, self._url) for one in chosen]
        body = self._searchset(call, kind.name, made, asked, then)
        return IntakeAnswer(
            status=200, body=orjson.dumps(body if total is None else {**body, "total": total})
        )

    def _searchset(
        self, call: Call, kind: str, found: Sequence[Json], asked: Question, then: str | None
    ) -> Json:
        """A searchset without a total: counting means to look at everything."""
        entries: list[Json] = [
            {"fullUrl": f"{self._url}/fhir/{kind}/{one['id']}", "resource": one, "search": {"mode": "match"}}
            for one in found
        ]
        if asked.ignored:
            findings = Findings(self._catalogue)
            findings.add("FHIR-SEARCH-IGNORED")
            outcome = operation_outcome(findings, self._catalogue, call.lang)
            entries.append({"resource": outcome, "search": {"mode": "outcome"}})
        links = [_link(f"{self._url}/fhir/{kind}", "self", asked.used)]
        if then is not None:
            others = [pair for pair in asked.used if pair[0] != "_after"]
            links.append(_link(f"{self._url}/fhir/{kind}", "next", [*others, ("_after", then)]))
        body: Json = {"resourceType": "Bundle", "type": "searchset", "link": links}
        return {**body, "entry": entries} if entries else body

    async def _few(self, kind: _Kind, sender: str, asked: Question) -> list[Any]:
        """What is asked for by id or by event: little enough to be looked through."""
        found: dict[int, Any] = {}
        for event in asked.events or ():
            found |= {one.id: one for one in await kind.of_event(self._trail, sender, event)}
        if asked.ids is not None:
            named = [await self._with_id(kind, sender, one) for one in asked.ids]
            found = {one.id: one for one in named if one and (asked.events is None or one.id in found)}
        return [one for one in found.values() if asked.period.holds(kind.at(one))]

    async def _with_id(self, kind: _Kind, sender: str, text: str) -> Any:
        try:
            number = number_of(text.removeprefix(kind.prefix)) if text.startswith(kind.prefix) else None
        except ValueError:
            return None
        return None if number is None else await kind.one(self._trail, sender, number)

    async def _counted(self, kind: _Kind, sender: str, period: Period) -> int:
        """How many there are. Raises Refused where that would cost too much."""
        seen: set[int] = set()
        cursor = ""
        for _ in range(_MOST_COUNTED):
            page = await kind.page(self._trail, sender, period, cursor, LOOKED_AT)
            seen.update(one.id for one in page.found)
            if page.next is None:
                return len(seen)
            cursor = page.next
        raise Refused(400, "FHIR-SEARCH-COSTLY", kept=False)


async def _paged(asked: Awaitable[Any]) -> Any:
    try:
        return await asked
    except ValueError:
        raise wrong("_after") from None


def _link(address: str, relation: str, pairs: Sequence[tuple[str, str]]) -> Json:
    return {"relation": relation, "url": f"{address}?{urlencode(pairs)}" if pairs else address}
