"""Which Conditions and Procedures belong to which Encounter: the links that point at the Encounter.

The links that go out from it (Encounter.diagnosis) are followed by the concerns themselves. Built once for a
bundle, in one pass over its Conditions and Procedures.
"""

from typing import Any

import msgspec

from adapter.fhir.bundle import Bundle, Node
from adapter.mapping.draft import reference_paths


class Linked(msgspec.Struct, frozen=True):
    """A resource and the paths of the reference that links it."""

    node: Node
    paths: tuple[str, ...]


class Loose(msgspec.Struct, frozen=True):
    """A Procedure without Encounter of its own, and the Procedures that it says it is part of."""

    node: Node
    parents: tuple[Linked, ...]


class Links:
    """The way back from Encounters, and what no Encounter can be reached from.

    `strays` are the Conditions and Procedures that name no Encounter of the bundle.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.loose: list[Loose] = []
        self.strays: list[Node] = []
        self._conditions: dict[str, list[Linked]] = {}
        self._procedures: dict[str, list[Linked]] = {}
        for node in bundle.of_type("Condition"):
            self._file(bundle, node, self._conditions)
        for node in bundle.of_type("Procedure"):
            self._file(bundle, node, self._procedures)
            if "encounter" not in node.resource and "partOf" in node.resource:
                self.loose.append(Loose(node, _parents(bundle, node)))

    def conditions(self, encounter: Node) -> list[Linked]:
        """The Conditions whose `encounter` is this one, in the order of the bundle."""
        return self._conditions.get(encounter.path, [])

    def procedures(self, encounter: Node) -> list[Linked]:
        """The Procedures whose `encounter` is this one, in the order of the bundle."""
        return self._procedures.get(encounter.path, [])

    def _file(self, bundle: Bundle, node: Node, by_encounter: dict[str, list[Linked]]) -> None:
        reference: dict[str, Any] | None = node.resource.get("encounter")
        encounter = bundle.resolve(reference, node) if reference else None
        if reference is None or encounter is None or encounter.type != "Encounter":
            self.strays.append(node)
            return
        linked = Linked(node, reference_paths(reference, node.path + ".encounter"))
        by_encounter.setdefault(encounter.path, []).append(linked)


def _parents(bundle: Bundle, node: Node) -> tuple[Linked, ...]:
    found = []
    for index, reference in enumerate(node.resource["partOf"]):
        parent = bundle.resolve(reference, node)
        if parent is not None and parent.type == "Procedure":
            found.append(Linked(parent, reference_paths(reference, f"{node.path}.partOf[{index}]")))
    return tuple(found)
