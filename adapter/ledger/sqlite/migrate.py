"""Numbered migrations, forward only. The file's ``user_version`` says which was the last."""

import re
import sqlite3
from pathlib import Path

from adapter.errors import ConfigurationError

FOLDER = Path(__file__).parent.parent / "migrations" / "sqlite"
_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


def migrations(folder: Path = FOLDER) -> list[tuple[int, str]]:
    """Number and text of each migration, in order. They are numbered from 1 without a gap."""
    found = sorted(
        (int(match[1]), path) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))
    )
    if [number for number, _ in found] != list(range(1, len(found) + 1)):
        raise ConfigurationError("The migrations of the ledger are not numbered 1, 2, 3, ...")
    return [(number, path.read_text()) for number, path in found]


def migrate(db: sqlite3.Connection, folder: Path = FOLDER) -> int:
    """Bring the schema up to date and answer its version. Each migration is one transaction.

    Raises ConfigurationError for a file that a newer version of vardbro has written.
    """
    steps = migrations(folder)
    current = version(db)
    if current > len(steps):
        raise ConfigurationError(
            f"The ledger's schema is of version {current}, this program knows {len(steps)}.",
            hint="Run the newer vardbro that wrote it.",
        )
    for number, text in steps[current:]:
        db.execute("BEGIN IMMEDIATE")
        try:
            for statement in _statements(text):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
    return len(steps)


def version(db: sqlite3.Connection) -> int:
    """The number of the last migration that the file has seen; 0 for an empty file."""
    found: int = db.execute("PRAGMA user_version").fetchone()[0]
    return found


def _statements(text: str) -> list[str]:
    """The statements of a script. (``executescript`` would commit behind our back.)"""
    statements, pending = [], ""
    for line in text.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
