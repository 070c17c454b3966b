"""Writes `r4.json`, the compact table of R4's types, from HL7's definitions.

    python -m adapter.fhir.structure.generate FOLDER

FOLDER holds StructureDefinition-*.json, ValueSet-*.json and CodeSystem-*.json of FHIR 4.0.1. Value sets that
cannot be listed from there (currencies, MIME types) are left out of the table: their codes stay unchecked.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from adapter.fhir.structure.table import RESOURCE, TABLE_FILE, Element, Table

_DEFINITION = "http://hl7.org/fhir/StructureDefinition/"
_REGEX = _DEFINITION + "regex"
_ABSTRACT = {"Element", "BackboneElement", "DomainResource", RESOURCE}

Json = dict[str, Any]


def build_table(folder: Path) -> Table:
    """The table of all types that are defined in `folder`."""
    definitions = list(_read(folder, "StructureDefinition"))
    systems = {system["url"]: _codes_of(system["concept"]) for system in _read(folder, "CodeSystem")}
    expanded = {value_set["url"]: _expand(value_set, systems) for value_set in _read(folder, "ValueSet")}
    codes = {_name(url): listed for url, listed in expanded.items() if listed}
    types: dict[str, dict[str, Element]] = {}
    for definition in definitions:
        if definition["kind"] != "primitive-type" and definition["name"] not in _ABSTRACT:
            types.update(_types_of(definition, codes))
    return Table(
        version="4.0.1",
        resources=tuple(
            name for name in systems["http://hl7.org/fhir/resource-types"] if name not in _ABSTRACT
        ),
        primitives={d["name"]: _regex(d) for d in definitions if d["kind"] == "primitive-type"},
        codes=codes,
        types=types,
    )


def _read(folder: Path, kind: str) -> Iterator[Json]:
    for path in sorted(folder.glob(f"{kind}-*.json")):
        yield json.loads(path.read_bytes())


def _codes_of(concepts: list[Json]) -> tuple[str, ...]:
    codes: list[str] = []
    for concept in concepts:
        codes.append(concept["code"])
        codes.extend(_codes_of(concept.get("concept", [])))
    return tuple(codes)


def _expand(value_set: Json, systems: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    listed: dict[str, tuple[str, ...]] = {}
    for include in value_set["compose"]["include"]:
        concepts = include.get("concept")
        codes = _codes_of(concepts) if concepts else systems.get(include["system"])
        if codes is None or include.get("filter") or include.get("valueSet"):
            return {}
        listed[include["system"]] = listed.get(include["system"], ()) + codes
    return listed


def _regex(definition: Json) -> str:
    value = next(e for e in definition["snapshot"]["element"] if e["path"].endswith(".value"))
    for extension in value["type"][0].get("extension", ()):
        if extension["url"] == _REGEX:
            return str(extension["valueString"])
    return ""


def _types_of(definition: Json, codes: dict[str, dict[str, tuple[str, ...]]]) -> Iterator[tuple[str, Any]]:
    """The type itself and each of its backbone types, named by path."""
    rows = definition["snapshot"]["element"]
    root: str = rows[0]["path"]
    parents = {row["path"].rpartition(".")[0] for row in rows}
    members: dict[str, dict[str, Element]] = {}
    for row in rows[1:]:
        parent, _, name = row["path"].rpartition(".")
        if row["max"] != "0":
            own = members.setdefault(parent, {})
            own[name.removesuffix("[x]")] = _element(row, row["path"] in parents, codes)
    for path, elements in members.items():
        yield definition["name"] + path.removeprefix(root), elements


def _element(row: Json, backbone: bool, codes: dict[str, dict[str, tuple[str, ...]]]) -> Element:
    given = row.get("type", [])
    binding = row.get("binding", {})
    value_set = _name(binding.get("valueSet", "")) if binding.get("strength") == "required" else ""
    targets = [_name(profile) for kind in given for profile in kind.get("targetProfile", ())]
    return Element(
        min=row["min"],
        many=row["max"] != "1",
        types=_type_names(row, backbone),
        choice=row["path"].endswith("[x]"),
        targets=() if RESOURCE in targets else tuple(dict.fromkeys(targets)),
        codes=value_set if value_set in codes else None,
        attribute=bool({"xmlAttr", "xhtml"} & set(row.get("representation", ()))),
    )


def _type_names(row: Json, backbone: bool) -> tuple[str, ...]:
    if backbone:
        return (row["path"],)
    if "contentReference" in row:
        return (row["contentReference"].removeprefix("#"),)
    if row["base"]["path"] == "Resource.id":  # the definition says string; the specification's text says id
        return ("id",)
    return tuple(_type_name(kind) for kind in row["type"])


def _type_name(kind: Json) -> str:
    code: str = kind["code"]
    if code.startswith("http://hl7.org/fhirpath/"):  # Element.id and Extension.url: attributes
        return next(str(e["valueUrl"]) for e in kind["extension"] if "valueUrl" in e)
    profiles = [_name(profile) for profile in kind.get("profile", ())]
    return profiles[0] if profiles and code == "Quantity" else code


def _name(url: str) -> str:
    return url.partition("|")[0].rpartition("/")[2]


def main(folder: str) -> None:
    """Write the table beside this module."""
    table = msgspec.to_builtins(build_table(Path(folder)))
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for key in ("codes", "primitives", "resources", "types", "version"):
        text = text.replace(f',"{key}":', f',\n"{key}":')
    TABLE_FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
