"""Writes `order.json`: the elements of R4's types in their order.

    python -m adapter.fhir.xml.generate FOLDER

FOLDER holds HL7's StructureDefinition-*.json of FHIR 4.0.1, as for `adapter.fhir.structure.generate`. Types
that are not there are taken from the R4B models of fhir.resources, but for what R4B has added.
"""

import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from adapter.fhir.structure.generate import build_table
from adapter.fhir.structure.model import build_models
from adapter.fhir.structure.table import Table
from adapter.fhir.xml.order import ORDER_FILE

_ADDED = frozenset({"CodeableReference", "RatioRange"})
"""Data types of R4B that R4 has not."""

_HEAD = "DomainResource"


def build_order(folder: Path) -> dict[str, Any]:
    """The table as JSON; see `order`."""
    table = build_table(folder)
    own = dict(_own_types(table))
    models = dict(_model_types())
    return {
        "resources": sorted(table.resources),
        "r4": {**own, _HEAD: _head(own["Patient"])},
        "other": dict(sorted(_reached(table.resources, own, models).items())),
    }


def _reached(resources: tuple[str, ...], own: dict[str, str], models: dict[str, str]) -> dict[str, str]:
    """The models of the resources that are not our own, and of all that they hold."""
    found: dict[str, str] = {}
    waiting = list(resources)
    while waiting:
        name = waiting.pop()
        if name in models and name not in own and name not in found:
            found[name] = models[name]
            waiting += [word.partition(":")[2].rstrip("*@") for word in models[name].split()]
    return found


def _own_types(table: Table) -> Iterator[tuple[str, str]]:
    for name, model in build_models(table).items():
        if name == "Element":
            continue
        words = [
            _word(p.name, p.type, p.many, table.types[name][p.element].attribute and p.type != "xhtml")
            for p in model.properties.values()
            if not p.sibling and p.name != "resourceType"
        ]
        yield name, " ".join(words)


def _word(name: str, kind: str, many: bool, attribute: bool) -> str:
    return f"{name}:{kind}{'*' if many else ''}{'@' if attribute else ''}"


def _head(patient: str) -> str:
    """What every resource with a narrative has."""
    words = patient.split()
    names = [word.partition(":")[0] for word in words]
    return " ".join(words[: names.index("modifierExtension") + 1])


def _model_types() -> Iterator[tuple[str, str]]:
    package = importlib.import_module("fhir.resources.R4B")
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for name, model in vars(module).items():
            if getattr(model, "__module__", "") == module.__name__ and hasattr(model, "elements_sequence"):
                yield name, " ".join(_model_words(model))


def _model_words(model: Any) -> Iterator[str]:
    is_resource = "meta" in model.model_fields
    by_alias = {field.alias: field for field in model.model_fields.values()}
    for name in model.elements_sequence():
        kind, many = _type_of(by_alias[name].annotation)
        if kind not in _ADDED:
            yield _word(name, kind, many, name == "id" and not is_resource)


def _type_of(annotation: Any) -> tuple[str, bool]:
    """The FHIR type that the annotation of a model's field stands for, and whether it is a list."""
    text = repr(annotation)
    many = "List[" in text
    model = re.search(r"\b(?:abc|fhirtypes)\.(\w+?)Type\b", text)
    if model is not None:
        return model[1], many
    while get_args(annotation) and not hasattr(annotation, "__metadata__"):
        annotation = get_args(annotation)[0]
    if annotation is bool:
        return "boolean", many
    name = type(annotation.__metadata__[-1]).__name__.removesuffix("Version")  # UuidVersion
    return name[0].lower() + name[1:], many


def main(folder: str) -> None:
    """Write the table beside this module."""
    text = json.dumps(build_order(Path(folder)), ensure_ascii=False, indent=0)
    ORDER_FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
