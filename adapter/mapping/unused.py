"""Which elements of a bundle's Encounters, Conditions, Procedures and Patients nothing was made from.

Found by what the mapping really did: a leaf counts as used when the origin of a member of an event names it,
or a finding points at it or above it. What is passed over on purpose is listed with the reason
(adapter.mapping.left_out); the rest may be silent loss, and is for a person to look at.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from adapter.domain.finding import Finding
from adapter.domain.text import Text
from adapter.domain.trace import is_absent
from adapter.fhir.bundle import Bundle
from adapter.mapping.left_out import is_read, reason
from adapter.mapping.mapped import Mapped

TYPES = ("Encounter", "Condition", "Procedure", "Patient")
"""The resource types that are looked through."""

_WHOLE = frozenset(
    ("LINK-STRAY", "LINK-REASON", "DIAGNOS-STATUS", "DIAGNOS-OTHER-PATIENT", "ATGARD-STATUS",
     "ATGARD-OTHER-PATIENT", "TEAM-WITHDRAWN")
)  # fmt: skip
"""Findings that say of a whole resource that it is left out, wherever in it they point."""


class Unused(msgspec.Struct, frozen=True):
    """An element, as a FHIRPath without indexes (``Encounter.reasonCode``), and every place where it stands.

    `reason` says why it is passed over on purpose; None: nothing says so.
    """

    element: str
    paths: tuple[str, ...]
    reason: Text | None = None


class _Seen(msgspec.Struct, frozen=True):
    """What was read: single leaves, and elements that are told of with all that they hold."""

    leaves: frozenset[str]
    told: frozenset[str]


def unused(bundle: Bundle, mapped: Iterable[Mapped], findings: Iterable[Finding] = ()) -> list[Unused]:
    """The unused elements of a bundle that became these events, sorted by element.

    An element of which nothing was used stands for all that it holds. `findings` are those of the bundle.
    """
    seen = _seen(list(mapped), findings)
    places: dict[str, tuple[list[str], Text | None]] = {}
    for kind in TYPES:
        for node in bundle.of_type(kind):
            if node.path in seen.told:
                continue
            for element, path, why in _below(node.resource, node.path, kind, seen):
                places.setdefault(element, ([], why))[0].append(path)
    return [Unused(element, tuple(paths), why) for element, (paths, why) in sorted(places.items())]


def _seen(mapped: list[Mapped], findings: Iterable[Finding]) -> _Seen:
    leaves = {
        path
        for one in mapped
        for member, origin in one.provenance.items()
        if not is_absent(member)  # where something is missed, nothing was read
        for path in origin.paths
    }
    told: set[str] = set()
    for finding in (*findings, *(finding for one in mapped for finding in one.findings)):
        for path in finding.expression:
            # a finding at a whole resource speaks of the resource, not of everything in it
            if path.count(".") > _RESOURCE_DOTS:
                told.add(path)
            if finding.rule in _WHOLE:
                told.add(".".join(path.split(".")[: _RESOURCE_DOTS + 1]))
    return _Seen(frozenset(leaves), frozenset(told))


_RESOURCE_DOTS = 2
"""``Bundle.entry[3].resource``: an element below it has more dots."""


def _below(value: Any, path: str, pattern: str, seen: _Seen) -> Iterator[tuple[str, str, Text | None]]:
    """The unused elements below a resource or element: pattern, path and reason of each."""
    for name, inner in value.items():
        listed = inner if isinstance(inner, list) else [inner]
        for index, item in enumerate(listed):
            at = f"{path}.{name}[{index}]" if isinstance(inner, list) else f"{path}.{name}"
            kind = item.get("resourceType") if name == "contained" and isinstance(item, dict) else None
            if kind is not None:
                if kind in TYPES:
                    yield from _below(item, at, kind, seen)
                continue
            yield from _element(item, at, f"{pattern}.{name}", seen)


def _element(item: Any, path: str, pattern: str, seen: _Seen) -> Iterator[tuple[str, str, Text | None]]:
    if path in seen.leaves or path in seen.told or is_read(pattern):
        return
    if _is_used(item, path, seen):
        yield from _below(item, path, pattern, seen)
    else:
        yield pattern, path, reason(pattern)


def _is_used(item: Any, path: str, seen: _Seen) -> bool:
    """Whether anything in an element was used."""
    if not isinstance(item, dict):
        return False
    for name, inner in item.items():
        listed = inner if isinstance(inner, list) else [inner]
        for index, one in enumerate(listed):
            at = f"{path}.{name}[{index}]" if isinstance(inner, list) else f"{path}.{name}"
            if at in seen.leaves or at in seen.told or _is_used(one, at, seen):
                return True
    return False
