"""The page of assumptions: names in messages, and rules that are our reading."""

from collections.abc import Iterable, Iterator
from typing import Any

from adapter.docs_pages.markdown import cell
from adapter.docs_pages.schema import assumed_members
from adapter.rules.reading import Pack

_HEAD = """# Assumptions

What the registers and the source documents do not say, and vardbro therefore assumes: the names in the
registers' messages, and the rules that are our reading. When a register's real specification is there, its
names and paths are changed by configuration (`rename` and `paths` of the register), and rules by editing
their pack.

*Made by `python -m adapter.docs_pages` from `profiles/registers` and `mappings/rules`. Do not edit.*
"""


def assumptions_page(packs: Iterable[Pack], schemas: Iterable[tuple[str, dict[str, Any]]]) -> str:
    """The page (Markdown). `schemas` are the registers' JSON schemas with the names of their files."""
    parts = [_HEAD, "## Names in the registers' messages\n"]
    parts += [part for file, schema in schemas for part in _of_schema(file, schema)]
    parts.append("## Rules that are our reading\n")
    parts += [part for pack in packs for part in _of_pack(pack)]
    return "\n".join(parts)


def _of_schema(file: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"### {schema.get('title', file)} (`{file}`)\n"
    yield "| member | what it is |\n|---|---|"
    for member in assumed_members(schema):
        yield f"| `{member.path}` | {cell(member.said)} |"
    yield ""


def _of_pack(pack: Pack) -> Iterator[str]:
    rules = [rule.face for rule in pack.rules if rule.face.assumed]
    if not rules:
        return
    yield f"### {pack.head.pack}\n"
    yield "| rule | what it says | nearest source |\n|---|---|---|"
    for rule in rules:
        source = f"{rule.source.document}, {rule.source.section}"
        yield f"| `{rule.id}` | {cell(rule.text.en)} | {cell(source)} |"
    yield ""
