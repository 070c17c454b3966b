"""A look at a ledger as it is at one moment. A service may be at work on it meanwhile."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapter.errors import LedgerUnavailable
from adapter.ledger.postgres import migrate as postgres
from adapter.ledger.postgres.access import connected, shown
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.steps import refuse_newer, steps_of
from adapter.ledger.sqlite import migrate as sqlite
from adapter.ledger.sqlite.connection import connect

Place = Path | str
"""Where a ledger lies: a file, or the URL of a PostgreSQL database."""


@contextmanager
def snapshot(place: Place) -> Iterator[Database]:
    """A connection that can only read, within one transaction: all that is asked is of the same moment.

    Raises LedgerUnavailable (there is no ledger, its schema is of an older version, it cannot be read),
    ConfigurationError (a newer version has written it).
    """
    if isinstance(place, str):
        with connected(place, reading=True) as db:
            _require_present(postgres.version(db), len(steps_of(postgres.FOLDER)), place)
            db.raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield db
    else:
        yield from _of_file(place)


def named(place: Place) -> str:
    """A place as it may be shown: a database without user and password."""
    return shown(place) if isinstance(place, str) else str(place)


def _of_file(path: Path) -> Iterator[Database]:
    if not path.is_file():
        _require_present(0, 0, path)
    try:
        db = connect(str(path), read_only=True)
        try:
            db.execute("BEGIN")
            _require_present(sqlite.version(db), len(steps_of(sqlite.FOLDER)), path)
            yield db
        finally:
            db.close()
    except sqlite3.Error as error:
        raise LedgerUnavailable(
            f"the ledger at {path} cannot be read ({error})", "Is it a vardbro ledger?"
        ) from None


def _require_present(version: int, known: int, place: Place) -> None:
    if version == 0:
        raise LedgerUnavailable(
            f"there is no ledger at {named(place)} yet", "Start `vardbro serve`, or name it with --config."
        )
    refuse_newer(version, known)
    if version < known:
        raise LedgerUnavailable(
            f"the ledger's schema is of version {version}, this program needs {known}",
            "Run `vardbro ledger migrate`; it must not run on an older vardbro meanwhile.",
        )
