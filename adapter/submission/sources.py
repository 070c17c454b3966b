"""What there is to send: files, folders and ndjson, as named submissions in a stable order."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson

from adapter.submission.bulk import BulkExport, Line

LINES = frozenset({".ndjson", ".jsonl"})
SUFFIXES = frozenset({".json", ".xml"}) | LINES


class Submission(msgspec.Struct, frozen=True):
    """One bundle to send. `name` is a file name, with a number where the file holds several."""

    name: str
    raw: bytes


class Pile:
    """Everything that is to be sent, known by number before it is sent and read when its turn comes.

    Each JSON or XML file is sent as it is, byte for byte, then what the ndjson files hold: a line with a
    Bundle as it is; lines with other resources, of all ndjson files together, as one bundle per contact. A
    line that is no JSON is sent too: the adapter says what is wrong.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._whole: list[Path] = []
        self._lines: list[Line] = []
        self._export = BulkExport()
        for file in files:
            if file.suffix.lower() in LINES:
                self._look_through(file)
            else:
                self._whole.append(file)

    def __len__(self) -> int:
        return len(self._whole) + len(self._lines) + len(self._export.groups)

    def __iter__(self) -> Iterator[Submission]:
        for file in self._whole:
            yield Submission(file.name, file.read_bytes())
        for line in self._lines:
            yield Submission(str(line), line.read())
        for number, bundle in enumerate(self._export.bundles(), start=1):
            yield Submission(f"ndjson contact {number}", bundle)

    @property
    def lonely(self) -> int:
        """How many ndjson resources belong to no contact, and are not sent."""
        return self._export.lonely

    @property
    def doubts(self) -> list[str]:
        """The lines of each ndjson resource that comes with different contents, so that its contacts, in all
        `left_out`, are not sent."""
        return self._export.doubts

    @property
    def left_out(self) -> int:
        """How many contacts are not sent for doubts."""
        return self._export.left_out

    def _look_through(self, file: Path) -> None:
        offset = 0
        with file.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                text = line.strip()
                if text:
                    place = Line(file, number, offset, len(line))
                    resource = _resource(text)
                    if resource is None or resource.get("resourceType") == "Bundle":
                        self._lines.append(place)
                    else:
                        self._export.note(place, text, resource)
                offset += len(line)


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files themselves and those of folders (any depth, sorted). Raises FileNotFoundError."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(
                file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file()
            )
        elif path.is_file():
            found.append(path)
        else:
            raise FileNotFoundError(2, "is not there", str(path))
    return found


def _resource(line: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
