"""``vardbro submit PATH...``: send files, folders or ndjson to a running adapter."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import JsonOption, LangOption
from adapter.cli.submit_page import results, show, tell_doubts
from adapter.errors import ConfigurationError
from adapter.output import json_line
from adapter.submission.client import Client, secure
from adapter.submission.journal import Journal, Outcome
from adapter.submission.run import send_all
from adapter.submission.sources import Pile, files_of
from adapter.submission.summary import Summary

app = typer.Typer(add_completion=False, rich_markup_mode=None)

UrlOption = Annotated[str, typer.Option("--url", envvar="VARDBRO_URL", help="The adapter.")]
TokenOption = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="File with the sender's token.")
]
CertOption = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="Our certificate, for mutual TLS.")
]
KeyOption = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="The certificate's key.")]
CaOption = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="The only root to trust, instead of all.")
]
ADAPTER = "http://127.0.0.1:8080"


@app.command()
def submit(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, folders or ndjson.")],
    url: UrlOption = ADAPTER,
    token_file: TokenOption = None,
    client_cert: CertOption = None,
    client_key: KeyOption = None,
    ca: CaOption = None,
    journal: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            metavar="FILE",
            help="Note here what is done; run again to go on from there.",
        ),
    ] = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """Send every bundle, in order; safe to run again, since the adapter knows what it has taken."""
    try:
        pile = Pile(files_of(paths))
    except FileNotFoundError as error:
        raise typer.BadParameter(f"{error.filename} {error.strerror}") from None
    summary, outcomes = Summary(), list[Outcome]()
    with ExitStack() as stack:
        notes = None if journal is None else stack.enter_context(_journal(journal))
        context = secure(client_cert, client_key, ca)
        client = stack.enter_context(Client(url, token_in(token_file), lang, verify=context))
        done = _send_all(client, pile, notes, summary, outcomes if as_json else None)
    if as_json:
        json_line(
            {
                **summary.document(),
                "complete": done,
                "doubts": pile.doubts,
                "results": results(outcomes),
            }
        )
    else:
        show(summary, len(pile), pile.lonely, None if done else journal)
        tell_doubts(pile)
    return FINE if done and summary.sent and not summary.failed and not pile.doubts else FINDINGS


def _send_all(
    client: Client, pile: Pile, notes: Journal | None, summary: Summary, outcomes: list[Outcome] | None
) -> bool:
    """Whether everything was sent: Ctrl-C too ends it early, and what was done by then is still told."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task("submit", total=len(pile))
        try:
            for outcome in send_all(client, pile, notes):
                summary.add(outcome)
                if outcomes is not None:
                    outcomes.append(outcome)
                progress.advance(task)
        except KeyboardInterrupt:
            return False
    return summary.sent == len(pile)


def _journal(path: Path) -> Journal:
    try:
        return Journal(path)
    except OSError as error:
        raise ConfigurationError(f"journal: {error.strerror}", "Name a file that can be written.") from None


def token_in(file: Path | None) -> str | None:
    """The token that a file holds."""
    return file.read_text("utf-8").strip() if file else None
