"""``vardbro verify --faults``: the fault suite, and the certificate at its end."""

import signal
import sys
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import JsonOption
from adapter.output import console, json_line, table
from adapter.verification.campaign import Plan, Progress, verify
from adapter.verification.certificate import Certificate, to_json
from adapter.verification.report import conclusion, rows, story

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class StoreName(StrEnum):
    """The stores, as they are named on the command line."""

    sqlite = "sqlite"
    postgres = "postgres"


class ScenarioName(StrEnum):
    """The scenarios, as they are named on the command line."""

    kill = "kill"
    workers = "workers"
    pause = "pause"
    restart_db = "restart-db"
    failover = "failover"


@app.command("verify")
def run(
    faults: Annotated[
        bool, typer.Option("--faults", help="Run the fault suite; there is nothing else to verify yet.")
    ] = False,
    runs: Annotated[int, typer.Option(min=1, help="How many disturbances.")] = 200,
    store: Annotated[StoreName, typer.Option(help="Where the ledger lies.")] = StoreName.sqlite,
    scenario: Annotated[ScenarioName, typer.Option(help="What is done to it.")] = ScenarioName.kill,
    postgres: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="A PostgreSQL to use; each ledger gets a database of its own there."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides faults and contacts; time decides the rest.")] = 1,
    senders: Annotated[int, typer.Option(min=1, max=64, help="Senders at the same time.")] = 4,
    contacts: Annotated[int, typer.Option(min=1, help="Contacts under way at the same time.")] = 80,
    keep: Annotated[
        Path | None, typer.Option(help="Keep ledgers, logs and notes in this new folder.", file_okay=False)
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Kill the real service under load, again and again, and compare the register's log with the receipts."""
    if not faults:
        raise typer.BadParameter("say what to verify: --faults")
    if postgres is not None and store is not StoreName.postgres:
        raise typer.BadParameter("--postgres goes with --store postgres")
    signal.signal(signal.SIGTERM, _leave)
    plan = Plan(
        runs=runs,
        store=store.value,
        scenario=scenario.value,
        postgres=postgres,
        seed=seed,
        senders=senders,
        contacts=contacts,
        keep=keep,
    )
    certificate = _with_progress(plan)
    if as_json:
        json_line(to_json(certificate))
    else:
        _show(certificate)
    return FINE if certificate.held_all else FINDINGS


def _with_progress(plan: Plan) -> Certificate:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    err = Console(file=sys.stderr)
    with Bar(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("starting", total=plan.runs)

        def tell(progress: Progress) -> None:
            bar.update(task, completed=progress.runs, description=progress.doing)

        return verify(plan, tell)


def _show(certificate: Certificate) -> None:
    out = console()
    out.print(table("vardbro verify --faults", ("what", "how much"), _plain(rows(certificate))))
    for found in certificate.breaks:
        for line in story(found):
            out.print(line, markup=False, highlight=False)
    out.print(conclusion(certificate), markup=False, highlight=False)


def _plain(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(what.replace("**", ""), much) for what, much in lines]


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Unwind on SIGTERM, so that nothing that was started is left behind."""
    raise SystemExit(FINDINGS)
