"""Lists of other systems as text: ndjson, a JSON array, or CSV whose headers are paths. Pure.

Each record has the line where it stands, so that a wrong one can be found; what it holds is never repeated.
"""

import csv
import io
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec
import orjson

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_PATH = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[\d+\])*")
_MOST_ITEMS = 100


class Record(msgspec.Struct, frozen=True):
    """One record: where it stands (line, or place in an array, from 1), and what it says; `fault` says why it
    cannot be read, and then it says nothing."""

    line: int
    value: dict[str, Any]
    fault: str | None = None


class Unreadable(ValueError):
    """The text as a whole is none of the forms; the message says why."""


def records(raw: bytes, name: str) -> Iterator[Record]:
    """The records of a file. `name` ends in ``.csv`` for CSV; else it is JSON.

    Raises Unreadable, at the latest when the records are read.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("not UTF-8") from None
    if name.lower().endswith(".csv"):
        return _csv(text)
    return _array(text) if text.lstrip().startswith("[") else _ndjson(text)


def _array(text: str) -> Iterator[Record]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"no JSON (line {error.lineno})") from None
    for number, value in enumerate(found, start=1):
        yield _record(number, value)


def _ndjson(text: str) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield _record(number, orjson.loads(line))
        except orjson.JSONDecodeError:
            yield Record(number, {}, "no JSON")


def _record(number: int, value: Any) -> Record:
    if not isinstance(value, dict):
        return Record(number, {}, "no JSON object")
    return Record(number, value)


def _csv(text: str) -> Iterator[Record]:
    """Rows under a header of paths (``enhet.inr``, ``diagnoser[0].kod``); empty cells say nothing."""
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    header: list[list[str | int]] | None = None
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if header is None:
                header = [_steps(cell.strip(), column) for column, cell in enumerate(row, start=1)]
            elif len(row) != len(header):
                yield Record(rows.line_num, {}, f"{len(row)} fields under {len(header)} headers")
            else:
                yield _row(rows.line_num, header, row)
    except csv.Error:
        raise Unreadable(f"no CSV (line {rows.line_num})") from None
    if header is None:
        raise Unreadable("no header")


def _steps(path: str, column: int) -> list[str | int]:
    if not _PATH.fullmatch(path):
        raise Unreadable(f"header {column} is no path")
    steps: list[str | int] = [int(index) if index else name for name, index in _STEP.findall(path)]
    if any(isinstance(step, int) and step >= _MOST_ITEMS for step in steps):
        raise Unreadable(f"header {column} has too large an index")
    return steps


def _row(line: int, header: list[list[str | int]], row: list[str]) -> Record:
    value: dict[str, Any] = {}
    for steps, cell in zip(header, row, strict=True):
        if cell.strip():
            try:
                _put(value, steps, cell.strip())
            except (TypeError, KeyError):
                return Record(line, {}, "two headers contradict each other")
    return Record(line, _without_gaps(value))


def _put(target: Any, steps: list[str | int], text: str) -> None:
    for step, following in pairwise(steps):
        target = _member(target, step, [] if isinstance(following, int) else {})
    last = steps[-1]
    if isinstance(last, int):
        _member(target, last, text)
    else:
        target[last] = text


def _member(target: Any, step: str | int, new: Any) -> Any:
    if isinstance(step, int):
        target.extend([None] * (step + 1 - len(target)))
        if target[step] is None:
            target[step] = new
        return target[step]
    return target.setdefault(step, new)


def _without_gaps(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_gaps(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_gaps(inner) for inner in value if inner is not None]
    return value
