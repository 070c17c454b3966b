"""Bulk exports of any size: where each resource lies is kept in memory, the resources stay in their files."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import orjson

from adapter.submission.ndjson import Key, Links, Resource, collection, contacts, key_of, links_of


class BulkExport:
    """Resources in ndjson files (one type per file or mixed), grouped into contacts."""

    def __init__(self) -> None:
        self._files: list[Path] = []
        self._places: dict[Key, tuple[int, int, int]] = {}
        self._links: dict[Key, Links] = {}

    def note(self, file: Path, offset: int, line: bytes, resource: Resource) -> None:
        """Remember a line at `offset` of `file`. Of lines with the same id the last counts; a resource
        without type or id cannot be referred to and is of no contact."""
        key = key_of(resource)
        if key is None:
            return
        if not self._files or self._files[-1] != file:
            self._files.append(file)
        self._places[key] = (len(self._files) - 1, offset, len(line))
        self._links[key] = links_of(resource)

    @cached_property
    def groups(self) -> list[list[Key]]:
        """The keys of each contact's resources. To be asked when all lines have been noted."""
        return list(contacts(self._links))

    @property
    def lonely(self) -> int:
        """How many resources belong to no contact."""
        return len(self._links) - len({key for group in self.groups for key in group})

    def bundles(self) -> Iterator[bytes]:
        """One collection bundle per contact; each resource byte for byte as its line had it."""
        for group in self.groups:
            yield orjson.dumps(collection((key, orjson.Fragment(self._line(key))) for key in group))

    def _line(self, key: Key) -> bytes:
        number, offset, length = self._places[key]
        with self._files[number].open("rb") as file:
            file.seek(offset)
            return file.read(length)
