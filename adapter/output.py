"""What commands print: tables for people, JSON for machines."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

_WIDE = 200
"""Columns of a table that goes into a file or a pipe, where no terminal says its width."""


def json_line(document: Any) -> None:
    """One JSON document as one line of UTF-8 on standard output."""
    sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
    sys.stdout.buffer.flush()


def console() -> Console:
    """Standard output for people."""
    return Console() if sys.stdout.isatty() else Console(width=_WIDE)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table of plain text (no markup in the cells); absent values are empty."""
    from_rows = Table(title=title, title_justify="left", show_lines=False)
    for column in columns:
        from_rows.add_column(column, overflow="fold")
    for row in rows:
        from_rows.add_row(*("" if cell is None else _plain(cell) for cell in row))
    return from_rows


def _plain(cell: object) -> str:
    return str(cell).replace("[", "\\[")
