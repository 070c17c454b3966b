"""``vardbro dead-letters``: what waits for somebody, grouped by cause."""

import typer

from adapter.cli.access import ledger_view
from adapter.cli.exits import FINE
from adapter.cli.listing import shown_time
from adapter.cli.options import ConfigOption, JsonOption, LangOption
from adapter.config import load_config
from adapter.output import console, json_line, table

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_COLUMNS = ("register", "state", "cause", "lanes", "since", "oldest lane", "why", "field", "what can be done")


@app.command()
def dead_letters(config: ConfigOption = None, lang: LangOption = "sv", as_json: JsonOption = False) -> int:
    """Show the lanes that wait for somebody: how many, since when, why, and what can be done."""
    with ledger_view(load_config(config)) as view:
        groups = view.dead_letters()
    if as_json:
        json_line({"groups": groups})
        return FINE
    rows = (
        (
            group["register"],
            group["state"],
            group["cause"],
            group["lanes"],
            shown_time(group["since"]),
            group["lane"],
            group["reason"] and group["reason"][lang],
            group["field"],
            ", ".join(group["actions"]),
        )
        for group in groups
    )
    lanes = sum(group["lanes"] for group in groups)
    console().print(table(f"lanes that wait: {lanes}; causes: {len(groups)}", _COLUMNS, rows))
    return FINE
