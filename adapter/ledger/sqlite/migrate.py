"""Numbered migrations, forward only. The file's ``user_version`` says which was the last."""

import sqlite3
from pathlib import Path

from adapter.ledger.sql.steps import MIGRATIONS, refuse_newer, steps_of

FOLDER = MIGRATIONS / "sqlite"


def migrate(db: sqlite3.Connection, folder: Path = FOLDER) -> int:
    """Bring the schema up to date and answer its version. Each migration is one transaction.

    Raises ConfigurationError for a file that a newer version of vardbro has written.
    """
    steps = steps_of(folder)
    current = version(db)
    refuse_newer(current, len(steps))
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
