"""``vardbro rules list|show|check``: which rules apply, where one comes from, whether a folder is sound."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import AtOption, JsonOption, LangOption, RegisterOption
from adapter.domain.text import Lang
from adapter.output import console, json_line, table
from adapter.resources import data_folder
from adapter.rules.load import load_packs
from adapter.rules.reading import Pack, PackRule
from adapter.rules.review import review_folder

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="The rules and their editions.")

FolderOption = Annotated[
    Path | None, typer.Option("--folder", exists=True, file_okay=False, help="Rule packs (else the shipped).")
]


@app.command("list")
def list_rules(
    register: RegisterOption = None,
    at: AtOption = None,
    folder: FolderOption = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """List the active editions and their rules; --at picks those of another date of care than today."""
    day = date.fromisoformat(at) if at else date.today()
    packs = [
        pack
        for pack in load_packs(_folder(folder)).packs
        if _active(pack, day) and (register is None or pack.head.register in (None, register))
    ]
    if as_json:
        json_line([{**_head(pack), "rules": [_rule(rule, lang) for rule in pack.rules]} for pack in packs])
        return FINE
    out = console()
    for pack in packs:
        rows = (
            (
                rule.face.id,
                "not reported" if rule.entry.not_reported else rule.face.severity,
                f"{rule.face.source.document}, {rule.face.source.section}",
                "assumed" if rule.face.assumed else "",
                rule.face.text.to(lang),
            )
            for rule in pack.rules
        )
        out.print(table(_title(pack), ("rule", "severity", "source", "", "text"), rows))
    return FINE


@app.command()
def show(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule's id, as findings name it.")],
    folder: FolderOption = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """Show one rule with its citation, in each edition that has it."""
    found = [
        (pack, one)
        for pack in load_packs(_folder(folder)).packs
        for one in pack.rules
        if one.face.id == rule.upper()
    ]
    if not found:
        raise typer.BadParameter("there is no such rule; `vardbro rules list` names them")
    if as_json:
        json_line([{**_head(pack), **_rule(one, lang)} for pack, one in found])
        return FINE
    out = console()
    for pack, one in found:
        rows = [(name, _shown(value)) for name, value in {**_head(pack), **_rule(one, lang)}.items()]
        out.print(table(one.face.id, ("", ""), [row for row in rows if row[1]]))
    return FINE


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(exists=True, file_okay=False, help="Rule packs (else the shipped).")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Check the packs of a folder; names file and line of every problem, exit 1 when there is a fatal one."""
    packs, problems = review_folder(_folder(folder))
    fatal = [problem for problem in problems if problem.fatal]
    rules = sum(len(pack.rules) for pack in packs.packs)
    if as_json:
        found = [
            {"file": str(one.file), "line": one.line, "text": one.text, "fatal": one.fatal}
            for one in problems
        ]
        json_line({"packs": len(packs.packs), "rules": rules, "problems": found})
        return FINDINGS if fatal else FINE
    out = console()
    for problem in problems:
        out.print(f"{'error' if problem.fatal else 'note'}: {problem}", markup=False, highlight=False)
    out.print(f"{len(packs.packs)} packs, {rules} rules, {len(fatal)} errors", highlight=False)
    return FINDINGS if fatal else FINE


def _folder(folder: Path | None) -> Path:
    return folder or data_folder("mappings") / "rules"


def _active(pack: Pack, day: date) -> bool:
    head = pack.head
    return (head.valid_from or date.min) <= day <= (head.valid_to or date.max)


def _title(pack: Pack) -> str:
    whose = (
        f"{pack.head.register} {pack.head.service or ''}".strip() if pack.head.register else "all registers"
    )
    return f"{pack.head.pack}: {whose}, edition {pack.head.edition}, {_period(pack)}"


def _period(pack: Pack) -> str:
    head = pack.head
    return f"{head.valid_from or 'always'} to {head.valid_to or 'further notice'}"


def _head(pack: Pack) -> dict[str, Any]:
    head = pack.head
    return {
        "pack": head.pack,
        "register": head.register,
        "service": head.service,
        "edition": head.edition,
        "valid_from": head.valid_from.isoformat() if head.valid_from else None,
        "valid_to": head.valid_to.isoformat() if head.valid_to else None,
    }


def _rule(rule: PackRule, lang: Lang) -> dict[str, Any]:
    face, entry = rule.face, rule.entry
    return {
        "rule": face.id,
        "severity": face.severity,
        "not_reported": entry.not_reported,
        "text": face.text.to(lang),
        "todo": face.todo.to(lang) if face.todo else None,
        "source": {"document": face.source.document, "section": face.source.section},
        "assumed": face.assumed,
        "hold": face.hold,
        "when": entry.when,
        "require": entry.require,
        "at": list(entry.at),
        "checked_by": face.checked_by,
    }


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values())
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)
