"""How the simulated registers behave when no fault is set."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

_STOCKHOLM = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True, slots=True)
class Settings:
    """`idempotency`: the Idempotency-Key header is honoured. `units`: the valid kombika, None for any.

    `clock` gives seconds since 1970; it decides what the future is and stamps the log.
    """

    idempotency: bool = False
    units: frozenset[str] | None = None
    clock: Callable[[], float] = time.time

    def today(self) -> date:
        """Today's date in Sweden."""
        return datetime.fromtimestamp(self.clock(), _STOCKHOLM).date()


def read_units(path: Path) -> frozenset[str]:
    """Kombika from a text file, one a line; blank lines and lines that begin with # are passed over."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))
