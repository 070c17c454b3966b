"""``vardbro cutover load|list``: contacts that another system has reported count as accepted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from adapter.cli.desk import desk
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.listing import LimitOption, shown_time
from adapter.cli.options import ActorOption, ConfigOption, JsonOption, RegisterOption, ThisRegisterOption
from adapter.cli.records import Placed, placed_records
from adapter.config import load_config
from adapter.output import console, json_line, table

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="What another system has reported.")

CHUNK = 1000
"""Contacts that go to the service at once."""

MOST_SHOWN = 20
MEANING = {
    "accepted": "stored here, never sent: now accepted",
    "listed": "the first message that comes will count as accepted",
    "already": "accepted already",
    "under-way": "the register has been asked for it: look at the lane",
    "cancelled": "cancelled here before: let the sender cancel it once more",
}
Json = dict[str, Any]


class Line(msgspec.Struct, frozen=True):
    """A contact of the list, and where it stands."""

    place: str
    contact: Json


@app.command()
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or ndjson with the member identifier.")],
    register: ThisRegisterOption,
    sender: Annotated[str, typer.Option("--sender", metavar="NAME", help="Whose contacts these are.")],
    actor: ActorOption,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would do, and change nothing.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Let the listed contacts count as accepted: they are not sent. Exit 1 when some need somebody."""
    bad: list[Json] = []
    lines = _lines(placed_records(file), bad)
    total: Counter[str] = Counter(dict.fromkeys(MEANING, 0))
    named: dict[str, list[str]] = {}
    seen, own_ids = len(lines), 0
    asked = {"register": register, "sender": sender, "actor": actor, "dry_run": dry_run}
    unique = list(_once(lines).values())
    with desk(load_config(config), make=True) as at:
        for some in _chunks(unique):
            found = at.post("/api/cutovers", {**asked, "contacts": [line.contact for line in some]})
            total.update(found["counts"])
            own_ids += found["own_ids"]
            for kind, identifiers in ({**found["named"], "differs": found["differs"]}).items():
                named.setdefault(kind, []).extend(identifiers)
            bad += [{"at": some[one["place"]].place, "why": one["why"]} for one in found["bad"]]
    document = {
        "register": register,
        "sender": sender,
        "dry_run": dry_run,
        "counts": dict(total),
        "duplicates": seen - len(unique),
        "own_ids": own_ids,
        "named": named,
        "bad": bad,
    }
    if as_json:
        json_line(document)
    else:
        _show(document)
    return FINDINGS if bad or total["under-way"] or total["cancelled"] else FINE


@app.command("list")
def list_contacts(
    sender: Annotated[str | None, typer.Option("--sender", metavar="NAME", help="One sender only.")] = None,
    register: RegisterOption = None,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only those that no message has come for yet.")
    ] = False,
    limit: LimitOption = 100,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """List the loaded contacts, and how many there are."""
    found: list[Json] = []
    after: str | None = None
    with desk(load_config(config)) as at:
        while True:
            answer = at.get(
                "/api/cutovers",
                sender=sender,
                register=register,
                used=False if waiting else None,
                limit=min(CHUNK, limit - len(found)),
                after=after,
            )
            found += answer["contacts"]
            after = answer["next"]
            if after is None or len(found) >= limit:
                break
    if as_json:
        json_line({"contacts": found, "totals": answer["totals"]})
        return FINE
    header = ("sender", "identifier", "register", "loaded", "found its message")
    rows = (
        (
            one["sender"],
            one["identifier"],
            one["register"],
            shown_time(one["loaded_at"]),
            shown_time(one["used_at"]),
        )
        for one in found
    )
    console().print(table(f"{len(found)} contacts", header, rows))
    totals = [(one["sender"], one["register"], one["listed"], one["used"]) for one in answer["totals"]]
    console().print(table("all", ("sender", "register", "listed", "found their message"), totals))
    return FINE


def _lines(placed: Iterator[Placed], bad: list[Json]) -> list[Line]:
    """The contacts that can be read; of the others `bad` says where and why.

    A record's `body` is what was reported; in CSV it stands in columns beside `identifier`.
    """
    lines = []
    for one in placed:
        value = dict(one.record.value)
        identifier = value.pop("identifier", None)
        body = value.pop("body", None) if isinstance(value.get("body"), dict) else value or None
        if one.record.fault:
            bad.append({"at": one.place, "why": one.record.fault})
        elif not isinstance(identifier, str) or not identifier.strip():
            bad.append({"at": one.place, "why": "no identifier"})
        else:
            contact = {"identifier": identifier.strip()} | ({} if body is None else {"body": body})
            lines.append(Line(one.place, contact))
    return lines


def _once(lines: Sequence[Line]) -> dict[str, Line]:
    """Each contact once: the first line that says what was reported, else the first."""
    found: dict[str, Line] = {}
    for line in lines:
        known = found.get(line.contact["identifier"])
        if known is None or ("body" in line.contact and "body" not in known.contact):
            found[line.contact["identifier"]] = line
    return found


def _chunks(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    for start in range(0, len(lines), CHUNK):
        yield lines[start : start + CHUNK]


def _show(document: Json) -> None:
    out = console()
    title = f"{document['register']}: {'would be' if document['dry_run'] else 'is'}"
    rows: list[tuple[object, ...]] = [(kind, n, MEANING[kind]) for kind, n in document["counts"].items()]
    rows.append(("own id", document["own_ids"], "the list gives no id of the register's: ours is assumed"))
    rows.append(("duplicate", document["duplicates"], "named more than once in the list"))
    rows.append(("bad", len(document["bad"]), "lines that cannot be used"))
    out.print(table(title, ("", "contacts", ""), rows))
    shown = [(kind, name) for kind, names in document["named"].items() for name in names[:MOST_SHOWN]]
    shown += [("bad", f"{one['at']}: {one['why']}") for one in document["bad"][:MOST_SHOWN]]
    if shown:
        out.print(table("to look at", ("", "contact, or line"), shown))
