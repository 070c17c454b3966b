"""Input files of commands: read as bytes, or a usage error that names the file."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import typer

STDIN = Path("-")


def contents(files: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file (``-``: standard input).

    All are looked at before the first is read, so that a mistyped name costs nothing.
    """
    files = list(files)
    for file in files:
        if file != STDIN and not file.is_file():
            raise typer.BadParameter(f"{file} is {'a folder' if file.is_dir() else 'not there'}")
    for file in files:
        yield file.name, sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
