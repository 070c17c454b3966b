"""Numbered migrations on PostgreSQL, one node at a time. Table ``schema_version`` says which was the last."""

from pathlib import Path

from adapter.ledger.postgres.connection import PostgresConnection
from adapter.ledger.sql.steps import MIGRATIONS, refuse_newer, steps_of

FOLDER = MIGRATIONS / "postgres"
_LOCK = 0x7661726462726F
"""Key of the advisory lock that a migrating node holds."""


def migrate(db: PostgresConnection, folder: Path = FOLDER) -> int:
    """Bring the schema up to date and answer its version. Each migration is one transaction.

    Raises ConfigurationError for a database that a newer version of vardbro has written.
    """
    steps = steps_of(folder)
    if version(db) == len(steps):
        return len(steps)
    db.raw.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    try:
        db.raw.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
        current = version(db)
        refuse_newer(current, len(steps))
        for number, text in steps[current:]:
            with db.raw.transaction():
                db.raw.execute(text.encode())
                db.raw.execute("DELETE FROM schema_version")
                db.raw.execute("INSERT INTO schema_version VALUES (%s)", (number,))
    finally:
        db.raw.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
    return len(steps)


def version(db: PostgresConnection) -> int:
    """The number of the last migration that the database has seen; 0 for an empty one."""
    row = db.raw.execute("SELECT to_regclass('schema_version') IS NOT NULL").fetchone()
    if not row or not row[0]:
        return 0
    found = db.raw.execute("SELECT version FROM schema_version").fetchone()
    return 0 if found is None else int(found[0])
