"""``vardbro work``: delivery workers alone."""

import typer

from adapter.cli.options import ConfigOption
from adapter.config import load_config
from adapter.errors import LedgerInUse
from adapter.ledger.sqlite.file import holder
from adapter.server import work as run

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def work(config: ConfigOption = None) -> None:
    """Deliver register messages without an HTTP face, until SIGTERM or Ctrl-C."""
    settings = load_config(config)
    held = holder(settings.ledger.path) if settings.ledger.is_embedded else None
    if held is not None:
        raise LedgerInUse(
            f"the service at {held.get('url') or 'an unknown address'} has the ledger and delivers already",
            "One process per SQLite ledger: stop the service, or leave the delivery to it.",
        )
    run(settings)
