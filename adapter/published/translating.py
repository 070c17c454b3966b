"""``$translate`` (FHIR R4, ConceptMap): what our maps say of a code, as they are used in mapping. Pure.

A code of a system that the alias table knows is found under any of its spellings. What a later folder's map
says of a code counts alone, as in adapter.mapping.concept_maps.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from adapter.mapping.aliases import AliasTable, normalised
from adapter.published.library import Layered, Library

Json = dict[str, Any]

NOTHING = frozenset({"unmatched", "disjoint"})
_REVERSED = {
    "wider": "narrower",
    "narrower": "wider",
    "subsumes": "specializes",
    "specializes": "subsumes",
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question. `codings` are pairs of system (None: any) and code. `url`, `id` and `version` choose a map,
    `source` and `target` value sets that a map states; `target_system` is where to."""

    codings: tuple[tuple[str | None, str], ...]
    url: str | None = None
    id: str | None = None
    version: str | None = None
    source: str | None = None
    target: str | None = None
    target_system: str | None = None
    reverse: bool = False


class _Hit(msgspec.Struct, frozen=True):
    layer: int
    pair: tuple[str, str, str]
    match: Json


def knows_map(library: Library, asked: Asked) -> bool:
    """Whether there is a map that the question names, if it names one."""
    return any(_is_meant(one.resource, asked) for one in library.maps)


def translate(library: Library, asked: Asked, texts: tuple[str, str]) -> Json:
    """A Parameters resource: result, message and the matches. `texts` are the messages for a code that no map
    knows, and for one that has no counterpart."""
    hits = [
        hit
        for one in library.maps
        if _is_meant(one.resource, asked)
        for coding in asked.codings
        for hit in _hits(one, coding, asked, library.aliases)
    ]
    matches = [hit.match for hit in _of_newest(hits)]
    result = any(match["equivalence"] not in NOTHING for match in matches)
    parameters: list[Json] = [{"name": "result", "valueBoolean": result}]
    if not result:
        parameters.append({"name": "message", "valueString": texts[bool(matches)]})
    parameters += [{"name": "match", "part": _parts(match)} for match in matches]
    return {"resourceType": "Parameters", "parameter": parameters}


def _is_meant(resource: Json, asked: Asked) -> bool:
    return (
        _is_or_none(resource.get("url"), asked.url)
        and _is_or_none(resource.get("id"), asked.id)
        and _is_or_none(resource.get("version"), asked.version)
        and _is_or_none(resource.get("sourceUri", resource.get("sourceCanonical")), asked.source)
        and _is_or_none(resource.get("targetUri", resource.get("targetCanonical")), asked.target)
    )


def _is_or_none(value: Any, wanted: str | None) -> bool:
    return wanted is None or value == wanted


def _hits(one: Layered, coding: tuple[str | None, str], asked: Asked, aliases: AliasTable) -> Iterator[_Hit]:
    for group in one.resource.get("group", ()):
        ends = (group.get("source", ""), group.get("target", ""))
        come, go = reversed(ends) if asked.reverse else ends
        if _same(come, coding[0], aliases) and _same(go, asked.target_system, aliases):
            pair = (_name(come, aliases), _name(go, aliases), coding[1].upper())
            for match in _matches(group, coding[1], go, asked.reverse):
                yield _Hit(one.layer, pair, {**match, "source": _canonical(one.resource)})


def _matches(group: Json, code: str, system: str, reverse: bool) -> Iterator[Json]:
    for element in group.get("element", ()):
        for target in element.get("target", ()):
            found, meant = (target, element) if reverse else (element, target)
            own = found.get("code")
            if own is None or own not in (code, code.upper()):
                continue
            equivalence = target.get("equivalence", "relatedto")
            match: Json = {"equivalence": _REVERSED.get(equivalence, equivalence) if reverse else equivalence}
            if meant.get("code") is not None:
                named = {"display": meant["display"]} if "display" in meant else {}
                match["concept"] = {"system": system, "code": meant["code"], **named}
            yield match


def _of_newest(hits: Sequence[_Hit]) -> Iterable[_Hit]:
    newest: dict[tuple[str, str, str], int] = {}
    for hit in hits:
        newest[hit.pair] = max(hit.layer, newest.get(hit.pair, 0))
    return (hit for hit in hits if hit.layer == newest[hit.pair])


def _parts(match: Json) -> list[Json]:
    parts: list[Json] = [{"name": "equivalence", "valueCode": match["equivalence"]}]
    if "concept" in match:
        parts.append({"name": "concept", "valueCoding": match["concept"]})
    if match["source"]:
        parts.append({"name": "source", "valueUri": match["source"]})
    return parts


def _canonical(resource: Json) -> str:
    url, version = resource.get("url"), resource.get("version")
    return f"{url}|{version}" if url and version else url or ""


def _same(uri: str, wanted: str | None, aliases: AliasTable) -> bool:
    return wanted is None or _name(uri, aliases) == _name(wanted, aliases)


def _name(uri: str, aliases: AliasTable) -> str:
    return aliases.name(uri) or normalised(uri)
