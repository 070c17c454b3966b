"""``vardbro pull URL``: fetch changed contacts from a FHIR server, and send them to a running adapter."""

import sys
import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import JsonOption, LangOption, known_date
from adapter.cli.submit import ADAPTER, CaOption, CertOption, KeyOption, TokenOption, UrlOption, token_in
from adapter.cli.submit_page import show
from adapter.config.durations import parse_duration
from adapter.domain.localtime import STOCKHOLM
from adapter.output import console, json_line
from adapter.pull.checkpoint import Checkpoint
from adapter.pull.run import CHANGING, Round
from adapter.pull.source import Source, SourceError
from adapter.submission.client import Client, secure
from adapter.submission.summary import Summary

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def _seconds(text: str | None) -> str | None:
    try:
        if text is not None:
            parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return text


@app.command()
def pull(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Base URL of the FHIR server to read.")],
    checkpoint: Annotated[
        Path, typer.Option(dir_okay=False, metavar="FILE", help="How far was read; made at the first run.")
    ],
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", callback=known_date, help="Where the first run begins."),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="DURATION", callback=_seconds, help="Again and again, until Ctrl-C."),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="Resources of a page.")] = 50,
    source_token_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="File with the token for the source.")
    ] = None,
    url: UrlOption = ADAPTER,
    token_file: TokenOption = None,
    client_cert: CertOption = None,
    client_key: KeyOption = None,
    ca: CaOption = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """Fetch what has changed since the last run, gather each contact, and send it; safe to run again."""
    start = None if since is None else datetime.fromisoformat(since).replace(tzinfo=STOCKHOLM)
    state = Checkpoint.load(checkpoint, start, CHANGING)
    context = secure(client_cert, client_key, ca)
    with ExitStack() as stack:
        server = stack.enter_context(Source(source, token_in(source_token_file), verify=context))
        client = stack.enter_context(Client(url, token_in(token_file), lang, verify=context))
        while True:
            code = _once(Round(server, client, state, checkpoint, count), as_json=as_json)
            if every is None:
                return code
            try:
                time.sleep(parse_duration(every))
            except KeyboardInterrupt:
                return code


def _once(around: Round, *, as_json: bool) -> int:
    summary, failure = Summary(), ""
    try:
        for outcome in around:
            summary.add(outcome)
    except SourceError as error:
        failure = f"{error}. {error.hint}"
    except KeyboardInterrupt:
        failure = "interrupted"
    if as_json:
        missing = sorted(around.not_offered)
        json_line(
            {**summary.document(), "complete": around.complete, "failure": failure, "not_offered": missing}
        )
    else:
        _tell(around, summary, failure)
    return FINE if around.complete and not summary.failed else FINDINGS


def _tell(around: Round, summary: Summary, failure: str) -> None:
    show(summary, summary.sent, 0, None)
    if around.not_offered:
        kinds = ", ".join(sorted(around.not_offered))
        console().print(f"The source offers no search for: {kinds}", markup=False)
    if not around.complete:
        sys.stderr.write(f"vardbro: stopped early: {failure or 'the adapter did not take a contact'}\n")
