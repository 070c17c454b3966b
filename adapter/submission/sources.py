"""What there is to send: files, folders and ndjson, as named submissions in a stable order."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson

from adapter.submission.ndjson import group_contacts

SUFFIXES = frozenset({".json", ".ndjson", ".jsonl"})
_LINES = frozenset({".ndjson", ".jsonl"})


class Submission(msgspec.Struct, frozen=True):
    """One bundle to send. `name` is a file name, with a number where the file holds several."""

    name: str
    raw: bytes


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files themselves and those of folders (any depth, sorted). Raises FileNotFoundError."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
        elif path.is_file():
            found.append(path)
        else:
            raise FileNotFoundError(2, "is not there", str(path))
    return found


def submissions(files: Iterable[Path]) -> Iterator[Submission]:
    """Each JSON file as it is, byte for byte, then what the ndjson files hold.

    A line with a Bundle is sent as it is; lines with other resources, of all ndjson files together, are
    grouped into one bundle per contact. A line that is no JSON is sent too: the adapter says what is wrong.
    """
    loose: list[dict[str, Any]] = []
    for file in files:
        if file.suffix not in _LINES:
            yield Submission(file.name, file.read_bytes())
            continue
        for number, line in enumerate(file.read_bytes().splitlines(), start=1):
            if not line.strip():
                continue
            resource = _resource(line)
            if resource is None or resource.get("resourceType") == "Bundle":
                yield Submission(f"{file.name}:{number}", line)
            else:
                loose.append(resource)
    for number, bundle in enumerate(group_contacts(loose), start=1):
        yield Submission(f"ndjson contact {number}", orjson.dumps(bundle))


def _resource(line: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
