"""``vardbro senders unused``: what of a sender's bundles nothing was made from."""

from typing import Annotated, Any

import typer

from adapter.cli.desk import desk, part
from adapter.cli.exits import FINE
from adapter.cli.listing import SinceOption
from adapter.cli.options import ConfigOption, JsonOption, LangOption
from adapter.config import load_config
from adapter.output import console, json_line, table

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MOST = 1000


@app.callback()
def senders() -> None:
    """What the senders send."""


@app.command()
def unused(
    sender: Annotated[str, typer.Option("--sender", metavar="NAME", help="Whose bundles.")],
    since: SinceOption = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=_MOST, help="The newest so many bundles.")
    ] = 200,
    config: ConfigOption = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """Count the elements of a sender's bundles that nothing was made from (the last 30 days)."""
    asked: dict[str, Any] = {"limit": limit}
    if since is not None:
        asked["since"] = since
    with desk(load_config(config), lang=lang) as at:
        found = at.get(f"/api/senders/{part(sender)}/unused", **asked)
    if as_json:
        json_line(found)
    else:
        _show(found)
    return FINE


def _show(found: dict[str, Any]) -> None:
    out = console()
    more = "; there are older ones" if found["more"] else ""
    out.print(f"{found['bundles']} bundles of {found['sender']} counted{more}")
    if found["not_read"]:
        out.print(f"{found['not_read']} could not be read again")
    lines = found["unused"]
    rows = [(one["element"], one["bundles"], one["places"]) for one in lines if not one["left_out"]]
    if rows:
        out.print(table("unused", ("element", "bundles", "places"), rows))
    elif found["bundles"]:
        out.print("every element was read, or is left out on purpose")
    known = [(one["element"], one["bundles"], one["reason"]) for one in lines if one["left_out"]]
    if known:
        out.print(table("left out on purpose", ("element", "bundles", "why"), known))
