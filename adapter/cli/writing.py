"""What commands with long work share: a progress bar on standard error, JSON and times in files."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def progress_bar() -> Progress:
    """A bar with count and time left, which goes away when the work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(file=sys.stderr), transient=True)


def write_json(file: Path, document: dict[str, Any]) -> None:
    """A document that people can read, too."""
    file.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def at(now: datetime) -> str:
    """A time as ISO 8601, to the second."""
    return now.isoformat(timespec="seconds")
