"""``vardbro rules cases``: runs the cases that domain experts write."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from adapter.cases.form import dates_of
from adapter.cases.run import Translators, complaints, read_cases, run_case
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.options import JsonOption
from adapter.errors import PackError
from adapter.output import console, json_line

PathsArgument = Annotated[
    list[Path], typer.Argument(metavar="PATH...", exists=True, help="Files of cases, or folders with them.")
]
OverlayOption = Annotated[
    Path | None,
    typer.Option("--overlay", metavar="FOLDER", exists=True, file_okay=False, help="Rules, maps and tables."),
]


def cases(paths: PathsArgument, overlay: OverlayOption = None, as_json: JsonOption = False) -> int:
    """Run cases (docs/reference/cases) and tell of those that come out otherwise than expected; exit 1."""
    translators = Translators(overlay)
    shown = [one for path in _files(paths) for one in _run(translators, path)]
    failed = [one for one in shown if one["complaints"]]
    if as_json:
        json_line(shown)
        return FINDINGS if failed else FINE
    out = console()
    for one in failed:
        out.print(f"{one['file']}: {one['case']} ({one['date']})", markup=False, highlight=False)
        for text in one["complaints"]:
            out.print(f"  {text}", markup=False, highlight=False)
    out.print(f"{len(shown)} cases, {len(failed)} come out otherwise", highlight=False)
    return FINDINGS if failed else FINE


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.yaml")) if path.is_dir() else (path,)


def _run(translators: Translators, path: Path) -> Iterator[dict[str, Any]]:
    file = read_cases(path)
    for case in file.cases:
        for date in dates_of(file, case):
            try:
                outcome = run_case(translators, file, case, date, path.parent)
            except (ValidationError, OSError) as error:
                text = f"{path}: {case.name}: {_said(error)}"
                raise PackError(text, "docs/reference/cases.md describes such files.") from None
            yield {
                "file": str(path),
                "case": case.name,
                "date": date,
                "complaints": complaints(case, outcome),
            }


def _said(error: ValidationError | OSError) -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    first = error.errors()[0]
    return f"settings.{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
