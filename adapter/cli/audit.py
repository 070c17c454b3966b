"""``vardbro audit verify``: whether the audit trail is whole."""

import typer

from adapter.cli.access import ledger_view
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import ConfigOption, JsonOption
from adapter.config import load_config
from adapter.output import console, json_line

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="The audit trail.")


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
