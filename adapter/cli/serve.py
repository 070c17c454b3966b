"""``vardbro serve``: HTTP face and delivery workers in one process."""

from typing import Annotated, Any

import typer

from adapter.cli.options import ConfigOption
from adapter.config import load_config
from adapter.server import serve as run

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def serve(
    config: ConfigOption = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; wins over the configuration.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = None,
) -> None:
    """Take bundles by HTTP and deliver register messages, until SIGTERM or Ctrl-C."""
    given: dict[str, Any] = {"host": host, "port": port}
    run(load_config(config, http={name: value for name, value in given.items() if value is not None}))
