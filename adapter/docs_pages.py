"""Pages and schemas that are made from the data: ``python -m adapter.docs_pages`` writes them anew.

A test compares what is committed with what would be written, so that neither can go stale.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from adapter.domain.canonical import BASE
from adapter.resources import data_folder
from adapter.rules.load import load_packs
from adapter.rules.pack import PackFile
from adapter.rules.reading import Pack

_HEAD = """# Assumptions

What the registers and the source documents do not say, and vardbro therefore assumes: the names in the
registers' messages, and the rules that are our reading. When a register's real specification is there, its
names and paths are changed by configuration (`rename` and `paths` of the register), and rules by editing
their pack.

*Made by `python -m adapter.docs_pages` from `profiles/registers` and `mappings/rules`. Do not edit.*
"""


class Member(NamedTuple):
    """One member of a register's message: its path in the body (``diagnoser[].kod``) and its schema."""

    path: str
    schema: dict[str, Any]


def assumptions_page(packs: Iterable[Pack], schemas: Iterable[tuple[str, dict[str, Any]]]) -> str:
    """The page (Markdown). `schemas` are the registers' JSON schemas with the names of their files."""
    parts = [_HEAD, "## Names in the registers' messages\n"]
    parts += [part for file, schema in schemas for part in _of_schema(file, schema)]
    parts.append("## Rules that are our reading\n")
    parts += [part for pack in packs for part in _of_pack(pack)]
    return "\n".join(parts)


def pack_schema() -> str:
    """The JSON schema of a rule pack, for editors that check while one writes."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE}/schemas/pack.schema.json",
        "title": "vardbro rule pack",
        **msgspec.json.schema(PackFile),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def assumed_members(schema: dict[str, Any]) -> Iterator[Member]:
    """The members of a register's message that the schema marks with ``x-assumed``, in their order."""
    return (member for member in _members(schema, schema, "") if member.schema.get("x-assumed") is True)


def pages() -> dict[Path, str]:
    """Every file that this module makes, with what belongs in it. Needs a checkout."""
    profiles = data_folder("profiles")
    registers = profiles / "registers"
    schemas = [
        (file.relative_to(profiles.parent).as_posix(), json.loads(file.read_text("utf-8")))
        for file in sorted(registers.glob("*/*.schema.json"))
    ]
    packs = load_packs(data_folder("mappings") / "rules").packs
    return {
        profiles.parent / "docs" / "reference" / "assumptions.md": assumptions_page(packs, schemas),
        profiles / "rules" / "pack.schema.json": pack_schema(),
    }


def main() -> None:
    """Write all pages."""
    for file, text in pages().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def _of_schema(file: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"### {schema.get('title', file)} (`{file}`)\n"
    yield "| member | what it is |\n|---|---|"
    for member in assumed_members(schema):
        said = ": ".join(
            text for text in (member.schema.get("title"), member.schema.get("description")) if text
        )
        yield f"| `{member.path}` | {_cell(said)} |"
    yield ""


def _of_pack(pack: Pack) -> Iterator[str]:
    rules = [rule.face for rule in pack.rules if rule.face.assumed]
    if not rules:
        return
    yield f"### {pack.head.pack}\n"
    yield "| rule | what it says | nearest source |\n|---|---|---|"
    for rule in rules:
        source = f"{rule.source.document}, {rule.source.section}"
        yield f"| `{rule.id}` | {_cell(rule.text.en)} | {_cell(source)} |"
    yield ""


def _members(schema: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[Member]:
    for name, below in schema.get("properties", {}).items():
        yield from _member(below, root, f"{path}.{name}" if path else name)


def _member(schema: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[Member]:
    yield Member(path, schema)
    whole = {**_target(schema, root), **schema}
    yield from _members(whole, root, path)
    items = whole.get("items")
    if isinstance(items, dict):
        yield from _members({**_target(items, root), **items}, root, f"{path}[]")


def _target(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """What a ``$ref`` within the file points at; nothing for a schema without one."""
    reference = schema.get("$ref", "")
    found: Any = root if reference.startswith("#/") else {}
    for step in reference.removeprefix("#/").split("/") if found else ():
        found = found.get(step, {})
    return dict(found) if reference else {}


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    main()
