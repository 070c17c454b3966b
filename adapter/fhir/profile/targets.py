"""What type of resource a reference leads to, as far as the resource around it tells."""

from collections.abc import Iterator
from typing import Any

from adapter.fhir.reference import take_apart

Json = dict[str, Any]


class Targets:
    """The types behind fullUrls, relative references and contained ids of one resource or bundle."""

    def __init__(self, resource: Any) -> None:
        self._types = dict(_named(resource))

    def type_of(self, reference: Json) -> str | None:
        """The target's type: by the bundle, by the reference's text, by its type; else None."""
        text, said = reference.get("reference"), reference.get("type")
        if isinstance(text, str) and text:
            known = self._types.get(text)
            if known is not None:
                return known
            parts = take_apart(text)
            if parts.form not in ("malformed", "contained") and parts.type:
                return parts.type
        return said.rpartition("/")[2] if isinstance(said, str) and said else None


def _named(resource: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(resource, dict):
        return
    for inner in _list(resource.get("contained")):
        if isinstance(inner, dict) and isinstance(inner.get("id"), str):
            yield from _typed(f"#{inner['id']}", inner)
    for entry in _list(resource.get("entry")):
        if isinstance(entry, dict) and isinstance(entry.get("fullUrl"), str):
            yield from _typed(entry["fullUrl"], entry.get("resource"))


def _typed(name: str, resource: Any) -> Iterator[tuple[str, str]]:
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if isinstance(kind, str):
        yield name, kind


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
