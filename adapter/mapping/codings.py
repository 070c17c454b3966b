"""Codings as the mapping sees them: system by its short name, code, and where they stand."""

from collections.abc import Container, Iterable
from typing import Any

import msgspec

from adapter.mapping.aliases import AliasTable


class Coding(msgspec.Struct, frozen=True, gc=False):
    """One Coding. `system` is the alias table's short name, else the URI as sent, empty when absent.

    `paths` are its leaves: code first, then the system (where there is one) that says what the code means.
    """

    system: str
    code: str
    paths: tuple[str, ...]

    @property
    def known(self) -> bool:
        """Whether the alias table knows the system."""
        return bool(self.system) and ":" not in self.system


def codings_of(concept: dict[str, Any] | None, path: str, aliases: AliasTable) -> list[Coding]:
    """The codings with a code of a CodeableConcept at `path`."""
    if not concept:
        return []
    found = []
    for index, coding in enumerate(concept.get("coding", ())):
        code = coding.get("code")
        if not code:
            continue
        at = f"{path}.coding[{index}]"
        system = coding.get("system")
        if system:
            name = aliases.name(system) or _foreign(system)
            found.append(Coding(name, code, (at + ".code", at + ".system")))
        else:
            found.append(Coding("", code, (at + ".code",)))
    return found


def _foreign(system: str) -> str:
    """A system that the alias table lacks, kept apart from short names: those have no colon, URIs have."""
    return system if ":" in system else "urn:" + system


def codings_in(concepts: Iterable[dict[str, Any]], path: str, aliases: AliasTable) -> list[Coding]:
    """The codings of a list of CodeableConcepts at `path`."""
    found: list[Coding] = []
    for index, concept in enumerate(concepts):
        found += codings_of(concept, f"{path}[{index}]", aliases)
    return found


def leaves_that_decide(codings: Iterable[Coding], code: str, systems: Container[str]) -> tuple[str, ...]:
    """The leaves on which it depends whether one of `codings` is `code` of one of `systems`.

    A code of another system, or another code of the system, depends on one leaf only: the one that differs.
    """
    found: list[str] = []
    for coding in codings:
        if coding.system in systems:
            found.append(coding.paths[0])
        if coding.code == code:
            found += coding.paths[1:]
    return tuple(found)


def leaves(codings: Iterable[Coding]) -> tuple[str, ...]:
    """All leaves of several codings."""
    found: list[str] = []
    for coding in codings:
        found += coding.paths
    return tuple(found)
