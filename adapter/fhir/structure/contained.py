"""R4's rules for contained resources (dom-2 to dom-5)."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def contained_types(resource: Json) -> dict[str, str]:
    """The type of each contained resource that has an id, by id; "" where it has no type."""
    types = {}
    for _, inner in _contained(resource):
        if isinstance(inner.get("id"), str):
            name = inner.get("resourceType")
            types[inner["id"]] = name if isinstance(name, str) else ""
    return types


def contained_remarks(resource: Json) -> Iterator[tuple[str, str]]:
    """What is wrong with resources as contained ones: rule and path below the container."""
    if "contained" not in resource:
        return
    used = set(_local_references(resource))
    seen: set[str] = set()
    for index, inner in _contained(resource):
        at = f".contained[{index}]"
        meta = inner.get("meta")
        if "contained" in inner:
            yield "FHIR-DOM-2", f"{at}.contained"
        if f"#{inner.get('id')}" not in used and "#" not in set(_local_references(inner)):
            yield "FHIR-DOM-3", at
        if str(inner.get("id")) in seen:
            yield "FHIR-CONTAINED-ID", f"{at}.id"
        seen.add(str(inner.get("id", at)))
        if isinstance(meta, dict) and ("versionId" in meta or "lastUpdated" in meta):
            yield "FHIR-DOM-4", f"{at}.meta"
        if isinstance(meta, dict) and "security" in meta:
            yield "FHIR-DOM-5", f"{at}.meta.security"


def _contained(resource: Json) -> Iterator[tuple[int, Json]]:
    contained = resource.get("contained")
    for index, inner in enumerate(contained if isinstance(contained, list) else ()):
        if isinstance(inner, dict):
            yield index, inner


def _local_references(value: Any) -> Iterator[str]:
    """Every text in `value` that could refer to a contained resource, or to the container (``#``)."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str) and item[:1] == "#":
            yield item
