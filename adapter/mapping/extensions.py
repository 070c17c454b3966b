"""Our extensions (profiles/extensions) on a resource, found once by their names."""

from typing import Any

import msgspec

from adapter.domain.canonical import extension
from adapter.fhir.bundle import Node

_BASE = extension("")


class Extension(msgspec.Struct, frozen=True):
    """One of our extensions with its path."""

    content: dict[str, Any]
    path: str

    def value(self, name: str) -> tuple[Any, tuple[str, ...]]:
        """The value of type `name` (``Boolean``, ``Date``, ``Code``) with its paths, value first."""
        return self.content.get("value" + name), (f"{self.path}.value{name}", self.path + ".url")


def own_extensions(*nodes: Node) -> dict[str, Extension]:
    """Our extensions on the `nodes`, by short name; the first of a name counts."""
    found: dict[str, Extension] = {}
    for node in nodes:
        for index, content in enumerate(node.resource.get("extension", ())):
            url = content.get("url", "")
            if url.startswith(_BASE):
                found.setdefault(url[len(_BASE) :], Extension(content, f"{node.path}.extension[{index}]"))
    return found
