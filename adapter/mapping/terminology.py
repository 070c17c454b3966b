"""Which codes were valid on which day, and which kombika belonged to which HSA-id.

Tables lie in mappings/tables: ``kombika.csv`` (see `load_kombika`) and ``codes-<system>.csv``, semicolons
between fields, UTF-8, lines that begin with ``#`` are comments:

    # complete: no
    kod;from;to
    J189;1997-01-01;

`from` and `to` are inclusive days of care, empty for *always*. A code may have several lines. ``# complete:
yes`` says that the table holds every code that the system ever had: only then does a missing code mean that
it never existed; a starter table knows only the codes it names and leaves the others to their shape.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from adapter.domain.codes import has_shape, normalise
from adapter.domain.event import Kombika
from adapter.domain.hsa import parse_hsa_id
from adapter.domain.kombika import parse_kombika, written
from adapter.errors import PackError

_EARLIEST = ""
_LATEST = "9999-12-31"
_CODES_PREFIX = "codes-"
_MOST_REMEMBERED = 4096
_LONGEST_REMEMBERED = 16

_Value = TypeVar("_Value")


class Validity(StrEnum):
    """What the tables say of a code on a day. `rule` is the finding to report, None for a valid code."""

    rule: str | None

    def __new__(cls, value: str, rule: str | None = None) -> "Validity":
        """A member with its rule."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.rule = rule
        return member

    VALID = "valid"
    NEVER = "never", "CODE-NEVER"
    """A complete table does not hold it."""
    NOT_YET = "not-yet", "CODE-NOT-YET"
    """It came into force later."""
    RETIRED = "retired", "CODE-RETIRED"
    """It went out of force earlier (or between two periods)."""
    SHAPE_OK = "shape-ok", "CODE-UNCHECKED"
    """No complete table is loaded; it looks like a code of the system."""
    SHAPE_WRONG = "shape-wrong", "CODE-SHAPE"
    """No complete table is loaded; it does not look like a code of the system."""


class Period(NamedTuple):
    """Inclusive days of care, as ISO text; the text order of dates is their order in time."""

    start: str
    end: str

    def holds(self, day: str) -> bool:
        """Whether `day` (``YYYY-MM-DD``) lies within."""
        return self.start <= day <= self.end


class CodeTable(NamedTuple):
    """The dated codes of one system, normalised. `complete`: holds every code there ever was."""

    codes: Mapping[str, tuple[Period, ...]]
    complete: bool


class Terminology:
    """The code tables, by the system's short name. Immutable but for a memory of its answers."""

    def __init__(self, tables: Mapping[str, CodeTable]) -> None:
        self._tables = dict(tables)
        self._remembered = lru_cache(maxsize=_MOST_REMEMBERED)(self._look_up)

    def check(self, system: str, code: str, day: str) -> Validity:
        """What is known of a normalised `code` of `system` on the local `day` of care (``YYYY-MM-DD``)."""
        return (self._remembered if len(code) <= _LONGEST_REMEMBERED else self._look_up)(system, code, day)

    def complete(self, system: str) -> bool:
        """Whether a complete table of `system` is loaded."""
        table = self._tables.get(system)
        return table is not None and table.complete

    def _look_up(self, system: str, code: str, day: str) -> Validity:
        table = self._tables.get(system)
        if table is not None:
            periods = table.codes.get(code)
            if periods is not None:
                return _judge(periods, day)
            if table.complete:
                return Validity.NEVER
        return Validity.SHAPE_WRONG if has_shape(system, code) is False else Validity.SHAPE_OK


