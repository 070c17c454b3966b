"""Our conformance resources as a FHIR package: the archive that FHIR tools load (npm's form).

    package/package.json     name, version, canonical, what it depends on
    package/.index.json      what is in it
    package/*.json           StructureDefinitions, CodeSystems, ValueSets, ConceptMaps, NamingSystems
    package/example/*.json   examples

The same content gives the same bytes: names are sorted, times and owners fixed.
"""

import gzip
import io
import tarfile
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from adapter.fhir.profile.guide import guide

Json = dict[str, Any]

NAME = "vardbro.fhir"
DEPENDENCIES = {"hl7.fhir.r4.core": "4.0.1", "hl7se.fhir.base": "1.1.0"}

_TIME = 499162500
"""26 October 1985, 08:15 UTC: the time that npm gives to every file of a package."""

_INDEXED = ("id", "url", "version", "kind", "type", "derivation", "supplements", "content")


def write_package(resources: Iterable[Json], examples: Iterable[Json], version: str, base: str) -> bytes:
    """The archive (gzipped tar). `base` is the canonical base that the resources are written with."""
    whole = [*resources]
    whole.append(guide(whole, NAME, version, base, DEPENDENCIES))
    files = {
        "package/package.json": _json(_manifest(version, base)),
        **_folder("package", whole),
        **_folder("package/example", examples),
    }
    return _archive(files)


def file_name(resource: Json) -> str:
    """The name of a resource's file: ``Type-id.json``."""
    return f"{resource['resourceType']}-{resource['id']}.json"


def _folder(path: str, resources: Iterable[Json]) -> dict[str, bytes]:
    named = {file_name(one): one for one in resources}
    index = {"index-version": 1, "files": [_entry(name, named[name]) for name in sorted(named)]}
    return {
        f"{path}/.index.json": _json(index),
        **{f"{path}/{name}": _json(named[name]) for name in sorted(named)},
    }


def _entry(name: str, resource: Json) -> Json:
    told = {key: resource[key] for key in _INDEXED if isinstance(resource.get(key), str)}
    return {"filename": name, "resourceType": resource["resourceType"], **told}


def _manifest(version: str, base: str) -> Json:
    return {
        "name": NAME,
        "version": version,
        "canonical": base,
        "type": "IG",
        "title": "vardbro: reporting of Swedish care contacts",
        "description": "Profiles, extensions, code systems, value sets and maps of the FHIR adapter vardbro.",
        "author": "vardbro",
        "fhirVersions": ["4.0.1"],
        "jurisdiction": "urn:iso:std:iso:3166#SE",
        "dependencies": DEPENDENCIES,
        "directories": {"lib": "package", "example": "example"},
        "url": base,
    }


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def _archive(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = len(content), _TIME, 0o644
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=_TIME)
