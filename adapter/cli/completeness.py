"""``vardbro completeness``: what a sender says it had at a unit, against what is here; gaps are named."""

from pathlib import Path
from typing import Annotated, Any

import typer

from adapter.cli.desk import desk
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import ConfigOption, FromOption, JsonOption, ThisRegisterOption, ToOption
from adapter.cli.records import placed_records
from adapter.config import load_config
from adapter.ledger.completeness import DONE
from adapter.output import console, json_line, table

app = typer.Typer(add_completion=False, rich_markup_mode=None)

MOST_SHOWN = 50
Json = dict[str, Any]


@app.command()
def completeness(
    sender: Annotated[str, typer.Option("--sender", metavar="NAME", help="Whose contacts.")],
    unit: Annotated[str, typer.Option("--unit", metavar="HSA-ID", help="The care unit.")],
    first: FromOption,
    last: ToOption,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="The sender's contacts: an identifier a line, or CSV or ndjson."
        ),
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", min=0, metavar="N", help="Instead of FILE: how many there were.")
    ] = None,
    register: ThisRegisterOption = "gvr",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare what a sender says it had with what is here and at the register; exit 1 when there are gaps."""
    if (file is None) == (count is None):
        raise typer.BadParameter("name a FILE or give --count")
    if first > last:
        raise typer.BadParameter("--from is after --to")
    said: Json = {"sender": sender, "unit": unit, "from": first, "to": last, "register": register}
    said["count"] = count
    said["identifiers"] = None if file is None else _identifiers(file)
    with desk(load_config(config)) as at:
        found: Json = at.post("/api/completeness", said)
    if as_json:
        json_line(found)
    else:
        _show(found, f"{register}: {sender} at {unit}, {first} to {last}")
    return FINE if found["complete"] else FINDINGS


def _identifiers(file: Path) -> list[str]:
    """The identifiers of a list; a line that holds none is a usage error."""
    if not file.is_file():
        raise typer.BadParameter(f"{file} is not there")
    head = file.read_bytes()[:4096].lstrip(b"\xef\xbb\xbf \r\n")
    if file.suffix.lower() != ".csv" and head[:1] not in (b"{", b"["):
        return [line.strip() for line in file.read_text("utf-8-sig").splitlines() if line.strip()]
    found = []
    for one in placed_records(file):
        identifier = one.record.value.get("identifier")
        if one.record.fault or not isinstance(identifier, str):
            raise typer.BadParameter(f"{one.place}: {one.record.fault or 'no identifier'}")
        found.append(identifier)
    return found


def _show(found: Json, title: str) -> None:
    out = console()
    rows = [(name, n, "" if name in DONE else "gap") for name, n in found["counts"].items()]
    rows.append(("said by the sender", found["said"], ""))
    rows.append(("received", found["received"], ""))
    if found["missing"] > 0:
        rows.append(("missing", found["missing"], "gap"))
    out.print(table(title, ("", "contacts", ""), rows))
    if found["rules"]:
        out.print(table("not reported by rule", ("rule", "contacts"), list(found["rules"].items())))
    classes = {name: names for name, names in found["classes"].items() if name not in DONE}
    named = {**classes, "received elsewhere": found["elsewhere"], "not in the list": found["unlisted"]}
    shown = [(name, one) for name, names in named.items() for one in names[:MOST_SHOWN]]
    if shown:
        out.print(table("contacts", ("", "identifier"), shown))
    left = sum(max(0, len(names) - MOST_SHOWN) for names in named.values())
    if left:
        out.print(f"{left} more: use --json")
