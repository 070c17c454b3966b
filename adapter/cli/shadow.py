"""``vardbro shadow compare|release``: what would have been sent, compared with others', and let go."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from adapter.cli.desk import Desk, desk
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.listing import SinceOption
from adapter.cli.options import (
    ActorOption,
    ConfigOption,
    FirstDayOption,
    JsonOption,
    LastDayOption,
    ThisRegisterOption,
)
from adapter.cli.records import Placed, placed_records
from adapter.config import load_config
from adapter.output import console, json_line, table
from adapter.shadow.page import KINDS, page

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="The trial before the start.")

Json = dict[str, Any]


@app.command()
def compare(
    register: ThisRegisterOption,
    against: Annotated[
        Path,
        typer.Option(
            "--against", metavar="FILE|FOLDER", help="What another system has sent: ndjson, JSON or CSV."
        ),
    ],
    since: FirstDayOption = None,
    until: LastDayOption = None,
    lookup: Annotated[
        bool, typer.Option("--lookup", help="Ask the register too what it holds of each (GET only).")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the report as a page.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare what would have been sent with what another system has sent; exit 1 when they differ."""
    placed = list(placed_records(against))
    bad = [one for one in placed if one.record.fault]
    good = [one for one in placed if not one.record.fault]
    with desk(load_config(config)) as at:
        asked = {"register": register, "since": since, "until": until}
        found: Json = at.post("/api/shadow/compare", {**asked, "bodies": [one.record.value for one in good]})
        document = _document(found, good, bad)
        if lookup:
            document["lookup"] = _look_up(at, asked)
    if html is not None:
        html.write_text(page(document), "utf-8")
    if as_json:
        json_line(document)
    else:
        _show(document)
    return FINE if document["agrees"] else FINDINGS


@app.command()
def release(
    register: ThisRegisterOption,
    actor: ActorOption,
    since: SinceOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and change nothing.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Send the newest shadow message of each lane that is on no cut-over list, once shadow mode is off."""
    with desk(load_config(config)) as at:
        path = f"/api/registers/{register}/release-shadow"
        found: Json = at.post(path, {"since": since, "dry_run": dry_run, "actor": actor})
    if as_json:
        json_line({**found, "dry_run": dry_run})
    else:
        word = "would be released" if dry_run else "released"
        rows = [(word, found["released"]), ("needless", found["needless"]), ("busy", found["busy"])]
        console().print(table(f"{register}: shadow messages", ("", "messages"), rows))
    return FINDINGS if found["busy"] else FINE


def _document(found: Json, good: list[Placed], bad: list[Placed]) -> Json:
    """The report with places in files instead of places in what was sent."""
    document = dict(found)
    for name in ("only_ours", "only_theirs", "ambiguous", "unnamed"):
        places = [good[place].place for place in found[name]["places"]]
        document[name] = {"events": found[name]["events"], "at": places}
    document["bad"] = [{"at": one.place, "why": one.record.fault} for one in bad]
    document["agrees"] = found["agrees"] and not bad
    return document


def _look_up(at: Desk, asked: Json) -> Json:
    counts: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    after: int | None = 0
    stopped = None
    while after is not None:
        found = at.post("/api/shadow/lookup", {**asked, "after": after})
        counts.update(found["counts"])
        for kind, events in found["examples"].items():
            examples[kind] = [*examples.get(kind, []), *events][:5]
        after, stopped = found["after"], found["stopped"]
    return {"counts": dict(counts), "examples": examples, "stopped": stopped}


def _show(document: Json) -> None:
    out = console()
    title = f"{document['register']}: {document['ours']} of ours, {document['theirs']} of theirs"
    header = ("unit", *(word for _, word in KINDS))
    rows = [(unit, *(n[kind] for kind, _ in KINDS)) for unit, n in document["units"].items()]
    rows.append(("all", *(document["counts"][kind] for kind, _ in KINDS)))
    out.print(table(title, header, rows))
    if document["fields"]:
        fields = (
            (
                field["field"],
                field["count"],
                "; ".join(f"{one['ours']} / {one['theirs']} ({one['count']})" for one in field["pairs"][:5]),
                " ".join(field["examples"]),
            )
            for field in document["fields"]
        )
        out.print(table("members that differ", ("member", "contacts", "ours / theirs", "events"), fields))
    named = [
        (word, " ".join([*document[name]["events"], *document[name]["at"]]))
        for name, word in (*KINDS[2:], ("unnamed", "names no contact"))
        if document[name]["events"] or document[name]["at"]
    ]
    named += [("cannot be read", f"{one['at']}: {one['why']}") for one in document["bad"][:20]]
    if named:
        out.print(table("contacts", ("", "events, or places in the list"), named))
    if "lookup" in document:
        found = document["lookup"]
        rows = [(kind, n, " ".join(found["examples"].get(kind, []))) for kind, n in found["counts"].items()]
        if found["stopped"]:
            rows.append(("stopped", "", found["stopped"]))
        out.print(table("what the register holds", ("", "contacts", "events"), rows))
