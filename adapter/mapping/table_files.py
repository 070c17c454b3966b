"""Tables as files: semicolons between fields, UTF-8, lines that begin with ``#`` say what the table is.

    # edition: 2025
    # from: 2025-01-01
    # complete: yes
    kod;from;to
    J189;1997-01-01;

`from` and `to` are inclusive days of care, empty for *always* (or for what the head says). A code may have
several lines. A file is named for its system, and for its edition where it has one:
``codes-icd-10-se@2025.csv``, ``kombika@2025.csv``; without one it is a starter (``codes-kva.csv``).
"""

import csv
import io
from collections.abc import Callable, Hashable, Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

from adapter.domain.codes import normalise
from adapter.domain.event import Kombika
from adapter.domain.hsa import parse_hsa_id
from adapter.domain.kombika import parse_kombika
from adapter.errors import PackError
from adapter.mapping.editions import EARLIEST, LATEST, Period, TableEdition, TableHead, joined
from adapter.resources import Folders, layered

CODES_PREFIX = "codes-"
KOMBIKA = "kombika"
CODES_HEADER = ["kod", "from", "to"]
KOMBIKA_HEADER = ["kombika", "hsaId", "from", "to"]

Pair = tuple[Kombika, str]
"""A kombika and the HSA-id (upper case) of the unit that has it."""

_Key = TypeVar("_Key", bound=Hashable)
_Values = list[str]


def code_files(folders: Folders) -> dict[str, list[TableEdition[str]]]:
    """Every edition of every code table, by the system's short name. Raises PackError with file and line."""
    found: dict[str, list[TableEdition[str]]] = {}
    for layer, path in layered(folders, f"{CODES_PREFIX}*.csv"):
        edition = _read(path, layer, CODES_HEADER, _code)
        found.setdefault(edition.head.system, []).append(edition)
    return found


def kombika_files(folders: Folders) -> list[TableEdition[Pair]]:
    """Every edition of the table of units. Raises PackError with file and line."""
    return [
        _read(path, layer, KOMBIKA_HEADER, _pair)
        for layer, path in layered(folders, f"{KOMBIKA}.csv", f"{KOMBIKA}@*.csv")
    ]


def file_name(system: str, edition: str) -> str:
    """The name of an edition's file."""
    return f"{system if system == KOMBIKA else CODES_PREFIX + system}@{edition}.csv"


def checked_period(where: str, start: str, end: str) -> Period:
    """The period of two ISO days, empty for *always*. Raises PackError that names `where`."""
    for day in (start, end):
        if day and not is_day(day):
            raise PackError(f"{where}: a date is YYYY-MM-DD or empty")
    period = Period(start or EARLIEST, end or LATEST)
    if period.start > period.end:
        raise PackError(f"{where}: the period ends before it begins")
    return period


def is_day(text: str) -> bool:
    """Whether `text` is an ISO day."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _read(
    path: Path, layer: int, header: _Values, key_of: Callable[[str, _Values], _Key]
) -> TableEdition[_Key]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackError(
            f"{path}:{error.object.count(10, 0, error.start) + 1}: the file is not UTF-8"
        ) from None
    except OSError as error:
        raise PackError(f"{path}:1: the file cannot be read ({error.strerror})") from None
    head = _head(path, layer, text)
    periods: dict[tuple[str, str], Period] = {}
    rows: dict[_Key, tuple[Period, ...]] = {}
    for line, values in _rows(path, text, header):
        where = f"{path}:{line}"
        key = key_of(where, values)
        days = (values[-2] or head.start, values[-1] or head.end)
        period = periods.get(days)
        if period is None:
            period = periods[days] = checked_period(where, *days)
        rows[key] = joined([*rows[key], period]) if key in rows else (period,)
    return TableEdition(head, rows)


def _code(where: str, values: _Values) -> str:
    code = normalise(values[0])
    if not code:
        raise PackError(f"{where}: no code")
    return code


def _pair(where: str, values: _Values) -> Pair:
    kombika, unit = parse_kombika(values[0]), parse_hsa_id(values[1])
    if kombika is None or unit is None:
        raise PackError(f"{where}: no {'kombika' if kombika is None else 'HSA-id'}")
    return kombika, unit


def _head(path: Path, layer: int, text: str) -> TableHead:
    said: dict[str, str] = {}
    for line in text.split("\n"):
        if line.startswith("#"):
            name, colon, value = line[1:].partition(":")
            if colon:
                said[name.strip().lower()] = value.strip()
    system, _, edition = path.stem.partition("@")
    for name in ("from", "to"):
        if said.get(name) and not is_day(said[name]):
            raise PackError(f"{path}:1: `{name}` of the head is YYYY-MM-DD or empty")
    return TableHead(
        system=system.removeprefix(CODES_PREFIX),
        edition=edition,
        start=said.get("from", ""),
        end=said.get("to", ""),
        complete=said.get("complete", "").lower() == "yes",
        source=said.get("source", ""),
        loaded=said.get("loaded", ""),
        place=str(path),
        shipped=layer == 0 and not edition,
    )


def _rows(path: Path, text: str, header: _Values) -> Iterator[tuple[int, _Values]]:
    """The data rows with their lines; comments and empty lines are passed over."""
    seen_header = False
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    try:
        for row in reader:
            if not row or row[0].startswith("#"):
                continue
            if not seen_header:
                if row != header:
                    raise PackError(f"{path}:{reader.line_num}: expected the header {';'.join(header)}")
                seen_header = True
            elif len(row) == len(header):
                yield reader.line_num, row
            else:
                text = f"expected {len(header)} fields, found {len(row)}"
                raise PackError(f"{path}:{reader.line_num}: {text}")
    except csv.Error as error:
        raise PackError(f"{path}:{reader.line_num}: {error}") from None
