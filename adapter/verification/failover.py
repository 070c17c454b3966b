"""Two PostgreSQL servers: a primary, and a synchronous standby that takes its place."""

from pathlib import Path

from adapter.verification.postgres import USER, PostgresServer


class FailoverPair:
    """A primary and its synchronous standby; `fail_over` kills the one and promotes the other."""

    def __init__(self, folder: Path) -> None:
        self._primary = PostgresServer(folder / "a")
        self._standby = PostgresServer(folder / "b")

    @property
    def primary(self) -> PostgresServer:
        """The server that is written to."""
        return self._primary

    def start(self) -> None:
        """Start both."""
        self._primary.create()
        self._primary.start()
        self._join()

    def stop(self) -> None:
        """Kill both."""
        self._primary.kill()
        self._standby.kill()

    def url(self, database: str) -> str:
        """The address of a database, whichever of the two is the primary."""
        ports = sorted((self._primary.port, self._standby.port))
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        return f"postgresql://{USER}@{hosts}/{database}"

    def fail_over(self) -> None:
        """Kill the primary and promote the standby."""
        self._primary.kill()
        self._standby.promote()
        self._primary, self._standby = self._standby, self._primary

    def mend(self) -> None:
        """Make the server that was killed the new primary's standby."""
        self._join()

    def _join(self) -> None:
        self._standby.copy(self._primary)
        self._standby.start()
        self._primary.await_standby()
