"""From delivered files to an edition in an overlay: read, checked beside the others, written in one go."""

import hashlib
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from adapter.domain.codes import has_shape, normalise
from adapter.domain.hsa import parse_hsa_id
from adapter.domain.kombika import parse_kombika, written
from adapter.errors import PackError
from adapter.mapping.editions import LATEST, Period, TableEdition, TableHead, day_before, joined, merged
from adapter.mapping.table_files import (
    CODES_HEADER,
    KOMBIKA,
    KOMBIKA_HEADER,
    code_files,
    file_name,
    kombika_files,
)
from adapter.resources import Folders
from adapter.terminology.recognising import recognised
from adapter.terminology.rows import Delivery, Row, Unreadable

_EDITION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z._-]+")
_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.*†+-]{1,14}")
_RANGE = re.compile(r"[A-Z][0-9][0-9A-Z]{0,3}[-–][A-Z][0-9][0-9A-Z]{0,3}")
_MARKS = " *†+"
_SHORTEST = 3
_MOST_TOLD = 20
_BEGINNING = "0001-01-01"
"""Written where a row reaches back further than its edition."""

Key = str | tuple[str, str]
_Own = tuple[str | None, str | None]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be loaded. `start` and `end` are those of the edition, inclusive, empty where open."""

    files: tuple[Path, ...]
    system: str
    edition: str | None = None
    start: str = ""
    end: str = ""
    complete: bool = False


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What was loaded. `headings` are rows that name a chapter or a section and no code, `repeated` rows that
    say again what another has said; `left_out` tells (with file and line) of rows whose unit no HSA-id names,
    the first 20. `retired` are codes of the edition before that this one lacks."""

    system: str
    edition: str
    start: str
    end: str
    complete: bool
    codes: int
    headings: int
    repeated: int
    retired: int
    replaced: bool
    file: str
    left_out: tuple[str, ...]
    sources: tuple[str, ...]
    forms: tuple[str, ...]
    columns: dict[str, str]


class _Reader:
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


def load_edition(order: Order, folders: Folders, into: Path) -> Loaded:
    """Read the files and write them as one edition into the overlay `into`; `folders` hold the tables.

    Raises PackError (Unreadable) with file and line; then nothing is changed.
    """
    reader = _Reader(order)
    deliveries = []
    digests = []
    for file in order.files:
        delivery, raw = recognised(file, order.system)
        reader.take(delivery)
        deliveries.append(delivery)
        digests.append(f"{file.name} (sha256 {hashlib.sha256(raw).hexdigest()[:16]})")
    rows = reader.periods()
    edition = _edition(order, deliveries)
    target = into / "tables" / file_name(order.system, edition)
    head = TableHead(
        system=order.system,
        edition=edition,
        start=order.start,
        end=order.end,
        complete=order.complete,
        source=", ".join(digests),
        loaded=datetime.now(UTC).isoformat(timespec="seconds"),
        place=str(target),
    )
    retired = _beside_others(TableEdition(head, rows), folders, target)
    replaced = target.exists()
    _write(target, _text(head, rows))
    return Loaded(
        system=order.system,
        edition=edition,
        start=order.start,
        end=order.end,
        complete=order.complete,
        codes=len(rows),
        headings=reader.headings,
        repeated=reader.repeated,
        retired=retired,
        replaced=replaced,
        file=str(target),
        left_out=tuple(reader.left_out[:_MOST_TOLD]),
        sources=tuple(digests),
        forms=tuple(f"{one.form}{', ' + one.encoding if one.encoding else ''}" for one in deliveries),
        columns=deliveries[0].columns,
    )


def _is_heading(code: str, system: str) -> bool:
    """Whether this names a chapter or a section (``IX``, ``AA``, ``A00-B99``, ``Kapitel 1``), and no code."""
    if len(code) < _SHORTEST or not any(mark.isdigit() for mark in code) or _RANGE.fullmatch(code):
        return True
    return " " in code and not has_shape(system, normalise(code.replace(" ", "")))


def _edition(order: Order, deliveries: list[Delivery]) -> str:
    if order.edition is not None:
        if not _EDITION.fullmatch(order.edition):
            raise PackError(
                "an edition is named by letters, digits, dots and hyphens", "Write --edition 2025."
            )
        return order.edition
    said = _NOT_IN_NAMES.sub("-", deliveries[0].version).strip("-.")[:40]
    return said or order.start or "current"


def _beside_others(edition: TableEdition[Key], folders: Folders, target: Path) -> int:
    """How many codes the edition before has that this one lacks, and so retires.

    Raises PackError when the editions contradict each other.
    """
    system = edition.head.system
    found: Iterable[TableEdition[Key]]
    if system == KOMBIKA:
        found = [
            TableEdition(one.head, {(written(k), unit): p for (k, unit), p in one.rows.items()})
            for one in kombika_files(folders)
        ]
    else:
        found = [
            TableEdition(one.head, dict(one.rows.items()))
            for one in code_files(folders).get(system, [])
        ]
    others = [one for one in found if Path(one.head.place) != target]
    merged([*others, edition])
    if not edition.head.complete:
        return 0
    before = [one for one in others if one.head.complete and one.head.start < edition.head.start]
    if not before:
        return 0
    newest = max(before, key=lambda one: one.head.start)
    day = day_before(edition.head.start)
    return sum(
        key not in edition.rows and any(period.holds(day) for period in periods)
        for key, periods in newest.rows.items()
    )


def _text(head: TableHead, rows: dict[Key, tuple[Period, ...]]) -> str:
    lines = [
        f"# system: {head.system}",
        f"# edition: {head.edition}",
        f"# from: {head.start}",
        f"# to: {head.end}",
        f"# complete: {'yes' if head.complete else 'no'}",
        f"# source: {head.source}",
        f"# loaded: {head.loaded}",
        ";".join(KOMBIKA_HEADER if head.system == KOMBIKA else CODES_HEADER),
    ]
    for key, periods in rows.items():
        cells = key if isinstance(key, str) else ";".join(key)
        for start, end in periods:
            lines.append(f"{cells};{start};{'' if end == LATEST and not head.end else end}")
    return "\n".join(lines) + "\n"


def _write(target: Path, text: str) -> None:
    """Write durably, and in one go: who reads meanwhile finds the old file or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with half.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        half.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        half.unlink(missing_ok=True)
