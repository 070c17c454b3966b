"""Searching the library: a question as name and value pairs, answered by a page of a searchset. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from adapter.published.parameters import MODIFIERS, Parameter, parameters_of
from adapter.published.shape import SUMMARIES, Shape, Summary, shaped

Json = dict[str, Any]
Pairs = Sequence[tuple[str, str]]

USUAL_PAGE, LARGEST_PAGE = 50, 500
_FORM = frozenset({"_format", "_pretty"})
"""What concerns the form of the answer: not the search's matter."""


class WrongSearch(Exception):
    """The parameter `name` cannot be used as it is asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """A question that is understood. `used` are its parameters as they were written, `ignored` the names of
    those that are not known; `count` and `offset` choose the page."""

    kind: str
    wanted: tuple[tuple[Parameter, str, str], ...] = ()
    used: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    count: int = USUAL_PAGE
    offset: int = 0
    shape: Shape = Shape()


def search_of(kind: str, pairs: Pairs, *, strict: bool) -> Search:
    """Read a question. Raises WrongSearch for a modifier or value that cannot be used, and when `strict` for
    a parameter that is not known; else such ones are ignored."""
    known = parameters_of(kind)
    wanted, used, ignored = [], [], []
    asked: dict[str, str] = {}
    for written, value in pairs:
        name, _, modifier = written.partition(":")
        if name in ("_count", "_offset", "_summary", "_elements") and not modifier:
            asked[name] = value
        elif name in known:
            if modifier not in MODIFIERS[known[name].kind]:
                raise WrongSearch(name)
            wanted.append((known[name], value, modifier))
            used.append((written, value))
        elif name not in _FORM:
            if strict:
                raise WrongSearch(name if name.isascii() and name.isprintable() else "?")
            ignored.append(name)
    summary = asked.get("_summary", "false")
    if summary not in SUMMARIES:
        raise WrongSearch("_summary")
    return Search(
        kind=kind,
        wanted=tuple(wanted),
        used=(*used, *((name, asked[name]) for name in ("_summary", "_elements") if name in asked)),
        ignored=tuple(ignored),
        count=min(_number(asked, "_count", USUAL_PAGE), LARGEST_PAGE),
        offset=_number(asked, "_offset", 0),
        shape=Shape(_summary(summary), _elements(asked.get("_elements", ""))),
    )


def searchset(search: Search, resources: Sequence[Json], url: str, outcome: Json | None = None) -> Json:
    """The page of a searchset. `url` is the address of ``/fhir``; `outcome` is told beside the matches."""
    matches = [one for one in resources if _fits(one, search)]
    total = len(matches)
    only_count = search.count == 0 or search.shape.summary == "count"
    page = [] if only_count else matches[search.offset : search.offset + search.count]
    entries: list[Json] = [
        {
            "fullUrl": f"{url}/{search.kind}/{one['id']}",
            "resource": shaped(one, search.shape),
            "search": {"mode": "match"},
        }
        for one in page
    ]
    if outcome is not None:
        entries.append({"resource": outcome, "search": {"mode": "outcome"}})
    found: Json = {"resourceType": "Bundle", "type": "searchset", "total": total}
    found["link"] = _links(search, total, url, paged=not only_count)
    if entries:
        found["entry"] = entries
    return found


def _fits(resource: Json, search: Search) -> bool:
    return all(parameter.fits(resource, value, modifier) for parameter, value, modifier in search.wanted)


def _links(search: Search, total: int, url: str, *, paged: bool) -> list[Json]:
    places = {"self": search.offset}
    if paged and search.offset > 0:
        places["previous"] = max(0, search.offset - search.count)
    if paged and search.offset + search.count < total:
        places["next"] = search.offset + search.count
    return [
        {"relation": relation, "url": f"{url}/{search.kind}{_query(search, offset)}"}
        for relation, offset in places.items()
    ]


def _query(search: Search, offset: int) -> str:
    pairs = [*search.used]
    if search.count != USUAL_PAGE:
        pairs.append(("_count", str(search.count)))
    if offset:
        pairs.append(("_offset", str(offset)))
    return f"?{urlencode(pairs)}" if pairs else ""


def _number(asked: Mapping[str, str], name: str, usual: int) -> int:
    text = asked.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise WrongSearch(name)
    return int(text)


def _summary(text: str) -> Summary:
    found: dict[str, Summary] = {one: one for one in SUMMARIES}
    return found[text]


def _elements(text: str) -> tuple[str, ...]:
    return tuple(one for one in (part.strip() for part in text.split(",")) if one)
