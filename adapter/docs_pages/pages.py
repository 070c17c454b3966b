"""Every page that is made, with its place."""

import json
from pathlib import Path
from typing import Any

import msgspec

from adapter.docs_pages.assumptions import assumptions_page
from adapter.docs_pages.conformance import conformance_grid_page, manifest_schema
from adapter.docs_pages.disagreements import disagreements_page
from adapter.docs_pages.errors import errors_page
from adapter.docs_pages.grid import grid_page
from adapter.docs_pages.profiles import profile_pages
from adapter.docs_pages.receivers import receiver_page
from adapter.docs_pages.statements import statements_page
from adapter.domain.canonical import BASE
from adapter.resources import data_folder
from adapter.rules.load import load_packs
from adapter.rules.pack import PackFile
from adapter.rules.statements import load_statements


def pages() -> dict[Path, str]:
    """Every file that this module makes, with what belongs in it. Needs a checkout."""
    profiles, mappings = data_folder("profiles"), data_folder("mappings")
    reference = profiles.parent / "docs" / "reference"
    schemas = read_schemas(profiles)
    packs = load_packs(mappings / "rules")
    named = [(f"profiles/registers/{place}.schema.json", schema) for place, schema in schemas.items()]
    made = {
        reference / "assumptions.md": assumptions_page(packs.packs, named),
        reference / "statements.md": statements_page(load_statements(mappings / "statements"), packs),
        reference / "errors.md": errors_page(packs.packs),
        reference / "grid.md": grid_page(),
        reference / "conformance-grid.md": conformance_grid_page(),
        profiles / "rules" / "pack.schema.json": pack_schema(),
        profiles / "conformance" / "manifest.schema.json": manifest_schema(),
    }
    registers = {pack.head.register for pack in packs.packs if pack.head.register}
    for register in sorted(registers):
        page = receiver_page(register, packs, schemas)
        made[reference / "receivers" / f"{register}.md"] = page
    made |= {reference / "profiles" / name: page for name, page in profile_pages(profiles)}
    explained = profiles.parent / "tests" / "fhir" / "differential" / "disagreements.yaml"
    made[reference / "validator-disagreements.md"] = disagreements_page(explained)
    return made


def read_schemas(profiles: Path) -> dict[str, dict[str, Any]]:
    """The schemas of the registers' messages by ``register/service``."""
    registers = profiles / "registers"
    return {
        file.relative_to(registers).as_posix().removesuffix(".schema.json"): json.loads(
            file.read_text("utf-8")
        )
        for file in sorted(registers.glob("*/*.schema.json"))
    }


def pack_schema() -> str:
    """The JSON schema of a rule pack, for editors that check while one writes."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE}/schemas/pack.schema.json",
        "title": "vardbro rule pack",
        **msgspec.json.schema(PackFile),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Write all pages."""
    for file, text in pages().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
