"""What one resource of a contact says about whether the contact was qualified, and how it is found.

A sign is the verdict on one resource: it shows a decision, or it looks like one and is none. The rules are
those of mappings/rules/common/qualified.yaml.
"""

from collections.abc import Iterator
from typing import Any, TypeGuard

import msgspec

from adapter.domain.localtime import LocalTime, to_local
from adapter.fhir.bundle import Bundle, Node
from adapter.mapping.codings import Coding, codings_of
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.subject import Subjects

_Paths = tuple[str, ...]


class Sign(msgspec.Struct, frozen=True):
    """One resource, the rule that judged it, the leaves that it was judged by, and the maps that were asked.

    `decides`: whether it shows a decision on care (or, of an assessment, that one was made).
    """

    rule: str
    node: Node
    paths: _Paths
    by: _Paths = ()
    decides: bool = True

    @property
    def rules(self) -> _Paths:
        """The rule and the maps, for the trace."""
        return (self.rule, *self.by)


class Belonging(msgspec.Struct, frozen=True):
    """A resource of the contact, with the leaves that link it to contact and patient."""

    node: Node
    paths: _Paths


class Circle(msgspec.Struct, frozen=True):
    """The contact that signs are looked for at: its Encounters, its patient, and what was made where."""

    draft: Draft
    encounters: tuple[Node, ...]
    subjects: Subjects
    made: "Made"

    def resources(self, kind: str) -> Iterator[Belonging]:
        """The resources of a type that name one of the Encounters as theirs, and the patient as subject."""
        for encounter in self.encounters:
            for node, link in self.made.at(kind, encounter):
                if self.subjects.owns(self.draft, node):
                    self.draft.entries.add(node.entry)
                    yield Belonging(node, (*link, *self.subjects.paths(node)))

    def loose(self, kind: str) -> Iterator[Node]:
        """The patient's resources of a type that name no contact at all, and that nothing names as what it
        follows on, is based on or is a part of."""
        for node in self.made.loose(kind):
            if self.subjects.owns(self.draft, node):
                yield node

    def is_earlier(self, value: Any) -> bool:
        """Whether a dateTime lies before the contact's day; one that tells no day does not."""
        day = _day(value)
        return day is not None and self.draft.date is not None and day < self.draft.date

    def time_of(self, node: Node, element: str, value: Any) -> tuple[bool, _Paths]:
        """Whether the dateTime of an `element` of a resource lies after the day on which the contact ended.

        Of a contact that tells no end, after the day on which it began. Also the leaves that tell: the
        element, and the end where it matters.
        """
        day, began = _day(value), self.draft.date
        paths = (f"{node.path}.{element}",) if value else ()
        if day is None or began is None or day <= began:
            return False, paths
        ends = [
            (ended, f"{encounter.path}.period.end")
            for encounter in self.encounters
            if (ended := _day(encounter.resource.get("period", {}).get("end"))) is not None
        ]
        last = max([ended for ended, _ in ends], default=began)
        return day > max(last, began), (*paths, *(path for _, path in ends))


class Made:
    """Which resources of a bundle came to be at which of its Encounters, by type. Found once for a bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._at: dict[str, dict[str, list[tuple[Node, _Paths]]]] = {}
        self._loose: dict[str, tuple[Node, ...]] = {}

    def at(self, kind: str, encounter: Node) -> list[tuple[Node, _Paths]]:
        """The resources of a type that name this Encounter, with the leaves that do."""
        known = self._at.get(kind)
        if known is None:
            known = self._at[kind] = {}
            for node in self._bundle.of_type(kind):
                if not is_reference(node.resource.get("subject")):
                    continue
                for reference, path in _contexts(node):
                    found = self._bundle.resolve(reference, node)
                    if found is not None and found.type == "Encounter":
                        known.setdefault(found.path, []).append((node, reference_paths(reference, path)))
                        break
        return known.get(encounter.path, [])

    def loose(self, kind: str) -> tuple[Node, ...]:
        """The resources of a type that name no contact, and that nothing follows on."""
        known = self._loose.get(kind)
        if known is None:
            known = self._loose[kind] = tuple(self._find_loose(self._bundle.of_type(kind)))
        return known

    def _find_loose(self, nodes: tuple[Node, ...]) -> Iterator[Node]:
        bundle = self._bundle
        followers = (*nodes, *bundle.of_type("Encounter"), *bundle.of_type("Appointment")) if nodes else ()
        named = {key for node in followers for key in _named_by(bundle, node)}
        for node in nodes:
            if "encounter" not in node.resource and node.path not in named:
                yield node


def _day(value: Any) -> str | None:
    """The local day of a dateTime; None for what tells none."""
    local = to_local(value) if isinstance(value, str) and value else None
    return local.datum if isinstance(local, LocalTime) else None


def _named_by(bundle: Bundle, node: Node) -> Iterator[str | None]:
    """What a resource follows on, takes the place of, is based on, or is a part of."""
    for element in ("priorPrescription", "priorRequest", "replaces", "partOf", "basedOn"):
        value = node.resource.get(element)
        for reference in value if isinstance(value, list) else [value]:
            if isinstance(reference, dict):
                yield bundle.key(reference, node)


def _contexts(node: Node) -> Iterator[tuple[dict[str, Any], str]]:
    """The references by which a resource says at which contact it came to be (`encounter`, context links)."""
    own = node.resource.get("encounter")
    if is_reference(own):
        yield own, node.path + ".encounter"
    context = node.resource.get("context")
    listed = context.get("encounter") if isinstance(context, dict) else None
    for index, reference in enumerate(listed if isinstance(listed, list) else ()):
        if is_reference(reference):
            yield reference, f"{node.path}.context.encounter[{index}]"


def is_reference(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value has the shape of a Reference; the validator does not know every type read here."""
    if not isinstance(value, dict):
        return False
    identifier = value.get("identifier", {})
    return isinstance(value.get("reference", ""), str) and (
        isinstance(identifier, dict)
        and isinstance(identifier.get("system", ""), str)
        and isinstance(identifier.get("value", ""), str)
    )


def concepts(draft: Draft, node: Node, *elements: str) -> list[Coding]:
    """The codings of these elements (a CodeableConcept or a list of them) of a resource of any type.

    Shapes are looked at, since not every type that is read here is one that the validator knows.
    """
    found: list[Coding] = []
    for element in elements:
        found += codings_at(draft, node.resource.get(element), f"{node.path}.{element}")
    return found


def codings_at(draft: Draft, value: Any, path: str) -> list[Coding]:
    """The codings of a CodeableConcept at `path`, or of a list of them; none for any other shape."""
    if isinstance(value, list):
        return [
            coding
            for index, concept in enumerate(value)
            if isinstance(concept, dict)
            for coding in codings_at(draft, concept, f"{path}[{index}]")
        ]
    if not isinstance(value, dict) or not _is_sound(value.get("coding")):
        return []
    return codings_of(value, path, draft.context.aliases)


def _is_sound(codings: Any) -> bool:
    return isinstance(codings, list) and all(
        isinstance(coding, dict)
        and isinstance(coding.get("code", ""), str)
        and isinstance(coding.get("system", ""), str)
        for coding in codings
    )


def leaf(node: Node, element: str) -> _Paths:
    """The path of an element that is there."""
    return (f"{node.path}.{element}",) if element in node.resource else ()
