"""The FHIR face as an OpenAPI 3.1 document, made of the list of interactions: for tools that know no FHIR."""

from collections.abc import Sequence
from typing import Any

from adapter.api.fhir.interactions import Interaction
from adapter.api.fhir.media import FHIR_JSON
from adapter.api.fhir.search_form import FORM
from adapter.version import VERSION

Json = dict[str, Any]

_ID = {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$"}
_SHAPES = {"type": {"type": "string", "pattern": "^[A-Z][A-Za-z]{1,40}$"}, "id": _ID}
_RESOURCE = {
    "type": "object",
    "required": ["resourceType"],
    "properties": {"resourceType": {"type": "string"}},
}


def openapi(interactions: Sequence[Interaction], url: str) -> Json:
    """The document; `url` is the service's address."""
    paths: dict[str, Json] = {}
    for one in interactions:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "vardbro: FHIR face", "version": VERSION},
        "servers": [{"url": url}],
        "paths": paths,
    }


def _operation(one: Interaction) -> Json:
    operation: Json = {
        "summary": one.about,
        "responses": {"default": {"description": "FHIR", "content": {FHIR_JSON: {"schema": _RESOURCE}}}},
    }
    named = [
        {"name": name, "in": "path", "required": True, "schema": _SHAPES[name]} for name in _in_path(one)
    ]
    asked = [
        {
            "name": parameter.name,
            "in": "query",
            "description": parameter.about,
            "schema": {"type": "string"},
        }
        for parameter in one.search
    ]
    if one.form:
        fields = {parameter["name"]: parameter["schema"] for parameter in asked}
        schema = {"type": "object", "properties": fields}
        operation["requestBody"] = {"content": {FORM: {"schema": schema}}}
        return operation
    if named or asked:
        operation["parameters"] = named + asked
    if one.method == "POST":
        content: Json = {FHIR_JSON: {"schema": _RESOURCE}}
        content |= {kind: {"schema": {"type": "string"}} for kind in one.takes}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _in_path(one: Interaction) -> list[str]:
    return [name for name in _SHAPES if f"{{{name}}}" in one.path]
