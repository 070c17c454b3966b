"""``vardbro terminology load|list|check``: official code tables and the region's units, as dated editions."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import ActorOption, AtOption, ConfigOption, JsonOption, known_date
from adapter.config import Config, load_config
from adapter.domain.codes import normalise
from adapter.domain.kombika import parse_kombika, written
from adapter.errors import ConfigurationError
from adapter.mapping.terminology import Validity, load_kombika, load_terminology
from adapter.output import console, json_line, table
from adapter.overlay import mapping_folders
from adapter.resources import below
from adapter.terminology import Loaded, Order, load_edition
from adapter.terminology.inventory import Listed, listed

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, help="Code tables and units, as dated editions."
)

Json = dict[str, Any]
System = Literal["icd-10-se", "kva", "ksh97-p", "kombika"]
SystemOption = Annotated[
    System, typer.Option("--system", help="What the file holds: codes of a classification, or units.")
]
_WORDS = {
    Validity.VALID: "valid",
    Validity.NEVER: "never existed",
    Validity.NOT_YET: "not yet",
    Validity.RETIRED: "retired",
    Validity.SHAPE_OK: "not known; looks like a code of the system",
    Validity.SHAPE_WRONG: "not known; does not look like a code of the system",
}


@app.command()
def load(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Excel, tab-separated, CSV, FHIR CodeSystem, a code a line; units: CSV, Excel, XML.",
        ),
    ],
    system: SystemOption,
    actor: ActorOption,
    edition: Annotated[
        str | None, typer.Option("--edition", metavar="NAME", help="Its name; one of that name is replaced.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="DATE", callback=known_date, help="From when it applies (else always)."
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option("--to", metavar="DATE", callback=known_date, help="Last day (else until a later one)."),
    ] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="It holds every code: what it lacks is not valid.")
    ] = False,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FOLDER", help="The overlay, if none is configured.")
    ] = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Let the running service take it into use.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Load a table as a dated edition; several files (KVÅ comes in two) make one edition together."""
    settings = load_config(config)
    overlay = _overlay(settings, into)
    if start and end and start > end:
        raise typer.BadParameter("--to is before --from")
    order = Order(
        files=tuple(files),
        system=system,
        edition=edition,
        start=start or "",
        end=end or "",
        complete=complete,
    )
    overlay.mkdir(parents=True, exist_ok=True)
    loaded = load_edition(order, below(_folders(settings, overlay), "tables"), overlay)
    counts = settings.mappings.overlay is not None and _is_same(settings.mappings.overlay, overlay)
    document: Json = {**msgspec.to_builtins(loaded), "in_use": False}
    if reload and counts:
        document["reload"] = _reload(settings, actor)
        document["in_use"] = True
    if as_json:
        json_line(document)
    else:
        _show(loaded, document, counts=counts, overlay=overlay)
    return FINE


@app.command("list")
def list_tables(
    system: Annotated[System | None, typer.Option("--system", help="One table only.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """List the editions that are installed: those that ship with the program, and those of the overlay."""
    settings = load_config(config)
    found = [
        one
        for one in listed(below(mapping_folders(settings), "tables"))
        if system is None or one.head.system == system
    ]
    if as_json:
        json_line({"tables": [_listed(one) for one in found]})
        return FINE
    columns = ("table", "edition", "from", "to", "complete", "codes", "loaded", "source")
    rows = (
        (
            one.head.system,
            one.head.edition or "starter",
            one.head.start or "always",
            one.head.end,
            "gives way" if one.gives_way else ("yes" if one.head.complete else "no"),
            one.codes,
            one.head.loaded[:16],
            one.head.source or one.head.place,
        )
        for one in found
    )
    console().print(table(f"{len(found)} editions", columns, rows))
    return FINE


@app.command()
def check(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A code, a kombika or an HSA-id.")],
    system: SystemOption,
    at: AtOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say whether a code is valid on a date of care (else today); exit 1 when it is not."""
    day = at or date.today().isoformat()
    folders = below(mapping_folders(load_config(config)), "tables")
    if system == "kombika":
        units = load_kombika(folders)
        kombika = parse_kombika(code)
        found = (
            [written(one) for one in units.kombikas(code.strip().upper(), day)]
            if kombika is None
            else list(units.hsa_ids(kombika, day))
        )
        answer, is_valid = ", ".join(found) or "not known on that day", bool(found)
    else:
        validity = load_terminology(folders).check(system, normalise(code), day)
        answer, is_valid = _WORDS[validity], validity is Validity.VALID
    if as_json:
        json_line({"system": system, "code": code, "at": day, "valid": is_valid, "says": answer})
    else:
        console().print(f"{code} ({system}) on {day}: {answer}", markup=False, highlight=False)
    return FINE if is_valid else FINDINGS


def _overlay(settings: Config, into: Path | None) -> Path:
    overlay = into or settings.mappings.overlay
    if overlay is None:
        raise ConfigurationError(
            "no overlay is configured to load the table into",
            'Set overlay = "FOLDER" under [mappings], or name a folder with --into.',
        )
    return overlay


def _folders(settings: Config, overlay: Path) -> tuple[Path, ...]:
    mappings = settings.mappings.model_copy(update={"overlay": overlay})
    return mapping_folders(settings.model_copy(update={"mappings": mappings}))


def _is_same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _reload(settings: Config, actor: str) -> Json:
    from adapter.cli.reloading import reload_service  # noqa: PLC0415 - only this needs the web client

    return reload_service(settings, actor)


def _show(loaded: Loaded, document: Json, *, counts: bool, overlay: Path) -> None:
    out = console()
    word = "replaced" if loaded.replaced else "loaded"
    kind = "complete" if loaded.complete else "not complete"
    period = f"from {loaded.start or 'always'}" + (f" to {loaded.end}" if loaded.end else "")
    lines = [
        f"{word} {loaded.system}, edition {loaded.edition}: {loaded.codes} codes, {period}, {kind}",
        f"read as {'; '.join(loaded.forms)}",
        *(
            [f"columns: {', '.join(f'{name} = {column}' for name, column in loaded.columns.items())}"]
            if loaded.columns
            else []
        ),
        f"{loaded.headings} headings left out, {loaded.repeated} rows that repeat others,"
        f" {loaded.retired} codes retired that the edition before had",
        *(f"left out: {one}" for one in loaded.left_out),
        f"written to {loaded.file}",
    ]
    if document["in_use"]:
        lines.append(f"in use: {document['reload']['says']}")
    elif counts:
        lines.append("a running service takes it into use with `vardbro rules reload`")
    else:
        lines.append(f'to be used, set overlay = "{overlay}" under [mappings]')
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _listed(one: Listed) -> Json:
    found: Json = msgspec.to_builtins(one.head)
    return {**found, "codes": one.codes, "gives_way": one.gives_way}
