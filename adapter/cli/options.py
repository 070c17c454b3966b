"""Options that several commands share, so that they read and behave the same."""

import getpass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from adapter.config.model import REGISTERS
from adapter.domain.text import Lang

LEAST_REASON, MOST_REASON = 3, 500


def _known_register(name: str | None) -> str | None:
    if name is not None and name not in REGISTERS:
        raise typer.BadParameter(f"registers: {', '.join(REGISTERS)}")
    return name


def known_date(text: str | None) -> str | None:
    """The ISO day of an option. Raises BadParameter."""
    try:
        return None if text is None else date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter("a date is written 2025-03-01") from None


def _long_enough(reason: str | None) -> str | None:
    if reason is not None and not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise typer.BadParameter(f"a reason has {LEAST_REASON} to {MOST_REASON} characters")
    return reason


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Configuration (else vardbro.toml in the working folder)."),
]
RegisterOption = Annotated[
    str | None,
    typer.Option("--register", metavar="NAME", callback=_known_register, help="One register only."),
]
ThisRegisterOption = Annotated[
    str, typer.Option("--register", metavar="NAME", callback=_known_register, help="The register's name.")
]
FirstDayOption = Annotated[
    str | None, typer.Option("--since", metavar="DATE", callback=known_date, help="First date of care.")
]
LastDayOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", callback=known_date, help="Last date of care.")
]
FromOption = Annotated[
    str, typer.Option("--from", metavar="DATE", callback=known_date, help="First date of care.")
]
ToOption = Annotated[
    str, typer.Option("--to", metavar="DATE", callback=known_date, help="Last date of care.")
]
RegisterArgument = Annotated[
    str, typer.Argument(metavar="REGISTER", callback=_known_register, help="The register's name.")
]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of the texts.")]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="DATE", callback=known_date, help="Date that picks the rule edition."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document, for machines.")]
ActorOption = Annotated[
    str,
    typer.Option(
        "--actor",
        metavar="NAME",
        default_factory=_login_name,
        show_default="your login name",
        help="Who does it, for the audit trail.",
    ),
]
ReasonOption = Annotated[
    str,
    typer.Option(
        "--reason",
        metavar="TEXT",
        callback=_long_enough,
        help="Why, for the audit trail; no patient data.",
    ),
]
