"""Value sets that can be listed: which codes they have."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Json = dict[str, Any]
Listed = Mapping[str, frozenset[str]]
"""System -> codes."""


class ValueSets:
    """The closed value sets among `value_sets`, by url.

    A set that includes a whole code system whose codes are not here, a filter or another set cannot be
    listed: whether a code is in it nobody can tell, and `has` says None.
    """

    def __init__(self, value_sets: Iterable[Json], code_systems: Iterable[Json]) -> None:
        systems = {one["url"]: frozenset(_codes(one.get("concept", ()))) for one in code_systems}
        complete = {url: codes for url, codes in systems.items() if codes}
        self._listed = {one["url"]: _listed(one, complete) for one in value_sets}

    def __contains__(self, url: object) -> bool:
        """Whether the codes of this set are known."""
        return isinstance(url, str) and self._listed.get(url) is not None

    def codes(self, url: str) -> Listed | None:
        """The codes of a set by system, None where they are not known."""
        return self._listed.get(url)

    def has(self, url: str, value: Any) -> bool | None:
        """Whether the set has a code, a Coding, or one of the codings of a CodeableConcept."""
        listed = self._listed.get(url)
        if listed is None:
            return None
        if isinstance(value, dict) and "coding" in value:
            codings = value["coding"] if isinstance(value["coding"], list) else []
            return any(_has(listed, coding) for coding in codings)
        return _has(listed, value)


def _has(listed: Listed, value: Any) -> bool:
    if isinstance(value, str):
        return any(value in codes for codes in listed.values())
    if not isinstance(value, dict):
        return False
    system, code = value.get("system"), value.get("code")
    return isinstance(system, str) and isinstance(code, str) and code in listed.get(system, ())


def _listed(value_set: Json, systems: Listed) -> Listed | None:
    compose = value_set.get("compose", {})
    if compose.get("exclude"):
        return None
    found: dict[str, frozenset[str]] = {}
    for include in compose.get("include", ()):
        if include.get("filter") or include.get("valueSet"):
            return None
        own = frozenset(one["code"] for one in include.get("concept", ())) or systems.get(include["system"])
        if own is None:
            return None
        found[include["system"]] = found.get(include["system"], frozenset()) | own
    return found or None


def _codes(concepts: Iterable[Json]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", ()))
