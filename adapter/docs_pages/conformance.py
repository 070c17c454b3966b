"""The page of the conformance grid, and the JSON schema of manifests."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import msgspec

from adapter.conformance.grid import Row, rows
from adapter.conformance.manifest import Manifest, Part
from adapter.conformance.own import own_kit
from adapter.domain.canonical import BASE

_HEAD = """# The conformance grid

Each of our own cases (`vardbro conform`) stands in a cell of its own: the kind of contact, the rule that it
tries, the register, the edition (by the date of care), and what is wrong in it. `*` means every register or
edition; the kind `bundle` that no contact could be read, `okand` that its type cannot be told. `none` under
error means that nothing is wrong: the rule must *not* come up, or decides what is sent. The cases themselves,
with where each comes from, are in `tests/conformance` ([format](conformance-format.md)).

*Made by `python -m adapter.docs_pages` from the manifest. Do not edit; `vardbro conform --grid` prints it.*
"""


def conformance_grid_page() -> str:
    """The page (Markdown)."""
    listed = rows(own_kit().cases)
    return "\n".join((_HEAD, f"{len(listed)} cases.\n", *_counts(listed), *_tables(listed)))


def _counts(listed: list[Row]) -> Iterator[str]:
    """How many cases there are by kind and register."""
    registers = sorted({row.register for row in listed})
    yield f"| kind | {' | '.join(registers)} |"
    yield "|---|" + "---|" * len(registers)
    for kind, group in groupby(listed, key=lambda row: row.kind):
        own = list(group)
        numbers = (sum(row.register == register for row in own) or "" for register in registers)
        yield f"| {kind} | {' | '.join(map(str, numbers))} |"
    yield ""


def _tables(listed: list[Row]) -> Iterator[str]:
    for kind, group in groupby(listed, key=lambda row: row.kind):
        yield f"## {kind}\n"
        yield "| rule | register | edition | error | case |"
        yield "|---|---|---|---|---|"
        for row in group:
            yield f"| `{row.rule}` | {row.register} | {row.edition} | {row.error} | {row.case} |"
        yield ""


def manifest_schema() -> str:
    """The JSON schema of a manifest; a file that one includes is its definition ``Part``."""
    (manifest, _), definitions = msgspec.json.schema_components(
        (Manifest, Part), ref_template="#/$defs/{name}"
    )
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE}/schemas/conformance/manifest.schema.json",
        "title": "vardbro conformance manifest",
        **manifest,
        "$defs": definitions,
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
