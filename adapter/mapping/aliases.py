"""The alias table: which identifier or code system a URI means, whatever its spelling.

Read from NamingSystem resources (mappings/naming-systems), one for each system: the `uniqueId` of type
*other* is the short name, those of the other types are the accepted spellings. Case, a trailing slash and
the prefix ``urn:oid:`` do not count. A spelling that is wrong but in use carries the extension
`namingsystem-felstavad`.

One system is known but not read straight: WHO's ``http://hl7.org/fhir/sid/icd-10`` has the short name
``icd-10``. Swedish senders mean ICD-10-SE by it, so its codes are read as what `READ_AS` says, with the
finding CODE-ICD10-SYSTEM.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from adapter.domain.canonical import rebased
from adapter.errors import PackError
from adapter.resources import Folders, layered

READ_AS: Mapping[str, str] = {"icd-10": "icd-10-se"}
"""Systems whose codes are read as another's, with a finding."""

_MISSPELT = "/StructureDefinition/namingsystem-felstavad"
_OID = "urn:oid:"
_SHORT_NAME = "other"
_MOST_REMEMBERED = 4096


class AliasTable:
    """URI -> short name. Immutable but for a memory of the spellings it has met."""

    def __init__(self, naming_systems: Iterable[Mapping[str, Any]]) -> None:
        """Build from NamingSystem resources. Raises PackError when one is incomplete or shares a spelling."""
        self._names: dict[str, str] = {}
        self._preferred: dict[str, str] = {}
        self._misspelt: set[str] = set()
        self._met: dict[str, str | None] = {}
        for system in naming_systems:
            self.add(system)

    def name(self, uri: str) -> str | None:
        """The short name of the system that `uri` spells, None if there is none."""
        try:
            return self._met[uri]
        except KeyError:
            return self._meet(uri)

    def misspelt(self, uri: str) -> bool:
        """Whether `uri` is a known misspelling (finding CODE-MISSPELT-SYSTEM)."""
        return normalised(uri) in self._misspelt

    def preferred(self, name: str) -> str:
        """The spelling to write for the system with this short name. Raises KeyError for an unknown one."""
        return self._preferred[name]

    def __iter__(self) -> Iterator[str]:
        """The short names."""
        return iter(self._preferred)

    def _meet(self, uri: str) -> str | None:
        name = self._names.get(normalised(uri))
        if len(self._met) < _MOST_REMEMBERED:
            self._met[uri] = name
        return name

    def add(self, system: Mapping[str, Any]) -> None:
        """Add a NamingSystem, while the table is made. Raises PackError."""
        try:
            ids = system["uniqueId"]
            (name,) = (one["value"] for one in ids if one["type"] == _SHORT_NAME)
            spellings = [one for one in ids if one["type"] != _SHORT_NAME]
            for spelling in spellings:
                self._add_spelling(name, spelling)
            self._preferred[name] = _preferred(spellings)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise PackError(f"NamingSystem {system.get('id', '?')} is incomplete: {error}") from error

    def _add_spelling(self, name: str, spelling: Mapping[str, Any]) -> None:
        key = normalised(spelling["value"])
        owner = self._names.setdefault(key, name)
        if owner != name:
            raise PackError(f"NamingSystem {name} and {owner} share the spelling {spelling['value']}")
        if any(extension["url"].endswith(_MISSPELT) for extension in spelling.get("extension", ())):
            self._misspelt.add(key)


def normalised(uri: str) -> str:
    """The form in which URIs compare: lower case, no trailing slash, no ``urn:oid:``."""
    return uri.lower().removeprefix(_OID).rstrip("/")


def load_aliases(folders: Folders) -> AliasTable:
    """Read every NamingSystem in `folders` (``*.json``). Raises PackError that names the file.

    One in a later folder that has the short name of an earlier one adds its spellings, or takes its place
    when it has its file name.
    """
    table = AliasTable(())
    for _, path in layered(folders, "*.json"):
        resource = _read(path)
        try:
            table.add(resource)
        except PackError as error:
            raise PackError(f"{path}:1: {error}") from None
    return table


def _preferred(spellings: Iterable[Mapping[str, Any]]) -> str:
    """The preferred URI, else the first spelling, with its ``urn:oid:`` where it is a bare OID."""
    ordered = sorted(spellings, key=lambda spelling: not spelling.get("preferred", False))
    first = ordered[0]
    return str(_OID + first["value"] if first["type"] == "oid" else first["value"])


def _read(path: Path) -> Mapping[str, Any]:
    try:
        resource = orjson.loads(rebased(path.read_bytes()))
    except orjson.JSONDecodeError as error:
        raise PackError(f"{path}:{error.lineno}: this is not JSON: {error.msg}") from error
    except OSError as error:
        raise PackError(f"{path}:1: the file cannot be read ({error.strerror})") from error
    if not isinstance(resource, dict) or resource.get("resourceType") != "NamingSystem":
        raise PackError(f"{path}:1: no NamingSystem")
    return resource
