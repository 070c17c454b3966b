"""Parts of a resource, for ``_summary`` and ``_elements`` (FHIR R4, Search: summary and elements). Pure."""

from typing import Any, Literal

import msgspec

Json = dict[str, Any]
Summary = Literal["true", "text", "data", "count", "false"]

SUMMARIES: tuple[Summary, ...] = ("true", "text", "data", "count", "false")
_ALWAYS = frozenset({"resourceType", "id", "meta"})
_REQUIRED = frozenset({
    "abstract", "base", "code", "content", "date", "eventCoding", "eventUri", "focus", "instance", "kind",
    "name", "status", "system", "type", "uniqueId", "url",
})  # fmt: skip
"""What R4 requires of one of the published types: an answer without it would be no such resource."""

_NO_SUMMARY = frozenset({
    "text", "contained", "concept", "group", "differential", "snapshot", "copyright", "purpose", "expansion",
    "mapping", "parameter", "overload", "focus", "allowedResponse",
})  # fmt: skip
_SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}


class Shape(msgspec.Struct, frozen=True):
    """How much of a resource is wanted."""

    summary: Summary = "false"
    elements: tuple[str, ...] = ()


def shaped(resource: Json, shape: Shape) -> Json:
    """The wanted parts of a resource, marked as SUBSETTED; the whole as it is."""
    if shape.elements:
        kept = _ALWAYS | _REQUIRED | set(shape.elements)
        part = {name: value for name, value in resource.items() if name.lstrip("_") in kept}
    elif shape.summary == "true":
        part = {name: value for name, value in resource.items() if name not in _NO_SUMMARY}
    elif shape.summary == "text":
        kept = _ALWAYS | _REQUIRED | {"text"}
        part = {name: value for name, value in resource.items() if name in kept}
    elif shape.summary == "data":
        part = {name: value for name, value in resource.items() if name != "text"}
    else:
        return resource
    meta = part.get("meta", {})
    return {**part, "meta": {**meta, "tag": [*meta.get("tag", ()), _SUBSETTED]}}
