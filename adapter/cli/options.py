"""Options that several commands share, so that they read and behave the same."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from adapter.config.model import IMPLEMENTED
from adapter.domain.text import Lang


def _known_register(name: str | None) -> str | None:
    if name is not None and name not in IMPLEMENTED:
        raise typer.BadParameter(f"registers of this version: {', '.join(sorted(IMPLEMENTED))}")
    return name


def _known_date(text: str | None) -> str | None:
    try:
        return None if text is None else date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter("a date is written 2025-03-01") from None


ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Configuration (else vardbro.toml in the working folder)."),
]
RegisterOption = Annotated[
    str | None,
    typer.Option("--register", metavar="NAME", callback=_known_register, help="One register only."),
]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of the texts.")]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="DATE", callback=_known_date, help="Date that picks the rule edition."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document, for machines.")]
