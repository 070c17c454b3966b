"""``vardbro edit EVENT`` and ``edit list|show|approve|refuse``: correct what a sender has sent."""

import os
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from typer.core import TyperGroup

from adapter.cli.desk import WrongRequest, desk, part
from adapter.cli.edit_page import print_edit, print_findings, print_list
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.files import contents
from adapter.cli.options import ActorOption, ConfigOption, JsonOption, LangOption, ReasonOption
from adapter.config import load_config
from adapter.domain.text import Lang
from adapter.fhir.parse import parsed_again
from adapter.output import console, json_line

Json = dict[str, Any]


class _EventOrVerb(TyperGroup):
    """A group whose first argument is one of its commands, or the event to edit."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What is no command is an event."""
        known = {*self.commands, "--help"}
        return super().parse_args(ctx, args if not args or args[0] in known else ["event", *args])


app = typer.Typer(
    cls=_EventOrVerb,
    add_completion=False,
    rich_markup_mode=None,
    help="Correct an event's bundle: `vardbro edit EVENT --out FILE`, then `vardbro edit EVENT --file FILE`.",
)

ProtectedOption = Annotated[
    bool,
    typer.Option("--protected", help="Show a protected identity too, by the token that [operations] names."),
]
EditArgument = Annotated[int, typer.Argument(metavar="EDIT", min=1, help="The edit's number.")]


@app.command()
def event(
    event_id: Annotated[str, typer.Argument(metavar="EVENT", help="The event's id.")],
    actor: ActorOption,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Fetch its bundle.")] = None,
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help="The edited bundle.")] = None,
    based_on: Annotated[
        int | None, typer.Option("--based-on", metavar="N", min=1, help="The revision that was fetched.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why; no patient data.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would do; store nothing.")] = False,
    protected: ProtectedOption = False,
    config: ConfigOption = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """Fetch the newest bundle of an event (--out), or make an edited one its newest version (--file).

    The file that is fetched holds patient data: only you can read it; delete it when you are done.
    """
    if (out is None) == (file is None):
        raise typer.BadParameter("either --out FILE to fetch, or --file FILE to submit")
    if out is not None:
        return _fetch(config, event_id, out, actor, protected)
    if based_on is None or reason is None:
        raise typer.BadParameter("--file needs --based-on and --reason")
    assert file is not None  # noqa: S101 - one of the two is there
    body = {
        "bundle": _bundle(file),
        "based_on": based_on,
        "reason": reason,
        "actor": actor,
        "dry_run": dry_run,
    }
    return _post(config, f"/api/events/{part(event_id)}/edits", body, lang, as_json, protected=protected)


@app.command("list")
def list_edits(
    config: ConfigOption = None,
    of_event: Annotated[
        str | None, typer.Option("--event", metavar="EVENT", help="All of one event.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """List the edits that wait for a second person, or those of an event."""
    path = "/api/edits" if of_event is None else f"/api/events/{part(of_event)}/edits"
    with desk(load_config(config)) as through:
        found = through.get(path)["edits"]
    if as_json:
        json_line({"edits": found})
    else:
        print_list(found)
    return FINE


@app.command()
def show(
    edit: EditArgument,
    actor: ActorOption,
    protected: ProtectedOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show what an edit changes. Patient data: the audit trail says who looked."""
    with desk(load_config(config), protected=protected) as through:
        found = through.get(f"/api/edits/{edit}", actor=actor)
    if as_json:
        json_line(found)
    else:
        print_edit(found)
    return FINE


@app.command()
def approve(
    edit: EditArgument,
    actor: ActorOption,
    config: ConfigOption = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """Commit an edit that somebody else has proposed."""
    return _post(config, f"/api/edits/{edit}/approve", {"actor": actor}, lang, as_json)


@app.command()
def refuse(
    edit: EditArgument,
    reason: ReasonOption,
    actor: ActorOption,
    config: ConfigOption = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """Refuse a proposed edit."""
    body = {"actor": actor, "reason": reason}
    return _post(config, f"/api/edits/{edit}/refuse", body, lang, as_json)


def _fetch(config: Path | None, event_id: str, out: Path, actor: str, protected: bool) -> int:
    """Write the bundle to a new file that only its owner can read."""
    with desk(load_config(config), protected=protected) as through:
        if out.exists():
            raise typer.BadParameter(f"{out} is there already")
        found = through.get(f"/api/events/{part(event_id)}/source", actor=actor)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(orjson.dumps(found["bundle"], option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    console().print(
        f"revision {found['revision']} is in {out}; submit it with"
        f" --file {out} --based-on {found['revision']} --reason TEXT",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    return FINE


def _bundle(file: Path) -> Json:
    for name, raw in contents([file]):
        try:
            return parsed_again(raw)
        except ValueError:
            raise typer.BadParameter(f"{name} is neither a JSON object nor an XML document") from None
    raise typer.BadParameter(f"{file} holds no bundle")


def _post(
    config: Path | None, path: str, body: Json, lang: Lang, as_json: bool, *, protected: bool = False
) -> int:
    """Post and print; findings that refuse the edit are no wrong usage."""
    try:
        with desk(load_config(config), lang=lang, protected=protected) as through:
            found = through.post(path, body)
    except WrongRequest as refused:
        if "findings" not in refused.document:
            raise
        if as_json:
            json_line(refused.document)
        else:
            print_findings(str(refused), refused.document["findings"])
        return FINDINGS
    if as_json:
        json_line(found)
    else:
        print_edit(found)
    return FINE
