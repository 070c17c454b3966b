"""What can carry a statement beside rules: the concept maps and the fields of the registers' messages."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adapter.rules.statements import FIELD, MAP


def known_carriers(mappings: Path, profiles: Path) -> frozenset[str]:
    """Their names: ``map:yrke-yrkesgrupp``, ``field:gvr-vardkontakt:diagnoser.kod``."""
    maps = {
        MAP + json.loads(file.read_text("utf-8"))["id"] for file in (mappings / "concept-maps").glob("*.json")
    }
    fields = {
        f"{FIELD}{file.parent.name}-{file.name.removesuffix('.schema.json')}:{path}"
        for file in (profiles / "registers").glob("*/*.schema.json")
        for path in _paths(json.loads(file.read_text("utf-8")), "")
    }
    return frozenset(maps | fields)


def _paths(schema: dict[str, Any], path: str) -> Iterator[str]:
    for name, below in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        yield here
        yield from _paths(below, here)
        yield from _paths(below.get("items", {}), here)
