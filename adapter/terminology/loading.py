"""From delivered files to an edition in an overlay: read, checked beside the others, written in one go."""

import hashlib
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from adapter.domain.kombika import written
from adapter.errors import PackError
from adapter.mapping.editions import LATEST, Period, TableEdition, TableHead, day_before, merged
from adapter.mapping.table_files import (
    CODES_HEADER,
    KOMBIKA,
    KOMBIKA_HEADER,
    code_files,
    file_name,
    kombika_files,
)
from adapter.resources import Folders
from adapter.terminology.gathering import Gatherer, Key, Order
from adapter.terminology.recognising import recognised
from adapter.terminology.rows import Delivery

_EDITION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z._-]+")
_MOST_TOLD = 20


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


def load_edition(order: Order, folders: Folders, into: Path) -> Loaded:
    """Read the files and write them as one edition into the overlay `into`; `folders` hold the tables.

    Raises PackError (Unreadable) with file and line; then nothing is changed.
    """
    reader = Gatherer(order)
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
            TableEdition(one.head, dict(one.rows.items())) for one in code_files(folders).get(system, [])
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
