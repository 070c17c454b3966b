"""Bulk exports of any size: where each resource lies is kept in memory, the resources stay in their files."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import msgspec
import orjson

from adapter.submission.ndjson import (
    Key,
    Links,
    Resource,
    Stamp,
    collection,
    contacts,
    key_of,
    links_of,
    stamp_of,
    supersedes,
)


class Line(msgspec.Struct, frozen=True):
    """Where a line lies: which file, which line of it (from 1), and its bytes."""

    file: Path
    number: int
    offset: int
    length: int

    def __str__(self) -> str:
        return f"{self.file.name}:{self.number}"

    def read(self) -> bytes:
        """The line."""
        with self.file.open("rb") as stream:
            stream.seek(self.offset)
            return stream.read(self.length)


class BulkExport:
    """Resources in ndjson files (one type per file or mixed), grouped into contacts."""

    def __init__(self) -> None:
        self._lines: dict[Key, Line] = {}
        self._links: dict[Key, Links] = {}
        self._stamps: dict[Key, Stamp] = {}
        self._doubts: dict[Key, list[Line]] = {}

    def note(self, line: Line, raw: bytes, resource: Resource) -> None:
        """Remember a line, whose content is `raw`. Of two states of a resource the one that was updated later
        counts; where that cannot be told, none does. A resource without type or id is of no contact."""
        key = key_of(resource)
        if key is None:
            return
        stamp = stamp_of(resource, raw)
        if key in self._stamps:
            later = supersedes(stamp, self._stamps[key])
            if later is None:
                self._doubts.setdefault(key, [self._lines[key]]).append(line)
            if not later:
                return
        self._lines[key], self._links[key], self._stamps[key] = line, links_of(resource), stamp

    @property
    def doubts(self) -> list[str]:
        """The lines of each resource that comes with different contents: ``a.ndjson:3, b.ndjson:9``."""
        return [", ".join(map(str, lines)) for lines in self._doubts.values()]

    @cached_property
    def groups(self) -> list[list[Key]]:
        """The keys of each contact's resources, without contacts that a doubt concerns. To be asked when all
        lines have been noted."""
        return [group for group in self._all if self._doubts.keys().isdisjoint(group)]

    @cached_property
    def _all(self) -> list[list[Key]]:
        return list(contacts(self._links))

    @property
    def lonely(self) -> int:
        """How many resources belong to no contact."""
        return len(self._links) - len({key for group in self._all for key in group})

    @property
    def left_out(self) -> int:
        """How many contacts are not made because of doubts."""
        return len(self._all) - len(self.groups)

    def bundles(self) -> Iterator[bytes]:
        """One collection bundle per contact; each resource byte for byte as its line had it."""
        for group in self.groups:
            yield orjson.dumps(collection((key, orjson.Fragment(self._lines[key].read())) for key in group))
