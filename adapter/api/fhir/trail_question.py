"""What a search for AuditEvents or Provenances asks, made of its parameters."""

from collections.abc import Sequence

import msgspec

from adapter.api.fhir.dates import period_of
from adapter.api.fhir.door import Call
from adapter.api.fhir.parameters import Given, asked_in_address, wrong
from adapter.ledger.sql.own_trail import Period

USUAL_PAGE, LARGEST_PAGE = 50, 200

_FORM = frozenset({"_format", "_pretty", "_total"})
_COMMON = frozenset({"_id", "_lastUpdated", "_count", "_after"})
_MOST = 50
"""Values that one parameter takes, parted by commas."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question that is understood: `ids`, `events` None where they do not matter; `count` and `after` for
    the page, `only_count` where none is wanted. `used` are its parameters as written; `ignored`: there were
    others."""

    ids: tuple[str, ...] | None
    events: tuple[str, ...] | None
    period: Period
    count: int
    after: str
    only_count: bool
    used: tuple[tuple[str, str], ...]
    ignored: bool


def question_of(call: Call, date: str, reference: str) -> Question:
    """The question of a request's address; `date` and `reference` are the names of its type's own parameters.
    Raises Refused."""
    given, written = asked_in_address(call), call.request.query_params.multi_items()
    summary = given.text("_summary")
    known = _COMMON | {date, reference} | ({"_summary"} if summary in ("count", "false") else set())
    count = _count(given)
    return Question(
        ids=_values(given, "_id"),
        events=_values(given, reference),
        period=_period(given, date),
        count=count,
        after=given.text("_after") or "",
        only_count=summary == "count" or count == 0,
        used=tuple(pair for pair in written if pair[0] in known),
        ignored=_ignored([name for name, _ in written], known, strict=call.wish.strict),
    )


def _ignored(names: Sequence[str], known: frozenset[str] | set[str], *, strict: bool) -> bool:
    """Whether a parameter is not known; refused where the client wants that, and a modifier in any case."""
    for name in names:
        if name.partition(":")[0] in known and name not in known:
            raise wrong(name.partition(":")[0])
    unknown = [name for name in names if name not in known | _FORM]
    if unknown and strict:
        raise wrong(unknown[0] if unknown[0].isascii() and unknown[0].isprintable() else "?")
    return bool(unknown)


def _values(given: Given, name: str) -> tuple[str, ...] | None:
    """Ids, of which one is enough: alone, as the end of an address, or as system|value."""
    text = given.text(name)
    if text is None:
        return None
    values = [one.rpartition("|")[2].rpartition("/")[2] for one in text.split(",")]
    if len(values) > _MOST:
        raise wrong(name)
    return tuple(dict.fromkeys(values))


def _count(given: Given) -> int:
    text = given.text("_count")
    if text is None:
        return USUAL_PAGE
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise wrong("_count")
    return min(int(text), LARGEST_PAGE)


def _period(given: Given, date: str) -> Period:
    """What the dates of both parameters leave over."""
    try:
        own = period_of(given.all(date))
    except (ValueError, OverflowError):
        raise wrong(date) from None
    try:
        return period_of([*given.all(date), *given.all("_lastUpdated")]) if given.all("_lastUpdated") else own
    except (ValueError, OverflowError):
        raise wrong("_lastUpdated") from None
