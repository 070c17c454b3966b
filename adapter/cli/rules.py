"""``vardbro rules list|show|check``: which rules apply, where one comes from, whether a folder is sound.

The other commands on rules speak with a service: adapter.cli.reloading, adapter.cli.trying.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from adapter.cli.cases import cases
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import AtOption, ConfigOption, JsonOption, LangOption, RegisterOption
from adapter.cli.reloading import reload, version
from adapter.cli.statements import StatementsOption, list_statements
from adapter.cli.trying import try_rules
from adapter.config import load_config
from adapter.domain.text import Lang
from adapter.errors import PackError
from adapter.mapping.aliases import load_aliases
from adapter.mapping.concept_maps import load_concept_maps
from adapter.mapping.map_review import Known, closed_systems, review_maps
from adapter.mapping.terminology import load_kombika, load_terminology
from adapter.output import console, json_line, table
from adapter.overlay import KINDS, mapping_folders
from adapter.resources import Folders, below, data_folder, in_order
from adapter.rules.load import load_packs
from adapter.rules.problem import Problem
from adapter.rules.reading import Pack, PackRule
from adapter.rules.review import review_folder

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="The rules and their editions.")

FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", exists=True, file_okay=False, help="Only these packs (else what is installed)."),
]
OverlayOption = Annotated[
    Path | None,
    typer.Option(
        "--overlay", metavar="FOLDER", exists=True, file_okay=False, help="Laid over what is installed."
    ),
]

app.command("reload")(reload)
app.command("version")(version)
app.command("try")(try_rules)
app.command("cases")(cases)


@app.command("list")
def list_rules(
    register: RegisterOption = None,
    at: AtOption = None,
    folder: FolderOption = None,
    overlay: OverlayOption = None,
    config: ConfigOption = None,
    lang: LangOption = "sv",
    statements: StatementsOption = False,
    as_json: JsonOption = False,
) -> int:
    """List the active editions and their rules; --at picks those of another date of care than today."""
    if statements:
        list_statements(as_json)
        return FINE
    day = date.fromisoformat(at) if at else date.today()
    packs = [
        pack
        for pack in load_packs(_rule_folders(folder, overlay, config)).packs
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
                _origin(rule) if rule.layer else "",
                rule.face.text.to(lang),
            )
            for rule in pack.rules
        )
        out.print(table(_title(pack), ("rule", "severity", "source", "", "own", "text"), rows))
    return FINE


@app.command()
def show(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule's id, as findings name it.")],
    folder: FolderOption = None,
    overlay: OverlayOption = None,
    config: ConfigOption = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """Show one rule with its citation, in each edition that has it."""
    found = [
        (pack, one)
        for pack in load_packs(_rule_folders(folder, overlay, config)).packs
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
        Path | None,
        typer.Argument(exists=True, file_okay=False, help="An overlay, or packs (else what is installed)."),
    ] = None,
    overlay: OverlayOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check the packs of a folder; names file and line of every problem, exit 1 when there is a fatal one.

    An overlay (a folder with the folder rules, or others that overlays have) is checked over what is
    installed, with its maps and tables.
    """
    if folder is not None and overlay is None and _is_overlay(folder):
        folder, overlay = None, folder
    if folder is not None:
        packs, problems = review_folder(folder)
    else:
        folders = _mappings(overlay, config)
        packs, problems = review_folder(below(folders, "rules"))
        problems += _maps_and_tables(folders)
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


def _rule_folders(folder: Path | None, overlay: Path | None, config: Path | None) -> Folders:
    return folder if folder is not None else below(_mappings(overlay, config), "rules")


def _mappings(overlay: Path | None, config: Path | None) -> tuple[Path, ...]:
    return mapping_folders(load_config(config), *(() if overlay is None else (overlay,)))


def _is_overlay(folder: Path) -> bool:
    return any((folder / kind).is_dir() for kind in KINDS)


def _maps_and_tables(folders: Folders) -> list[Problem]:
    """The first problem of each kind of maps and tables; where all of them load, what the maps lead to."""
    problems: list[Problem] = []

    def tried(load: Callable[[], object]) -> None:
        try:
            load()
        except PackError as error:
            place, _, text = str(error).partition(": ")
            file, _, line = place.rpartition(":")
            known = line.isdecimal()
            problems.append(
                Problem(
                    file=Path(file if known else place) if text else in_order(folders)[-1],
                    line=int(line) if known else 1,
                    text=text or str(error),
                )
            )

    tried(
        lambda: load_concept_maps(
            below(folders, "concept-maps"), load_aliases(below(folders, "naming-systems"))
        )
    )
    tried(lambda: load_terminology(below(folders, "tables")))
    tried(lambda: load_kombika(below(folders, "tables")))
    return problems or _targets(folders)


def _targets(folders: Folders) -> list[Problem]:
    """What the maps translate to and nobody knows; asked when maps and tables load."""
    aliases = load_aliases(below(folders, "naming-systems"))
    known = Known(
        aliases,
        closed_systems(data_folder("profiles") / "code-systems", aliases),
        load_terminology(below(folders, "tables")),
        date.today().isoformat(),
    )
    return [
        Problem(file=one.file, line=one.line, text=one.text, fatal=one.fatal)
        for one in review_maps(below(folders, "concept-maps"), known)
    ]


def _origin(rule: PackRule) -> str:
    return f"{rule.source.file}:{rule.source.line(rule.place)}"


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
        "file": _origin(rule),
        "own": rule.layer > 0,
    }


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values())
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)
