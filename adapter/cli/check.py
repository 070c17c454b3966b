"""``vardbro check``: what is wrong, and how to mend it."""

import typer

from adapter.checkup import checkup
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import ConfigOption, JsonOption
from adapter.config import load_config
from adapter.output import console, json_line, table

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def check(config: ConfigOption = None, as_json: JsonOption = False) -> int:
    """Try configuration, certificates, rule packs, tables, ledger and each register's reachability."""
    found = list(checkup(load_config(config)))
    if as_json:
        json_line([{"name": one.name, "ok": one.ok, "says": one.says, "mend": one.mend} for one in found])
    else:
        rows = ((one.name, "ok" if one.ok else "WRONG", one.says, one.mend) for one in found)
        console().print(table("vardbro check", ("what", "", "says", "to mend it"), rows))
    return FINE if all(one.ok for one in found) else FINDINGS
