"""The conformance resources of an installation: those of the profiles, and the maps and naming systems that
are in use, with a user's overlay."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import orjson

from adapter.domain.canonical import rebased
from adapter.mapping.aliases import AliasTable, load_aliases
from adapter.resources import Folders, below, layered

Json = dict[str, Any]

SERVED = (
    "CodeSystem",
    "ConceptMap",
    "MessageDefinition",
    "NamingSystem",
    "OperationDefinition",
    "StructureDefinition",
    "ValueSet",
)
"""The types of resources that are published."""

_PROFILES = (
    "code-systems",
    "extensions",
    "messages",
    "operations",
    "structure-definitions",
    "value-sets",
)
_MAPPINGS = ("concept-maps", "naming-systems")


class Layered(NamedTuple):
    """A resource, and the number of the folder that it comes from: a later one counts before an earlier."""

    layer: int
    resource: Json


class Library:
    """The resources by type and id. Of two with the same id the one of the later folder is shown."""

    def __init__(self, resources: Iterable[Layered], aliases: AliasTable) -> None:
        self.aliases = aliases
        self.maps: list[Layered] = []
        self._by_type: dict[str, dict[str, Json]] = {kind: {} for kind in SERVED}
        for one in resources:
            self._add(one)

    def of_type(self, kind: str) -> list[Json]:
        """All resources of a type, by id."""
        return [one for _, one in sorted(self._by_type.get(kind, {}).items())]

    def find(self, kind: str, number: str) -> Json | None:
        """The resource of a type with this id."""
        return self._by_type.get(kind, {}).get(number)

    def _add(self, one: Layered) -> None:
        kind, number = one.resource.get("resourceType"), one.resource.get("id")
        if kind not in self._by_type or not isinstance(number, str):
            return
        self._by_type[kind][number] = one.resource
        if kind == "ConceptMap":
            self.maps.append(one)


def load_library(profiles: Folders, mappings: Folders) -> Library:
    """Read what is published in these folders. Raises PackError for naming systems that contradict."""
    aliases = load_aliases(below(mappings, "naming-systems"))
    return Library(_read(profiles, mappings), aliases)


def _read(profiles: Folders, mappings: Folders) -> Iterator[Layered]:
    for folders, kinds in ((profiles, _PROFILES), (mappings, _MAPPINGS)):
        for kind in kinds:
            for layer, file in layered(below(folders, kind), "*.json"):
                resource = orjson.loads(rebased(file.read_bytes()))
                if isinstance(resource, dict):
                    yield Layered(layer, resource)


class Shelf:
    """The library, read when it is first asked for, and anew when `version` says that what is in use has
    changed."""

    def __init__(self, read: Callable[[], Library], version: Callable[[], str]) -> None:
        self._read, self._version = read, version
        self._of: str | None = None
        self._library: Library | None = None

    @property
    def library(self) -> Library:
        """The resources of what is in use. Raises PackError, OSError when they cannot be read."""
        version = self._version()
        if self._library is None or self._of != version:
            self._library, self._of = self._read(), version
        return self._library
