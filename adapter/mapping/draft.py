"""One event in the making: what it is read from, why it says what it says, and what there is to remark."""

from typing import Any

from adapter.domain.finding import Findings
from adapter.domain.trace import Origin, Provenance, absent_key
from adapter.fhir.bundle import Bundle, Node
from adapter.mapping.context import MappingContext


class Draft:
    """Carries bundle and context through the concerns, and collects trace, findings and entries."""

    __slots__ = ("bundle", "context", "date", "date_paths", "entries", "findings", "provenance", "unchecked")

    def __init__(self, bundle: Bundle, context: MappingContext) -> None:
        self.bundle = bundle
        self.context = context
        self.findings = Findings(context.catalogue)
        self.provenance: Provenance = {}
        self.entries: set[int] = set()
        self.unchecked: set[str] = set()
        """Code systems of which it has been said that no complete table is loaded."""
        self.date: str | None = None
        """The local date of care, once `times` has found it: codes and units are judged on it."""
        self.date_paths: tuple[str, ...] = ()

    def resolve(self, reference: dict[str, Any], base: Node, path: str = "") -> Node | None:
        """The resource that `reference` in `base` points at; its entry becomes one of the event's.

        A reference at `path` that fits several resources leads nowhere, which is told.
        """
        node = self.bundle.resolve(reference, base)
        if node is not None:
            self.entries.add(node.entry)
        elif path:
            self.tell_ambiguous(reference, base, path)
        return node

    def tell_ambiguous(self, reference: dict[str, Any], base: Node, path: str) -> bool:
        """Whether an unresolved reference at `path` fits several resources; says so if it does."""
        if not self.bundle.fits_several(reference, base):
            return False
        literal = "reference" in reference
        self.findings.add("REF-AMBIGUOUS" if literal else "REF-AMBIGUOUS-LOGICAL", path)
        return True

    def absent(self, member: str, *paths: str) -> None:
        """Note where `member`, which the event does not have, would have come from: rules point there."""
        self.provenance.setdefault(absent_key(member), Origin(paths))

    def trace(self, member: str, paths: tuple[str, ...], by: tuple[str, ...] = ()) -> None:
        """Note where `member` of the event comes from: the value's own element first."""
        self.provenance[member] = Origin(paths, by)

    def trace_alike(self, members: tuple[str, ...], paths: tuple[str, ...], by: tuple[str, ...] = ()) -> None:
        """Note that all these members come from the same place."""
        origin = Origin(paths, by)
        for member in members:
            self.provenance[member] = origin


def reference_paths(reference: dict[str, Any], path: str) -> tuple[str, ...]:
    """The leaves of a Reference at `path` by which its target was found."""
    if "reference" in reference:
        return (path + ".reference",)
    identifier = reference.get("identifier")
    return identifier_paths(identifier, path + ".identifier") if identifier else ()


def identifier_paths(identifier: dict[str, Any], path: str) -> tuple[str, ...]:
    """Value and system of an Identifier at `path`, as far as they are there."""
    if "system" in identifier:
        return (path + ".value", path + ".system")
    return (path + ".value",)
