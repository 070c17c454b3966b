"""The parameters of a search that are understood for each type, and how a resource is held against one.

Source: FHIR R4, Search; the search parameters of the conformance resources. NamingSystem has no url in R4:
there ``url`` means one of its spellings, as ``value`` does.
"""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

Json = dict[str, Any]
Kind = Literal["uri", "token", "string"]


class Parameter(msgspec.Struct, frozen=True):
    """A search parameter: how its values are compared, and which values a resource has for it."""

    name: str
    kind: Kind
    values: Callable[[Json], list[str]]
    about: str

    def fits(self, resource: Json, wanted: str, modifier: str) -> bool:
        """Whether the resource has one of the values (parted by commas) that are wanted."""
        return any(
            self._meets(value, one, modifier) for one in _parted(wanted) for value in self.values(resource)
        )

    def _meets(self, value: str, wanted: str, modifier: str) -> bool:
        if self.kind == "uri":
            bare, _, version = wanted.partition("|")
            return (
                value == wanted or (not version and value == bare)
                if modifier == ""
                else value.startswith(wanted)
            )
        if self.kind == "token":
            return value == wanted.rpartition("|")[2]
        if modifier == "exact":
            return value == wanted
        own, other = _plain(value), _plain(wanted)
        return other in own if modifier == "contains" else own.startswith(other)


MODIFIERS: Mapping[Kind, frozenset[str]] = {
    "uri": frozenset({"", "below"}),
    "token": frozenset({""}),
    "string": frozenset({"", "exact", "contains"}),
}
"""The modifiers of a search that are understood."""


def _member(name: str) -> Callable[[Json], list[str]]:
    return lambda resource: [resource[name]] if isinstance(resource.get(name), str) else []


def _canonical(resource: Json) -> list[str]:
    """The url, alone and with the version that the resource has (R4, canonical: ``url|version``)."""
    url, version = resource.get("url"), resource.get("version")
    if not isinstance(url, str):
        return []
    return [url, f"{url}|{version}"] if isinstance(version, str) else [url]


def _spellings(resource: Json) -> list[str]:
    found = [one for one in resource.get("uniqueId", ()) if isinstance(one.get("value"), str)]
    values = [one["value"] for one in found]
    return values + [f"urn:oid:{one['value']}" for one in found if one.get("type") == "oid"]


def _groups(name: str) -> Callable[[Json], list[str]]:
    return lambda resource: [group[name] for group in resource.get("group", ()) if name in group]


_ALL = (
    Parameter("_id", "token", _member("id"), "The logical id."),
    Parameter("name", "string", _member("name"), "The computer-friendly name, from its beginning."),
    Parameter("title", "string", _member("title"), "The title, from its beginning."),
    Parameter("status", "token", _member("status"), "draft, active, retired or unknown."),
)
_VERSIONED = (
    Parameter("url", "uri", _canonical, "The canonical url."),
    Parameter("version", "token", _member("version"), "The business version."),
)
_OWN: Mapping[str, tuple[Parameter, ...]] = {
    "CodeSystem": (Parameter("system", "uri", _member("url"), "The system of the codes: its url."),),
    "ConceptMap": (
        Parameter("source-system", "uri", _groups("source"), "A code system that is mapped from."),
        Parameter("target-system", "uri", _groups("target"), "A code system that is mapped to."),
    ),
    "NamingSystem": (
        Parameter("url", "uri", _spellings, "One of the spellings of the system."),
        Parameter("value", "uri", _spellings, "One of the spellings of the system."),
        Parameter("kind", "token", _member("kind"), "codesystem, identifier or root."),
    ),
    "OperationDefinition": (Parameter("code", "token", _member("code"), "The name of the operation."),),
    "StructureDefinition": (
        Parameter("type", "uri", _member("type"), "The type that is constrained."),
        Parameter("base", "uri", _member("baseDefinition"), "What is constrained."),
        Parameter("kind", "token", _member("kind"), "resource or complex-type."),
    ),
}


def parameters_of(kind: str) -> dict[str, Parameter]:
    """The search parameters of a type, by name."""
    versioned = () if kind == "NamingSystem" else _VERSIONED
    return {one.name: one for one in (*_ALL, *versioned, *_OWN.get(kind, ()))}


def _parted(wanted: str) -> list[str]:
    return [one for one in wanted.split(",") if one]


def _plain(text: str) -> str:
    """As strings are compared: without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
