"""The score over time: a file with one line of JSON for each report."""

from pathlib import Path

import msgspec

from adapter.errors import ConfigurationError


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One report: when (ISO 8601), with which rules, over how many bundles, and the scores in percent."""

    at: str
    rules: str
    bundles: int
    score: float | None
    registers: dict[str, float | None] = {}


_HINT = "Name a file that this command writes: it appends one line for each report."


def read_history(file: Path) -> list[Point]:
    """The reports so far, oldest first; none where the file is not there yet.

    Raises ConfigurationError for a file that is no history, so that nothing foreign is appended to.
    """
    try:
        lines = file.read_bytes().splitlines() if file.exists() else []
        return [msgspec.json.decode(line, type=Point) for line in lines if line.strip()]
    except msgspec.DecodeError:
        raise ConfigurationError(f"{file} is no history of reports", _HINT) from None
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}", _HINT) from None


def append(file: Path, point: Point) -> None:
    """Add a report to the file."""
    with file.open("ab") as stream:
        stream.write(msgspec.json.encode(point) + b"\n")
