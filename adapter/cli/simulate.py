"""``vardbro simulate``: the register simulator alone."""

from pathlib import Path
from typing import Annotated

import typer

from adapter.simulator.server import Tls, run
from adapter.simulator.settings import Settings, inbox_of, read_units

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def simulate(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8090,
    idempotency: Annotated[
        bool, typer.Option("--idempotency", help="Honour the Idempotency-Key header.")
    ] = False,
    units: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Valid kombika, one a line.")
    ] = None,
    cert: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Serve TLS with this certificate.")
    ] = None,
    key: Annotated[Path | None, typer.Option(dir_okay=False, help="The certificate's key.")] = None,
    client_ca: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Demand client certificates of this authority.")
    ] = None,
    inbox: Annotated[
        list[str] | None,
        typer.Option(metavar="FOLDER[=RECEIPTS]", help="Read batches here, answer there; may be repeated."),
    ] = None,
) -> None:
    """Play the registers on loopback: check what comes, keep state, inject faults on request."""
    if (cert is None) != (key is None) or (client_ca is not None and cert is None):
        raise typer.BadParameter("--cert and --key belong together, and --client-ca needs both")
    tls = Tls(cert, key, client_ca) if cert is not None and key is not None else None
    known = read_units(units) if units else None
    settings = Settings(idempotency=idempotency, units=known, inboxes=_inboxes(inbox or []))
    run(host, port, settings=settings, tls=tls)


def _inboxes(given: list[str]) -> tuple[tuple[Path, Path | None], ...]:
    try:
        return tuple(inbox_of(text) for text in given)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--inbox") from None
