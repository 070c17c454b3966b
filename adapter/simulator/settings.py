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

    `clock` gives seconds since 1970; it decides what the future is and stamps the log. `inboxes` are folders
    in which batches are published, each with the folder of its receipts, None: there are none.
    """

    idempotency: bool = False
    units: frozenset[str] | None = None
    clock: Callable[[], float] = time.time
    inboxes: tuple[tuple[Path, Path | None], ...] = ()

    def today(self) -> date:
        """Today's date in Sweden."""
        return datetime.fromtimestamp(self.clock(), _STOCKHOLM).date()


def inbox_of(text: str) -> tuple[Path, Path | None]:
    """An inbox as it is written on a command line: ``FOLDER`` or ``FOLDER=RECEIPTS``.

    Raises ValueError for a folder that is not there.
    """
    folder, separator, receipts = text.partition("=")
    places = Path(folder), Path(receipts) if separator else None
    for place in places:
        if place is not None and not place.is_dir():
            raise ValueError(f"there is no folder {place}")
    return places


def read_units(path: Path) -> frozenset[str]:
    """Kombika from a text file, one a line; blank lines and lines that begin with # are passed over."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))
