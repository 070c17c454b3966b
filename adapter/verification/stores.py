"""Where the ledgers of a campaign lie: files, databases of a named server, or servers of our own."""

import secrets
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from adapter.verification.failover import FailoverPair
from adapter.verification.postgres import PostgresServer, create_database, drop_database, setting_of


class Store(Protocol):
    """Gives a new, empty ledger for each stretch of a campaign."""

    name: str

    def start(self) -> None:
        """Make ready what the ledgers need."""
        ...

    def stop(self) -> None:
        """Leave nothing behind."""
        ...

    def new_ledger(self, folder: Path, number: int) -> str:
        """The URL of a new ledger; files go into `folder`."""
        ...

    def drop_ledger(self, number: int) -> None:
        """Remove a ledger that is not looked at any more."""
        ...

    def durability(self) -> str:
        """What makes a commit durable here, in words."""
        ...


class SqliteStore:
    """A file for each ledger."""

    name = "sqlite"

    def start(self) -> None:
        """Nothing is needed."""

    def stop(self) -> None:
        """Nothing is left."""

    def new_ledger(self, folder: Path, number: int) -> str:
        """A file in the folder."""
        return f"sqlite:///{folder.resolve().as_posix()}/ledger-{number}.db"

    def drop_ledger(self, number: int) -> None:
        """The folder goes as a whole."""

    def durability(self) -> str:
        """As the ledger opens its files."""
        return "WAL, synchronous=FULL: fsync at each commit"


class NamedServer:
    """Databases of their own on a server that somebody else runs. It is neither killed nor restarted."""

    name = "postgres"

    def __init__(self, url: str) -> None:
        self._url = url
        self._run = secrets.token_hex(3)

    def start(self) -> None:
        """The server runs."""

    def stop(self) -> None:
        """The server goes on running."""

    def new_ledger(self, folder: Path, number: int) -> str:  # noqa: ARG002 - the server has a disk of its own
        """A new database."""
        create_database(self._url, self._database(number))
        return _with_database(self._url, self._database(number))

    def drop_ledger(self, number: int) -> None:
        """Drop the database."""
        drop_database(self._url, self._database(number))

    def durability(self) -> str:
        """As the server is set."""
        names = ("fsync", "synchronous_commit", "synchronous_standby_names")
        return ", ".join(f"{name}={setting_of(self._url, name) or '(none)'}" for name in names)

    def _database(self, number: int) -> str:
        return f"vardbro_verify_{self._run}_{number}"


class OwnServer(NamedServer):
    """A server of our own in a folder, which may be killed."""

    def __init__(self, folder: Path) -> None:
        self.server = PostgresServer(folder / "server")
        super().__init__(self.server.url())

    def start(self) -> None:
        """Make and start the server."""
        self.server.create()
        self.server.start()

    def stop(self) -> None:
        """End the server."""
        self.server.kill()


class OwnPair(NamedServer):
    """A primary with a synchronous standby of our own."""

    def __init__(self, folder: Path) -> None:
        self.pair = FailoverPair(folder)
        super().__init__("")

    def start(self) -> None:
        """Make and start both servers."""
        self.pair.start()
        self._url = self.pair.primary.url()

    def stop(self) -> None:
        """End both."""
        self.pair.stop()

    def new_ledger(self, folder: Path, number: int) -> str:
        """A new database, by an address that names both servers."""
        self._url = self.pair.primary.url()
        super().new_ledger(folder, number)
        return self.pair.url(self._database(number))

    def drop_ledger(self, number: int) -> None:
        """Drop the database where it lies now."""
        self._url = self.pair.primary.url()
        super().drop_ledger(number)

    def durability(self) -> str:
        """As the primary of the moment is set."""
        self._url = self.pair.primary.url()
        return super().durability()


def _with_database(url: str, name: str) -> str:
    """The URL with another database; its parameters stay."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
