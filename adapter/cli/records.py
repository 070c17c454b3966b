"""Lists of other systems that commands are given: files and folders, read record by record."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import typer

from adapter.shadow.records import Record, Unreadable, records

SUFFIXES = frozenset({".csv", ".json", ".jsonl", ".ndjson"})


class Placed(msgspec.Struct, frozen=True):
    """A record with the place where a person finds it: ``file:line`` (in an array: the record's number)."""

    place: str
    record: Record


def placed_records(path: Path) -> Iterator[Placed]:
    """The records of a file, or of a folder's files by name. What cannot be read is a usage error."""
    for file in _files(path):
        try:
            for record in records(file.read_bytes(), file.name):
                yield Placed(f"{file.name}:{record.line}", record)
        except Unreadable as error:
            raise typer.BadParameter(f"{file.name}: {error}") from None


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise typer.BadParameter(f"{path} is not there")
    found = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in SUFFIXES)
    if not found:
        raise typer.BadParameter(f"{path} holds no file that ends in {', '.join(sorted(SUFFIXES))}")
    return found
