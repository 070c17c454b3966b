"""Codings as the mapping sees them: system by its short name, code, and where they stand."""

from collections.abc import Container, Iterable
from typing import Any, NamedTuple

from adapter.mapping.aliases import AliasTable


class Coding(NamedTuple):
    """One Coding. `system` is the alias table's short name, else the URI as sent, empty when absent."""

    system: str
    code: str
    path: str

    @property
    def known(self) -> bool:
        """Whether the alias table knows the system."""
        return bool(self.system) and ":" not in self.system

    @property
    def paths(self) -> tuple[str, ...]:
        """The leaves: code first, then the system that says what the code means."""
        if self.system:
            return (self.path + ".code", self.path + ".system")
        return (self.path + ".code",)


def codings_of(concept: dict[str, Any] | None, path: str, aliases: AliasTable) -> list[Coding]:
    """The codings with a code of a CodeableConcept at `path`."""
    if not concept:
        return []
    found = []
    for index, coding in enumerate(concept.get("coding", ())):
        code = coding.get("code")
        if code:
            system = coding.get("system", "")
            found.append(Coding(aliases.name(system) or _foreign(system), code, f"{path}.coding[{index}]"))
    return found


def _foreign(system: str) -> str:
    """A system that the alias table lacks, kept apart from short names: those have no colon, URIs have."""
    return system if ":" in system or not system else "urn:" + system


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
    return tuple(
        path
        for coding in codings
        for path, decides in (
            (coding.path + ".code", coding.system in systems),
            (coding.path + ".system", coding.code == code and coding.system != ""),
        )
        if decides
    )


def leaves(codings: Iterable[Coding]) -> tuple[str, ...]:
    """All leaves of several codings."""
    return tuple(path for coding in codings for path in coding.paths)
