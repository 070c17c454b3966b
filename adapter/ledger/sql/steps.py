"""The numbered migrations of a store, as they lie in a folder."""

import re
from pathlib import Path

from adapter.errors import ConfigurationError

MIGRATIONS = Path(__file__).parent.parent / "migrations"
_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


def steps_of(folder: Path) -> list[tuple[int, str]]:
    """Number and text of each migration, in order. They are numbered from 1 without a gap."""
    found = sorted(
        (int(match[1]), path) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))
    )
    if [number for number, _ in found] != list(range(1, len(found) + 1)):
        raise ConfigurationError("The migrations of the ledger are not numbered 1, 2, 3, ...")
    return [(number, path.read_text()) for number, path in found]


def refuse_newer(current: int, known: int) -> None:
    """Raise ConfigurationError when a newer version of vardbro has written the ledger."""
    if current > known:
        raise ConfigurationError(
            f"The ledger's schema is of version {current}, this program knows {known}.",
            hint="Run the newer vardbro that wrote it.",
        )
