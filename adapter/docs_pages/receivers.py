"""One page for each receiver: every field with its source, every rule of every edition, what is not told."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapter.docs_pages.markdown import cell, made_from
from adapter.docs_pages.schema import all_members
from adapter.rules import Packs
from adapter.rules.reading import Pack, PackRule

_TITLES = {
    "gvr": "GVR: Gemensamt Vårdregister, Region Stockholm",
    "pasis": "PASiS, Region Skåne",
    "signe": "SIGN-e: SKR's follow-up of access to primary care",
    "listning": "Listning: the regional listing service, Västra Götalandsregionen",
}
_SEVERITIES = {"error": "error: not sent", "warning": "warning: sent", "information": "information: sent"}


def receiver_page(register: str, packs: Packs, schemas: Mapping[str, dict[str, Any]]) -> str:
    """The page (Markdown) of one register. `schemas` are those of its messages, by ``register/service``."""
    own = [pack for pack in packs.packs if pack.head.register == register]
    parts = [f"# {_TITLES.get(register, register)}\n", _INTRODUCTION]
    parts.append(made_from("profiles/registers", "mappings/rules") + "\n")
    for service in sorted({pack.head.service or "" for pack in own}):
        editions = [pack for pack in own if pack.head.service == service]
        parts += _service(service, editions, schemas.get(f"{register}/{service}"))
    return "\n".join(parts)


_INTRODUCTION = """What this register is told, field by field, and the rules that decide. *Source in FHIR*
names the elements that a field is read from; `vardbro map FILE --trace` shows for one message which element
and which rules gave each field. *Assumed* marks what the register or the source documents do not say
([assumptions](../assumptions.md)). Rules cite a document by its [short name](../sources.md); the date of care
picks the edition.
"""


def _service(service: str, editions: list[Pack], schema: dict[str, Any] | None) -> Iterator[str]:
    yield f"## Service {service}\n"
    yield "| edition | dates of care | pack |\n|---|---|---|"
    for pack in editions:
        yield f"| {cell(pack.head.edition)} | {_period(pack)} | `{pack.head.pack}` |"
    yield ""
    if schema is not None:
        yield from _fields(schema)
    rules = _by_rule(editions)
    demands = {rule: packs for rule, packs in rules.items() if not packs[-1][1].entry.not_reported}
    excepts = {rule: packs for rule, packs in rules.items() if rule not in demands}
    yield "### What is not reported, and why\n"
    yield from _table(excepts, editions, "The register is told of every event that this service is for.\n")
    yield "### Rules of what is reported\n"
    yield from _table(demands, editions, "There are none.\n", severity=True)


def _fields(schema: dict[str, Any]) -> Iterator[str]:
    yield "### Fields\n"
    if schema.get("description"):
        yield f"{' '.join(schema['description'].split())}\n"
    required = set(schema.get("required", ()))
    yield "| field | | what it is | source in FHIR | assumed |\n|---|---|---|---|---|"
    for member in all_members(schema):
        always = "always" if member.path in required else ""
        source = cell(str(member.schema.get("x-fhir", "")))
        assumed = "yes" if member.assumed else ""
        yield f"| `{member.path}` | {always} | {cell(member.said)} | {source} | {assumed} |"
    yield ""


def _by_rule(editions: list[Pack]) -> dict[str, list[tuple[Pack, PackRule]]]:
    """Each rule with the editions that have it, oldest first."""
    found: dict[str, list[tuple[Pack, PackRule]]] = {}
    for pack in editions:
        for rule in pack.rules:
            found.setdefault(rule.face.id, []).append((pack, rule))
    return found


def _table(
    rules: dict[str, list[tuple[Pack, PackRule]]], editions: list[Pack], empty: str, *, severity: bool = False
) -> Iterator[str]:
    if not rules:
        yield empty
        return
    yield "| rule | " + ("severity | " if severity else "") + "what it says | source | editions | assumed |"
    yield "|---|" + ("---|" if severity else "") + "---|---|---|---|"
    for name, packs in rules.items():
        face = packs[-1][1].face
        said = f"{cell(face.text.en)}<br>*{cell(face.text.sv)}*"
        if face.todo is not None:
            said += f"<br>To do: {cell(face.todo.en)}"
        grave = ""
        if severity:
            grave = f"{'error: held' if face.hold else _SEVERITIES[face.severity]} | "
        source = cell(f"{face.source.document}, {face.source.section}")
        yield f"| `{name}` | {grave}{said} | {source} | {_in(packs, editions)} | {_assumed(packs)} |"
    yield ""


def _in(packs: list[tuple[Pack, PackRule]], editions: list[Pack]) -> str:
    if len(packs) == len(editions):
        return "all"
    return cell(", ".join(pack.head.edition for pack, _ in packs))


def _assumed(packs: list[tuple[Pack, PackRule]]) -> str:
    """``yes``, or in which editions, where they differ."""
    assumed = [pack.head.edition for pack, rule in packs if rule.face.assumed]
    if len(assumed) == len(packs):
        return "yes"
    return cell(", ".join(assumed))


def _period(pack: Pack) -> str:
    return f"{pack.head.valid_from or 'always'} to {pack.head.valid_to or 'further notice'}"
