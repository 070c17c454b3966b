"""How far a source has been read, kept in a file between runs."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from adapter.errors import ConfigurationError

MARGIN = timedelta(minutes=5)
"""How far before the mark is searched again: a server may show a change later than it dates it. What comes
twice is recognised by the adapter."""


class Checkpoint(msgspec.Struct):
    """The newest change that has been dealt with, for each type of resource that is searched by change."""

    marks: dict[str, datetime] = {}

    @classmethod
    def load(cls, path: Path, since: datetime | None, kinds: tuple[str, ...]) -> "Checkpoint":
        """What the file says; where it says nothing of a type, `since`. Raises ConfigurationError."""
        kept: dict[str, datetime] = {}
        if path.exists():
            try:
                kept = msgspec.json.decode(path.read_bytes(), type=Checkpoint).marks
            except msgspec.DecodeError:
                raise ConfigurationError(
                    "the checkpoint cannot be read", "Name the right file, or begin anew with --since."
                ) from None
        if since is None and not set(kinds) <= kept.keys():
            raise ConfigurationError("there is no checkpoint yet", "Say where to begin: --since 2026-01-01.")
        return cls({kind: kept.get(kind, since) for kind in kinds})  # type: ignore[misc]

    def searched_from(self, kind: str) -> str:
        """The ``_lastUpdated`` to search a type from, in UTC."""
        return (self.marks[kind] - MARGIN).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def advance(self, kind: str, to: datetime, path: Path) -> None:
        """Everything of this type up to `to` has been dealt with: write it down, whole or not at all."""
        self.marks[kind] = max(self.marks[kind], to)
        part = path.with_name(path.name + ".part")
        with part.open("wb") as file:
            file.write(msgspec.json.encode(self))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)


def last_updated(resource: dict[str, object]) -> datetime | None:
    """``meta.lastUpdated`` with its time zone, None without."""
    meta = resource.get("meta")
    text = meta.get("lastUpdated") if isinstance(meta, dict) else None
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
