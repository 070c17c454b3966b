"""The stores that tests run on: a file for each, or a database for each on one real server."""

import atexit
import itertools
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Protocol

from adapter.ledger.ledger import Ledger
from adapter.ledger.postgres import PostgresLedger
from adapter.ledger.postgres.connection import connect
from adapter.ledger.postgres.migrate import migrate
from adapter.ledger.sqlite import SqliteLedger
from adapter.verification.postgres import PostgresServer, create_database, drop_database

STORES = ("sqlite", "postgres")
_numbers = itertools.count(1)


class Store(Protocol):
    """A place for one ledger."""

    shared: bool

    def open(self, clock: Callable[[], float] | None = None) -> Ledger:
        """Open the ledger, with its own clock or another."""
        ...

    def discard(self) -> None:
        """Free the room that it takes; nobody has it open."""
        ...


class SqliteStore:
    """A file in a folder."""

    shared = False

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ledger.db"

    def open(self, clock: Callable[[], float] | None = None) -> Ledger:
        return SqliteLedger.open(self.path, clock=clock, reserve=0)

    def discard(self) -> None:
        """The folder is the test's."""


class PostgresStore:
    """A database of its own."""

    shared = True

    def __init__(self) -> None:
        self.url = new_database()

    def open(self, clock: Callable[[], float] | None = None) -> Ledger:
        # Where time stands still, what came first is known by its number, and numbers come in blocks.
        return PostgresLedger.open(
            self.url, clock=clock, connections=2 if clock is None else 1, confirm_within=30.0
        )

    def discard(self) -> None:
        drop_database(server().url(), self.url.rpartition("/")[2])


def store(name: str, folder: Path) -> Store:
    """A new, empty store of the kind `name`."""
    return SqliteStore(folder) if name == "sqlite" else PostgresStore()


@cache
def server() -> PostgresServer:
    """One server for all tests of this process. It need not be durable: tests that kill have their own."""
    folder = Path(tempfile.mkdtemp(prefix="vardbro-tests-"))
    off = dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes", "autovacuum"), "off")
    folder.chmod(0o711)
    made = PostgresServer(folder / "data", settings=off)
    made.create()
    made.start()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(made.kill)
    create_database(made.url(), "empty")
    db = connect(made.url("empty"))
    migrate(db)
    db.close()
    return made


def new_database() -> str:
    """The URL of a new database whose tables are there and empty."""
    name = f"test{next(_numbers)}"
    create_database(server().url(), name, template="empty")
    return server().url(name)
