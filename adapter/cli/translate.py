"""``vardbro map FILE...``: what the service would send, offline."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.files import contents
from adapter.cli.options import AtOption, ConfigOption, LangOption, RegisterOption
from adapter.cli.output import json_line
from adapter.composition import offline_translator
from adapter.config import load_config
from adapter.documents import map_document

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def translate(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Bundles as JSON; - is standard input.")
    ],
    register: RegisterOption = None,
    form: Annotated[
        Literal["json", "xml"], typer.Option("--format", help="xml: the register's document.")
    ] = "json",
    at: AtOption = None,
    trace: Annotated[bool, typer.Option("--trace", help="Add the origin of every field.")] = False,
    lang: LangOption = "sv",
    config: ConfigOption = None,
) -> int:
    """Map each bundle and print one JSON document per file, one per line; exit 1 when any has an error."""
    translator = offline_translator(load_config(config))
    failed = False
    for name, raw in contents(files):
        translation = translator.translate(translator.read(raw), at=at)
        document = map_document(
            translation, name, translator.catalogue, register=register, trace=trace, lang=lang
        )
        failed = failed or any(finding["severity"] == "error" for finding in document["findings"])
        json_line(document)
    return FINDINGS if failed else FINE
