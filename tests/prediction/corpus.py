"""Bundles that are wrong in every place, one at a time: made from the samples, the same in every run."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

SAMPLES = Path(__file__).parents[1] / "samples"

_DATES = ("2027-01-01", "1899-12-31", "2025-02-29", "2019-06-01")
_CODES = ("", "x", "J18.9", "j189", "123456789012", "ÅÄÖ", "A00-B99", "XS012")

Path_ = tuple[str | int, ...]


def samples() -> dict[str, dict[str, Any]]:
    """The bundles of the samples, by name."""
    return {file.stem: orjson.loads(file.read_bytes()) for file in sorted(SAMPLES.glob("*.json"))}


def spoiled(bundle: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The bundle with one member taken out, or one value replaced by one of another kind; each with what was
    done to it."""
    for place, value in _places(bundle.get("entry", []), ("entry",)):
        yield f"without {_shown(place)}", _changed(bundle, place, None)
        for other in _others(value):
            yield f"{other!r} at {_shown(place)}", _changed(bundle, place, other)


def _others(value: Any) -> Iterator[Any]:
    if not isinstance(value, str):
        return
    if len(value) >= 10 and value[4:5] == "-" and value[:4].isdigit():
        yield from (day + value[10:] for day in _DATES)
    elif "://" not in value and not value.startswith("urn:") and "/" not in value:
        yield from _CODES


def _places(value: Any, place: Path_) -> Iterator[tuple[Path_, Any]]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name not in ("resourceType", "fullUrl", "request", "text", "display"):
                yield (*place, name), member
                yield from _places(member, (*place, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield (*place, index), member
            yield from _places(member, (*place, index))


def _changed(bundle: dict[str, Any], place: Path_, value: Any) -> dict[str, Any]:
    made: Any = copy.deepcopy(bundle)
    *way, last = place
    target = made
    for step in way:
        target = target[step]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return dict(made)


def _shown(place: Path_) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
