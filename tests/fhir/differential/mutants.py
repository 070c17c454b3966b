"""Systematic mutations of a resource: each part changed in every way known here, one at a time."""

import copy
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Place = tuple[str | int, ...]

GONE = object()


def mutants(resource: Json) -> Iterator[tuple[str, Json]]:
    """Name of the change and the changed resource."""
    for place in _places(resource):
        value = _at(resource, place)
        for name, other in _changes(value, place):
            yield name, _with(resource, place, other)
    for place in _places(resource):
        if isinstance(place[-1], str) and not isinstance(_at(resource, place), dict | list):
            beside = (*place[:-1], f"_{place[-1]}")
            extended = {"extension": [{"url": "http://x.example", "valueCode": "x"}]}
            yield "extension beside value", _with(resource, beside, extended)
            yield "extension without value", _with(_with(resource, beside, extended), place, GONE)
            yield "id beside value", _with(resource, beside, {"id": "x"})
            yield "id without value", _with(_with(resource, beside, {"id": "x"}), place, GONE)
    for inner in ({"resourceType": "Practitioner", "id": "x"}, {"resourceType": "Nothing", "id": "x"}):
        yield "contained " + inner["resourceType"], {**resource, "contained": [inner]}
    for place in [(), *(one for one in _places(resource) if isinstance(_at(resource, one), dict))]:
        yield "unknown member", _with(resource, (*place, "unheardOf"), "x")
        yield "extension without url", _with(resource, (*place, "extension"), [{"valueCode": "x"}])
        yield (
            "sound extension",
            _with(resource, (*place, "extension"), [{"url": "http://x.example", "valueCode": "x"}]),
        )


def _changes(value: Any, place: Place) -> Iterator[tuple[str, Any]]:
    yield "removed", GONE
    yield "null", None
    if isinstance(value, str):
        yield from (
            ("empty text", ""),
            ("blank text", " "),
            ("number for text", 1),
            ("text in object", {"a": value}),
        )
        yield from (
            ("text in list", [value]),
            ("control character", value + "\u0001"),
            ("odd word", "no such word"),
        )
        if value[:4].isdigit() and value[4:5] == "-":
            yield from (("no day", "2025-02-30"), ("year alone", "2025"), ("no zone", "2025-03-03T10:15:00"))
            yield from (("nanoseconds", "2025-03-03T10:15:00.123456789Z"), ("basic form", "20250303"))
            yield from (("leap second", "2025-03-03T23:59:60Z"), ("hour 24", "2025-03-03T24:00:00Z"))
        if place[-1] == "reference":
            yield from (("other type", "Observation/1"), ("no reference", "Patient 1"), ("urn", "urn:uuid:0"))
    elif isinstance(value, bool):
        yield from (("text for boolean", "true"), ("number for boolean", 1))
    elif isinstance(value, int):
        yield from (("text for number", str(value)), ("fraction", value + 0.5), ("zero", 0), ("negative", -1))
    elif isinstance(value, list):
        yield from (
            ("empty list", []),
            ("list undone", value[0]),
            ("doubled", [*value, *copy.deepcopy(value)]),
        )
        yield "null in list", [*value, None]
    elif isinstance(value, dict):
        yield from (("empty object", {}), ("object in list", [value]), ("text for object", "x"))


def _places(value: Any, at: Place = ()) -> Iterator[Place]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if key != "resourceType":
            yield (*at, key)
            yield from _places(inner, (*at, key))


def _at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def _with(resource: Json, place: Place, other: Any) -> Json:
    made = copy.deepcopy(resource)
    owner = _at(made, place[:-1])
    if other is GONE:
        del owner[place[-1]]
    else:
        owner[place[-1]] = other
    return made
