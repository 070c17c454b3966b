"""``vardbro submit PATH...``: send files, folders or ndjson to a running adapter."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import JsonOption, LangOption
from adapter.output import console, json_line, table
from adapter.submission.answer import remarks
from adapter.submission.client import Client, Reply
from adapter.submission.sources import Submission, files_of, submissions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def submit(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, folders or ndjson.")],
    url: Annotated[
        str, typer.Option("--url", envvar="VARDBRO_URL", help="The adapter.")
    ] = "http://127.0.0.1:8080",
    token_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="File with the sender's token.")
    ] = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """Send every bundle, in order; safe to run again, since the adapter knows what it has taken."""
    try:
        batch = list(submissions(files_of(paths)))
    except FileNotFoundError as error:
        raise typer.BadParameter(f"{error.filename} {error.strerror}") from None
    token = token_file.read_text("utf-8").strip() if token_file else None
    with Client(url, token, lang) as client:
        replies = _send_all(client, batch)
    failed = [(item, reply) for item, reply in zip(batch, replies, strict=True) if not reply.taken]
    if as_json:
        json_line(_summary(batch, replies))
    else:
        _show(batch, replies, failed)
    return FINDINGS if failed or not batch else FINE


def _send_all(client: Client, batch: list[Submission]) -> list[Reply]:
    """One after the other: two versions of a contact must arrive in the order of the files."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task("submit", total=len(batch))
        replies = []
        for item in batch:
            replies.append(client.send(item))
            progress.advance(task)
    return replies


def _summary(batch: list[Submission], replies: list[Reply]) -> dict[str, object]:
    return {
        "taken": sum(reply.taken for reply in replies),
        "refused": sum(reply.status is not None and not reply.taken for reply in replies),
        "unanswered": sum(reply.status is None for reply in replies),
        "results": [
            {
                "source": item.name,
                "status": reply.status,
                "failure": reply.failure or None,
                "rules": sorted({remark.rule for remark in remarks(reply.body)}),
            }
            for item, reply in zip(batch, replies, strict=True)
        ],
    }


def _show(batch: list[Submission], replies: list[Reply], failed: list[tuple[Submission, Reply]]) -> None:
    out = console()
    if failed:
        rows = [(item.name, reply.status or reply.failure, _errors(reply)) for item, reply in failed]
        out.print(table("Not taken", ("source", "answer", "why"), rows))
    counts = Counter(str(reply.status or reply.failure) for reply in replies)
    answers = ", ".join(f"{count} x {answer}" for answer, count in sorted(counts.items()))
    out.print(
        f"{len(batch) - len(failed)} of {len(batch)} taken ({answers or 'nothing to send'})", markup=False
    )


def _errors(reply: Reply) -> str:
    return "\n".join(f"{item.rule}: {item.text}" for item in remarks(reply.body) if item.severity == "error")
