"""A ledger's file in the hands of a command: nobody else opens it meanwhile."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapter.errors import LedgerUnavailable
from adapter.ledger.sqlite.connection import SqliteConnection, connect
from adapter.ledger.sqlite.file import FileLock


@contextmanager
def held(path: Path) -> Iterator[SqliteConnection]:
    """A connection that writes to the file at `path` (as `prepare` gives it), which is held until the end.

    Raises LedgerInUse while a service holds it, LedgerUnavailable when it cannot be opened or written.
    """
    lock = FileLock(path)
    try:
        db = connect(str(path))
        try:
            yield db
        finally:
            db.close()
    except sqlite3.Error as error:
        raise LedgerUnavailable(
            f"the ledger at {path} cannot be used ({error})", "Is it a vardbro ledger, and is there room?"
        ) from None
    finally:
        lock.release()
