"""``vardbro rules try``: recorded contacts through changed rules, maps and tables: what would change."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from adapter.cli.desk import Desk, desk
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import (
    ActorOption,
    ConfigOption,
    FirstDayOption,
    JsonOption,
    LastDayOption,
    RegisterOption,
)
from adapter.cli.trying_page import print_corrections, print_report
from adapter.config import load_config
from adapter.errors import ConfigurationError
from adapter.output import json_line
from adapter.overlay import KINDS, require_read
from adapter.renewal.page import page
from adapter.renewal.report import Tally

Json = dict[str, Any]

_AT_ONCE = 100
_MOST_BYTES = 64 * 1024 * 1024


def try_rules(
    actor: ActorOption,
    overlay: Annotated[
        Path | None,
        typer.Option(
            "--overlay",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="What is tried, over what is installed (else what is installed, be it in use or not).",
        ),
    ] = None,
    since: FirstDayOption = None,
    until: LastDayOption = None,
    sender: Annotated[str | None, typer.Option("--sender", metavar="NAME", help="One sender only.")] = None,
    register: RegisterOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the report as a page.")
    ] = None,
    listing: Annotated[
        Path | None,
        typer.Option("--changes", metavar="FILE", help="Write every change, one JSON object a line."),
    ] = None,
    correct: Annotated[
        list[str] | None,
        typer.Option(
            "--correct",
            metavar="EVENT|@FILE",
            help="Correct these contacts by the rules in use (ids, or @FILE with an id or a change a line).",
        ),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why they are corrected; no patient data.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare what registers were told with what other rules would tell them; nothing is sent.

    With --correct the chosen contacts are corrected, once the rules that are tried are in use. Exit 1 when
    something would change, or could not be corrected.
    """
    if correct and reason is None:
        raise typer.BadParameter("--reason TEXT says why contacts are corrected, for the audit trail")
    files = {} if overlay is None else _files(overlay)
    with desk(load_config(config)) as through:
        trial: Json = through.post("/api/rules/trials", {"files": files})
        if correct:
            return _correct(through, trial, _events(correct), actor, str(reason), as_json=as_json)
        chosen = {"since": since, "until": until, "sender": sender, "register": register}
        document = _compare(through, trial, chosen, listing)
    document["overlay"] = None if overlay is None else str(overlay)
    if html is not None:
        html.write_text(page(document), "utf-8")
    if as_json:
        json_line(document)
    else:
        print_report(document)
    return FINDINGS if document["changes"] else FINE


def _compare(through: Desk, trial: Json, chosen: Json, listing: Path | None) -> Json:
    tally = Tally()
    sink = None if listing is None else listing.open("wb")
    try:
        for found in _pages(through, trial, chosen):
            tally.add(found)
            if sink is not None:
                sink.writelines(orjson.dumps(change) + b"\n" for change in found["changes"])
    finally:
        if sink is not None:
            sink.close()
    given = {name: value for name, value in chosen.items() if value is not None}
    versions = {"version": trial["version"], "in_use": trial["in_use"]}
    return {**versions, "chosen": given, **tally.document()}


def _pages(through: Desk, trial: Json, chosen: Json) -> Iterator[Json]:
    after: str | None = ""
    while after is not None:
        given = {**chosen, "after": after, "limit": _AT_ONCE}
        found: Json = through.post(f"/api/rules/trials/{trial['trial']}/compare", given)
        yield found
        after = found["next"]


def _correct(through: Desk, trial: Json, events: list[str], actor: str, reason: str, *, as_json: bool) -> int:
    results: list[Json] = []
    for start in range(0, len(events), _AT_ONCE):
        asked = {
            "events": events[start : start + _AT_ONCE],
            "actor": actor,
            "reason": reason,
            "version": trial["version"],
        }
        results += through.post("/api/rules/corrections", asked)["results"]
    if as_json:
        json_line({"version": trial["version"], "results": results})
    else:
        print_corrections(results)
    return FINE if all(one["became"] in ("corrected", "unchanged") for one in results) else FINDINGS


def _files(overlay: Path) -> dict[str, str]:
    """The texts of an overlay by path. Raises PackError, ConfigurationError."""
    require_read(overlay)
    found: dict[str, str] = {}
    size = 0
    for kind, suffixes in KINDS.items():
        for file in sorted((overlay / kind).glob("**/*")):
            if file.is_file() and file.suffix in suffixes and not file.name.startswith("."):
                try:
                    text = file.read_text("utf-8")
                except UnicodeDecodeError:
                    raise ConfigurationError(f"{file}:1: the file is not UTF-8") from None
                size += len(text)
                found[file.relative_to(overlay).as_posix()] = text
    if size > _MOST_BYTES:
        raise ConfigurationError(
            f"{overlay} holds more than {_MOST_BYTES} bytes", "Install the tables first."
        )
    return found


def _events(given: list[str]) -> list[str]:
    """The ids of contacts: as they are given, separated by commas, or in files."""
    found: list[str] = []
    for one in given:
        if not one.startswith("@"):
            found += [part for part in one.split(",") if part]
            continue
        try:
            lines = Path(one[1:]).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            raise ConfigurationError(f"{one[1:]} cannot be read") from None
        found += [_event(one[1:], number, line) for number, line in enumerate(lines, 1) if line.strip()]
    return list(dict.fromkeys(found))


def _event(file: str, number: int, line: str) -> str:
    if not line.lstrip().startswith("{"):
        return line.strip()
    try:
        return str(orjson.loads(line)["event"])
    except (orjson.JSONDecodeError, KeyError):
        raise ConfigurationError(f"{file}:{number}: neither an id nor a change") from None
