"""From the rows of delivered files to codes (or units) with their periods; what is no code is left out."""

import re
from pathlib import Path

import msgspec

from adapter.domain.codes import has_shape, normalise
from adapter.domain.hsa import parse_hsa_id
from adapter.domain.kombika import parse_kombika, written
from adapter.mapping.editions import LATEST, Period, day_before, joined
from adapter.mapping.table_files import KOMBIKA
from adapter.terminology.rows import Delivery, Row, Unreadable

_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.*†+-]{1,14}")
_RANGE = re.compile(r"[A-Z][0-9][0-9A-Z]{0,3}[-–][A-Z][0-9][0-9A-Z]{0,3}")
_MARKS = " *†+"
_SHORTEST = 3
_BEGINNING = "0001-01-01"
"""Written where a row reaches back further than its edition."""

Key = str | tuple[str, str]
"""A code, or a kombika with its unit's HSA-id."""

_Own = tuple[str | None, str | None]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be loaded. `start` and `end` are those of the edition, inclusive, empty where open."""

    files: tuple[Path, ...]
    system: str
    edition: str | None = None
    start: str = ""
    end: str = ""
    complete: bool = False


class Gatherer:
    """Gathers rows by key, from one file after the other."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._rows: dict[Key, list[_Own]] = {}
        self._shaped = 0
        self._misshapen: str | None = None
        self.headings = 0
        self.repeated = 0
        self.left_out: list[str] = []

    def take(self, delivery: Delivery) -> None:
        """Read a file. Raises Unreadable."""
        for row in delivery.rows:
            where = f"{delivery.name}:{row.line}"
            key = self._unit(where, row) if self._order.system == KOMBIKA else self._code(where, row)
            if key is None:
                continue
            own = self._own(where, row, delivery)
            known = self._rows.setdefault(key, [])
            if known and (own in known or own == (None, None)):
                self.repeated += 1
            else:
                known.append(own)

    def periods(self) -> dict[Key, tuple[Period, ...]]:
        """Each key with its periods. Raises Unreadable when these can be no codes of the system."""
        if len(self.left_out) > len(self._rows):
            raise Unreadable(self.left_out[0])
        if not self._rows:
            raise Unreadable("there is no code in the file")
        if self._misshapen is not None and self._shaped * 2 < len(self._rows):
            raise Unreadable(
                f"{self._misshapen}: most of this does not look like codes of {self._order.system}"
            )
        found: dict[Key, tuple[Period, ...]] = {}
        for key, own in self._rows.items():
            dated = [one for one in own if one != (None, None)] or own
            found[key] = joined(
                [Period(start or self._order.start, end or self._order.end or LATEST) for start, end in dated]
            )
        return found

    def _own(self, where: str, row: Row, delivery: Delivery) -> _Own:
        end = row.end
        if row.retired:
            since = self._order.start or delivery.dated
            if not since:
                raise Unreadable(f"{where}: retired, and nothing says since when: give --from")
            end = day_before(since)
        start = row.start
        if start is not None and end is not None and start > end:
            raise Unreadable(f"{where}: the period ends before it begins")
        first, last = start or self._order.start, end or self._order.end
        if first and last and first > last:
            # a code that ended before its edition begins, or begins when that has ended
            return start or _BEGINNING, end or LATEST
        return start, end

    def _code(self, where: str, row: Row) -> Key | None:
        code = row.code.strip(_MARKS)
        if _is_heading(code, self._order.system):
            self.headings += 1
            return None
        if not _TOKEN.fullmatch(code):
            raise Unreadable(f"{where}: a code is 3 to 15 letters and digits")
        key = normalise(code)
        if has_shape(self._order.system, key) is False:
            self._misshapen = self._misshapen or where
        else:
            self._shaped += 1
        return key

    def _unit(self, where: str, row: Row) -> Key | None:
        kombika, unit = parse_kombika(row.code), parse_hsa_id(row.unit)
        if kombika is None:
            raise Unreadable(f"{where}: a kombika is eight digits and one to three letters or digits")
        if unit is None:
            # the region's own published file holds such a row: no sender can mean that unit
            self.left_out.append(f"{where}: an HSA-id is SE, ten digits, a hyphen, letters and digits")
            return None
        return written(kombika), unit


def _is_heading(code: str, system: str) -> bool:
    """Whether this names a chapter or a section (``IX``, ``AA``, ``A00-B99``, ``Kapitel 1``), and no code."""
    if len(code) < _SHORTEST or not any(mark.isdigit() for mark in code) or _RANGE.fullmatch(code):
        return True
    return " " in code and not has_shape(system, normalise(code.replace(" ", "")))
