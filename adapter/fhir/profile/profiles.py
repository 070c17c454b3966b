"""The profiles of an installation: read, found by url, asked about a resource."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from adapter.domain.canonical import rebased
from adapter.domain.finding import Findings
from adapter.errors import PackError
from adapter.fhir.profile.check import Check
from adapter.fhir.profile.codes import ValueSets
from adapter.fhir.profile.element import Element, build_tree
from adapter.fhir.profile.slicing import Slicer
from adapter.fhir.profile.unchecked import unchecked_parts
from adapter.resources import Folders, below, layered

Json = dict[str, Any]


class Contents(NamedTuple):
    """The resources of an installation's profiles: profiles and extensions, value sets, code systems."""

    definitions: Sequence[Json]
    value_sets: Sequence[Json] = ()
    code_systems: Sequence[Json] = ()


class Profiles:
    """StructureDefinitions by url, with the value sets that they bind to.

    `contents` gives them when they are first needed, and the tree of a profile is made when it is first asked
    for: a start does not wait for profiles that nobody claims.
    """

    def __init__(self, contents: Callable[[], Contents]) -> None:
        self._give = contents
        self._trees: dict[str, Element] = {}

    @cached_property
    def _contents(self) -> Contents:
        return self._give()

    @cached_property
    def _definitions(self) -> dict[str, Json]:
        return {str(one["url"]): one for one in self._contents.definitions}

    @cached_property
    def value_sets(self) -> ValueSets:
        """The value sets whose codes are known."""
        return ValueSets(self._contents.value_sets, self._contents.code_systems)

    @cached_property
    def urls(self) -> tuple[str, ...]:
        """The canonical urls of the profiles of resources (not of extensions), sorted."""
        return tuple(sorted(url for url, one in self._definitions.items() if one["type"] != "Extension"))

    def has(self, url: str) -> bool:
        """Whether a canonical names one of `urls`, and where it names a version the one that there is."""
        bare, bar, version = url.partition("|")
        return bare in self.urls and (not bar or version == self._definitions[bare].get("version"))

    def claimed(self, resource: Json) -> tuple[str, ...]:
        """Those of these profiles that a resource claims in ``meta.profile``."""
        return tuple(dict.fromkeys(url.partition("|")[0] for url in claims_of(resource) if self.has(url)))

    def definition(self, url: str) -> Json | None:
        """The StructureDefinition (of a profile or extension) with this url, with or without a version."""
        return self._definitions.get(url.partition("|")[0])

    def tree(self, url: str) -> Element | None:
        """The elements of a profile or an extension."""
        url = url.partition("|")[0]
        if url not in self._trees and url in self._definitions:
            self._trees[url] = build_tree(self._definitions[url])
        return self._trees.get(url)

    def type_of(self, url: str) -> str | None:
        """The type that a profile is for."""
        definition = self.definition(url)
        return None if definition is None else str(definition["type"])

    def check(self, resource: Json, url: str, path: str, findings: Findings) -> None:
        """Object to everything by which `resource`, which stands at `path`, breaks the profile `url`.

        Findings have rules FHIR-PROFILE-*, errors among them. R4's structure is not judged here, and a
        resource that breaks it may have any shape. A profile that is not known is a finding, too.
        """
        tree = self.tree(url) if self.has(url) else None
        if tree is None:
            findings.add("FHIR-PROFILE-UNKNOWN", path)
            return
        slicer = Slicer(self.value_sets.has, self.type_of)
        Check(self, slicer, findings, resource).profile(tree, resource, path, url)

    def unchecked(self, url: str) -> tuple[str, ...]:
        """What a profile asks for and `check` cannot tell: value sets, invariants, profiles of elsewhere."""
        tree = self.tree(url)
        return () if tree is None else tuple(unchecked_parts(self, tree))


def claims_of(resource: Any) -> tuple[str, ...]:
    """The canonical urls in ``meta.profile``, each once; some name a version (``url|1.0.0``)."""
    meta = resource.get("meta") if isinstance(resource, dict) else None
    urls = meta.get("profile") if isinstance(meta, dict) else None
    if not isinstance(urls, list):
        return ()
    return tuple(dict.fromkeys(url for url in urls if isinstance(url, str)))


def load_profiles(folders: Folders) -> Profiles:
    """The profiles, extensions, value sets and code systems in `folders` (profiles/), read when first needed.

    A file that is not JSON, or no resource with a url, is then a PackError that names it.
    """
    return Profiles(lambda: _contents(folders))


def _contents(folders: Folders) -> Contents:
    definitions = [*_read(folders, "structure-definitions"), *_read(folders, "extensions")]
    return Contents(definitions, _read(folders, "value-sets"), _read(folders, "code-systems"))


def _read(folders: Folders, kind: str) -> list[Json]:
    resources = []
    for _, file in layered(below(folders, kind), "*.json"):
        try:
            resource = orjson.loads(rebased(file.read_bytes()))
        except orjson.JSONDecodeError as error:
            raise PackError(f"{file}:{error.lineno}: this is not JSON") from None
        if not isinstance(resource, dict) or not isinstance(resource.get("url"), str):
            raise PackError(f"{file}:1: this is no FHIR resource with a url")
        resources.append(resource)
    return resources