class KombikaTable:
    """Dated pairs of HSA-id and kombika; one unit may have several of the other. Immutable."""

    def __init__(self, rows: Iterable[tuple[Kombika, str, Period]] = ()) -> None:
        self._by_hsa_id: dict[str, list[tuple[Period, Kombika]]] = {}
        self._by_kombika: dict[str, list[tuple[Period, str]]] = {}
        for kombika, hsa_id, period in rows:
            self._by_hsa_id.setdefault(hsa_id, []).append((period, kombika))
            self._by_kombika.setdefault(written(kombika), []).append((period, hsa_id))

    def kombikas(self, hsa_id: str, day: str) -> tuple[Kombika, ...]:
        """The kombika of the unit (HSA-id in upper case) on `day`, in the table's order."""
        return _on(self._by_hsa_id.get(hsa_id, ()), day)

    def hsa_ids(self, kombika: Kombika, day: str) -> tuple[str, ...]:
        """The HSA-ids (upper case) that have this kombika on `day`, in the table's order."""
        return _on(self._by_kombika.get(written(kombika), ()), day)

    def expired(self, kombika: Kombika, day: str) -> bool:
        """Whether the table knows the kombika, but not as valid on `day`."""
        return written(kombika) in self._by_kombika and not self.hsa_ids(kombika, day)

    def contradicts(self, hsa_id: str, kombika: Kombika, day: str) -> bool:
        """Whether the table knows one of the two on `day`, but not the pair (UNIT-KOMBIKA-CONTRADICTS)."""
        theirs = self.kombikas(hsa_id, day)
        return kombika not in theirs if theirs else bool(self.hsa_ids(kombika, day))


def load_terminology(folder: Path) -> Terminology:
    """Read every ``codes-<system>.csv`` in `folder`. Raises PackError that names file and line."""
    return Terminology(
        {
            path.stem.removeprefix(_CODES_PREFIX): _read_codes(path)
            for path in sorted(folder.glob(f"{_CODES_PREFIX}*.csv"))
        }
    )


def load_kombika(folder: Path) -> KombikaTable:
    """Read ``kombika.csv`` in `folder`: ``kombika;hsaId;from;to``, `from` and `to` inclusive or empty.

    A folder without the file gives an empty table. Raises PackError that names file and line.
    """
    path = folder / "kombika.csv"
    return KombikaTable(_read_kombika(path)) if path.exists() else KombikaTable()


def _judge(periods: tuple[Period, ...], day: str) -> Validity:
    for start, end in periods:
        if start <= day <= end:
            return Validity.VALID
    return Validity.NOT_YET if all(day < start for start, _ in periods) else Validity.RETIRED


def _on(dated: Iterable[tuple[Period, _Value]], day: str) -> tuple[_Value, ...]:
    return tuple(dict.fromkeys(value for period, value in dated if period.holds(day)))


def _read_codes(path: Path) -> CodeTable:
    codes: dict[str, tuple[Period, ...]] = {}
    for where, (code, start, end) in _rows(path, ["kod", "from", "to"]):
        if not code:
            raise PackError(f"{where}: no code")
        key = normalise(code)
        codes[key] = (*codes.get(key, ()), _period(where, start, end))
    return CodeTable(codes, _is_complete(path))


def _read_kombika(path: Path) -> Iterator[tuple[Kombika, str, Period]]:
    for where, (kombika, hsa_id, start, end) in _rows(path, ["kombika", "hsaId", "from", "to"]):
        parts, unit = parse_kombika(kombika), parse_hsa_id(hsa_id)
        if parts is None or unit is None:
            raise PackError(f"{where}: no {'kombika' if parts is None else 'HSA-id'}")
        yield parts, unit, _period(where, start, end)


def _rows(path: Path, header: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The data rows with ``file:line``; comments and empty lines are passed over."""
    seen_header = False
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter=";"), start=1):
            if not row or row[0].startswith("#"):
                continue
            where = f"{path.name}:{number}"
            if not seen_header:
                if row != header:
                    raise PackError(f"{where}: expected the header {';'.join(header)}")
                seen_header = True
            elif len(row) == len(header):
                yield where, row
            else:
                raise PackError(f"{where}: expected {len(header)} fields, found {len(row)}")


def _is_complete(path: Path) -> bool:
    with path.open(encoding="utf-8-sig") as file:
        comments = [line[1:].strip().lower() for line in file if line.startswith("#")]
    return "complete: yes" in comments


def _period(where: str, start: str, end: str) -> Period:
    for day in (start, end):
        try:
            if day and date.fromisoformat(day).isoformat() != day:
                raise ValueError(day)
        except ValueError as error:
            raise PackError(f"{where}: a date is YYYY-MM-DD or empty") from error
    period = Period(start or _EARLIEST, end or _LATEST)
    if period.start > period.end:
        raise PackError(f"{where}: the period ends before it begins")
    return period
