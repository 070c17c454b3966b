"""Durations as people write them: ``200ms``, ``5s``, ``5m``, ``2h``; inside the program they are seconds."""

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def parse_duration(text: str) -> float:
    """Seconds of a duration with one unit (ms, s, m, h, d). Raises ValueError that says the form."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError("a duration is a number with its unit: 200ms, 5s, 5m, 2h")
    return float(match[1]) * _UNITS[match[2]]


def show_duration(seconds: float) -> str:
    """The duration in its largest whole unit; the inverse of `parse_duration`."""
    for unit in ("h", "m", "s"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds / _UNITS[unit]:g}{unit}"
    return f"{seconds * 1000:g}ms" if seconds else "0s"
