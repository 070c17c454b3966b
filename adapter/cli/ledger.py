"""``vardbro ledger migrate|check|copy``: the store itself, whether or not a service runs."""

import sys
from typing import Annotated

import msgspec
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import ActorOption, ConfigOption, JsonOption
from adapter.config import load_config
from adapter.config.keys import use_known_keys
from adapter.config.model import LedgerSection
from adapter.ledger.checking import Report
from adapter.ledger.checking import check as check_ledger
from adapter.ledger.copying import Copied
from adapter.ledger.copying import copy as copy_ledger
from adapter.ledger.migrating import migrate as migrate_ledger
from adapter.ledger.snapshot import Place, named
from adapter.ledger.sql.soundness import Fault
from adapter.output import console, json_line, table

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="The ledger's store.")

_COLUMNS = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())


@app.callback()
def _ledger() -> None:
    """The ledger's store."""


@app.command()
def migrate(config: ConfigOption = None) -> int:
    """Bring the configured ledger's schema up to date without starting the service."""
    place = load_config(config).ledger.place
    done = migrate_ledger(place)
    if done.before == done.after:
        said = f"schema version {done.after}, up to date already"
    elif done.before == 0:
        said = f"made, with schema version {done.after}"
    else:
        said = f"schema version {done.before} brought to {done.after}"
    _say(f"{named(place)}: {said}")
    return FINE


@app.command()
def check(
    deep: Annotated[bool, typer.Option("--deep", help="Open every stored payload, not only some.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check that the ledger is sound, also while a service runs; exit 1 when anything is not."""
    settings = load_config(config)
    use_known_keys(settings)
    place = settings.ledger.place
    with _Bar() as bar:
        report = check_ledger(place, deep=deep, progress=bar.show)
    if as_json:
        json_line(msgspec.to_builtins(report))
    else:
        _show(report, deep=deep)
    return FINE if report.sound else FINDINGS


@app.command()
def copy(
    source: Annotated[str, typer.Option("--from", metavar="URL", help="sqlite:///FILE; no service may run.")],
    target: Annotated[str, typer.Option("--to", metavar="URL", help="postgresql://..., an empty database.")],
    actor: ActorOption,
    as_json: JsonOption = False,
) -> int:
    """Move a ledger, with all that waits in it, to an empty database; all of it or nothing."""
    from_place, to_place = _place(source, "--from"), _place(target, "--to")
    if isinstance(from_place, str):
        raise typer.BadParameter(
            "only a SQLite ledger is copied; move a PostgreSQL database with pg_dump or a standby",
            param_hint="--from",
        )
    with _Bar() as bar:
        done = copy_ledger(from_place, to_place, actor, bar.show)
    if as_json:
        json_line(msgspec.to_builtins(done))
    else:
        _tell(done)
    return FINDINGS if done.faults else FINE


class _Bar:
    """Progress on standard error, for whoever watches."""

    def __init__(self) -> None:
        screen = Console(file=sys.stderr)
        self._progress = Progress(*_COLUMNS, console=screen, transient=True, disable=not screen.is_terminal)
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, what: str, done: int, of: int) -> None:
        """So much of so much is done, and now it is at `what`."""
        self._progress.update(self._task, description=what, completed=done, total=of)


def _place(url: str, option: str) -> Place:
    try:
        return LedgerSection(url=url).place
    except ValidationError:
        raise typer.BadParameter(
            'write "sqlite:///FILE" or "postgresql://USER@HOST/DATABASE"', param_hint=option
        ) from None


def _show(report: Report, *, deep: bool) -> None:
    counts = ", ".join(f"{rows} {name}" for name, rows in report.rows.items() if rows)
    _say(
        f"{report.ledger}: {'sound' if report.sound else 'NOT SOUND'}",
        *(f"  {name}: {said}" for name, said in report.says.items()),
        f"  rows: {counts or 'none'}",
        f"  payloads: {'all' if deep else 'some'} were opened",
        f"  newest hash of the audit trail: {report.head}",
    )
    _show_faults("Faults", report.faults)


def _tell(done: Copied) -> None:
    how = "had been copied already" if done.already else "copied, compared and checked"
    _say(
        f"{sum(done.rows.values())} rows {how}: {done.source} to {done.target}",
        f"{done.source} is kept, marked as moved: no service starts on it. Set [ledger] url to the target.",
    )
    _show_faults("To be mended (what was wrong in the source is in the copy too)", done.faults)


def _show_faults(title: str, faults: list[Fault]) -> None:
    if faults:
        rows = ((fault.table, fault.number, fault.what, fault.mend) for fault in faults)
        console().print(table(title, ("where", "which", "what", "to mend it"), rows))


def _say(*lines: str) -> None:
    for line in lines:
        console().print(line, highlight=False, markup=False)
