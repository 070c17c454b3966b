"""Which slice an item belongs to, by the discriminators *value*, *pattern*, *exists*, *type* and *profile*.

A discriminator's path is a plain path of elements (``coding.system``, ``$this``); functions such as resolve()
are not followed. Extensions are sorted by their url. For *profile* the resource type that the profile is for
decides.
"""

from collections.abc import Callable, Iterator
from typing import Any

from adapter.fhir.profile.element import Element, Sorting
from adapter.fhir.profile.values import fits_pattern, is_same, values_of

HasCode = Callable[[str, Any], bool | None]
"""Whether a value set has a code, coding or concept; None where the value set is not known."""

TypeOf = Callable[[str], str | None]
"""The type that a profile is for; None where the profile is not known."""

_BY_URL = Sorting((("value", "url"),))


class Slicer:
    """Sorts items into slices; `has_code` and `type_of` look up value sets and profiles."""

    def __init__(self, has_code: HasCode, type_of: TypeOf) -> None:
        self._has_code = has_code
        self._type_of = type_of

    def slice_of(self, element: Element, item: Any) -> Element | None:
        """The slice that the item belongs to, None when it fits none."""
        sorting = element.sorting or _BY_URL
        for one in element.slices:
            if all(self._fits(one, kind, path, item) for kind, path in sorting.by):
                return one
        return None

    def _fits(self, one: Element, kind: str, path: str, item: Any) -> bool:
        if one.name == "extension" and path == "url":
            return isinstance(item, dict) and item.get("url") == extension_url(one)
        wanted = _below(one, path)
        if wanted is None:
            return False
        found = list(_reach(item, path))
        if kind == "exists":
            return bool(found) == (wanted.most != 0)
        if kind in ("type", "profile"):
            return any(self._is_of_kind(wanted, value) for value in found)
        return any(self._has_value(wanted, value) for value in found)

    def _is_of_kind(self, wanted: Element, value: Any) -> bool:
        name = value.get("resourceType") if isinstance(value, dict) else None
        return any(
            name == kind.code or name in [self._type_of(url) for url in kind.profiles]
            for kind in wanted.kinds
        )

    def _has_value(self, wanted: Element, value: Any) -> bool:
        """Whether the value is what the slice fixes: itself, by a binding, or below it."""
        if wanted.fixed:
            return is_same(value, wanted.fixed[0])
        if wanted.pattern:
            return fits_pattern(value, wanted.pattern[0])
        if wanted.value_set is not None:
            return self._has_code(wanted.value_set, value) is True
        below = [child for child in wanted.children if _fixes(child)]
        return bool(below) and all(
            any(self._has_value(child, inner) for inner in _reach(value, child.name)) for child in below
        )


def extension_url(one: Element) -> str | None:
    """The url that an extension's slice stands for."""
    for kind in one.kinds:
        if kind.profiles:
            return kind.profiles[0].partition("|")[0]
    below = _below(one, "url")
    return str(below.fixed[0]) if below is not None and below.fixed else None


def _fixes(element: Element) -> bool:
    return bool(element.fixed or element.pattern or element.value_set) or any(
        _fixes(child) for child in element.children
    )


def _below(element: Element, path: str) -> Element | None:
    """The element at a path below another."""
    if path == "$this":
        return element
    for step in path.split("."):
        found = next((child for child in element.children if child.name == step), None)
        if found is None:
            return None
        element = found
    return element


def _reach(item: Any, path: str) -> Iterator[Any]:
    """The values at a path below an item."""
    if path == "$this":
        yield item
        return
    first, _, rest = path.partition(".")
    for value, _, _ in values_of(item, first):
        if rest:
            yield from _reach(value, rest)
        else:
            yield value
