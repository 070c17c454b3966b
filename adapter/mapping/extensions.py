"""Our extensions (profiles/extensions) on a resource, found once by their names."""

from typing import Any

import msgspec

from adapter.domain.canonical import extension
from adapter.fhir.bundle import Node


class Extension(msgspec.Struct, frozen=True):
    """One of our extensions with its path; `again` are the further ones of the same name."""

    content: dict[str, Any]
    path: str
    again: tuple["Extension", ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether all of the same name say the same; how a Coding displays does not matter."""
        return not self.again or all(_said(other) == _said(self) for other in self.again)

    @property
    def places(self) -> tuple[str, ...]:
        """Where the extension stands, each time it does."""
        return (self.path, *(other.path for other in self.again))

    def value(self, name: str) -> tuple[Any, tuple[str, ...]]:
        """The value of type `name` (``Boolean``, ``Date``, ``Code``) with its paths, value first."""
        return self.content.get("value" + name), self.leaves(f".value{name}", ".url")

    def leaves(self, *elements: str) -> tuple[str, ...]:
        """These elements of the extension, each time it stands there."""
        if not self.again:
            return tuple(self.path + element for element in elements)
        return tuple(place + element for place in self.places for element in elements)


def own_extensions(*nodes: Node) -> dict[str, Extension]:
    """Our extensions on the `nodes`, by short name; the first of a name holds the others."""
    own_base = extension("")
    found: dict[str, Extension] = {}
    for node in nodes:
        for index, content in enumerate(node.resource.get("extension", ())):
            url = content.get("url", "")
            if url.startswith(own_base):
                name = url[len(own_base) :]
                own = Extension(content, f"{node.path}.extension[{index}]")
                first = found.get(name)
                found[name] = own if first is None else _with(first, own)
    return found


def _with(first: Extension, other: Extension) -> Extension:
    return Extension(first.content, first.path, (*first.again, other))


def _said(one: Extension) -> dict[str, Any]:
    """The value, without what only shows it."""
    return {
        name: (value.get("system"), value.get("code")) if name == "valueCoding" else value
        for name, value in one.content.items()
        if name.startswith("value")
    }
