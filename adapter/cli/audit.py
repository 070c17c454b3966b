"""``vardbro audit``: whether the audit trail is whole, and a patient's log from it."""

import csv
import io
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import typer

from adapter.cli.access import ledger_view
from adapter.cli.desk import desk
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import ActorOption, ConfigOption, JsonOption, ReasonOption
from adapter.config import load_config
from adapter.output import console, json_line

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="The audit trail.")

COLUMNS = ("at", "what", "who", "event", "register", "lane", "message", "receipt", "detail")
"""The members of an entry, as columns."""


@app.callback()
def _audit() -> None:
    """The audit trail."""


@app.command()
def verify(config: ConfigOption = None, as_json: JsonOption = False) -> int:
    """Check the chain of the audit trail from its beginning; exit 1 when an entry does not fit."""
    with ledger_view(load_config(config)) as view:
        found = view.audit()
    if as_json:
        json_line(found)
    elif found["broken_at"] is None:
        console().print(f"{found['entries']} entries, all fit; newest hash {found['head']}", highlight=False)
    else:
        console().print(
            f"entry {found['broken_at']} was changed, or one before it is missing", highlight=False
        )
    return FINE if found["broken_at"] is None else FINDINGS


@app.command()
def export(
    reason: ReasonOption,
    actor: ActorOption,
    form: Annotated[
        Literal["jsonl", "csv"], typer.Option("--format", help="One JSON document a line, or a table.")
    ] = "jsonl",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="A new file, instead of standard output."),
    ] = None,
    protected: Annotated[
        bool, typer.Option("--protected", help="With the token that shows protected identities.")
    ] = False,
    config: ConfigOption = None,
) -> int:
    """Write who looked at, changed and sent what of a patient's contacts, the oldest entry first.

    The identity number is asked for, or read from standard input: it is no argument, since every user of the
    machine can see those. That the log was made is in the audit trail, and in the patient's next log.
    """
    if out is not None and out.exists():
        raise typer.BadParameter(f"{out} is there already")
    body = {"number": _number(), "actor": actor, "reason": reason}
    with desk(load_config(config), protected=protected) as through:
        found = through.post("/api/patient-log", body)
    _write(out, _lines(found["entries"]) if form == "jsonl" else _table(found["entries"]))
    sys.stderr.write(f"{found['events']} contacts, {len(found['entries'])} entries\n")
    if found["unread"]:
        sys.stderr.write(
            f"{found['unread']} bundles cannot be read or are kept no longer: more may be missing\n"
        )
    return FINDINGS if found["unread"] else FINE


def _number() -> str:
    """The identity number, which is not shown while it is typed."""
    if sys.stdin.isatty():
        return str(typer.prompt("Identity number", hide_input=True, err=True))
    return sys.stdin.readline().strip()


def _lines(entries: list[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE) for entry in entries)


def _table(entries: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**entry, "detail": orjson.dumps(entry["detail"]).decode()} for entry in entries)
    return text.getvalue().encode()


def _write(out: Path | None, content: bytes) -> None:
    """To a new file that only its owner can read, or to standard output."""
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(content)
