"""The nodes of the product under test: one that serves, and perhaps some that only deliver."""

from pathlib import Path

import msgspec

from adapter.errors import VardbroError
from adapter.verification.children import Child, Nursery
from adapter.verification.naive_register import Manner
from adapter.verification.ports import free_port

TIMEOUT = 0.5
"""Seconds that the service waits for the register's stand-in."""

SCHEDULE = ("0s", "100ms", "200ms", "500ms", *("1s",) * 60)
"""Long enough that nothing parks because its attempts are exhausted while faults go on."""

_CONFIGURATION = """\
[http]
host = "127.0.0.1"
port = {port}
[ledger]
url = "{ledger}"
key_file = "{keys}"
[delivery]
schedule = {schedule}
drain = "5s"
[senders.default]
version = "versionId"
[registers.gvr]
enabled = true
url = "{register}"
timeout = "{timeout}s"
grace = "{grace}s"
{abilities}
[log]
level = "warning"
format = "json"
"""
_ABILITIES: dict[Manner, str] = {
    "asked": 'lookup = "/vardhandelse/besok"',
    "keys": "idempotency = true",
    "strict": "probe_by_write = true",
    "mute": "",
}


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Where one installation lies: its folder, its configuration and its address."""

    folder: Path
    configuration: Path
    url: str


def build_site(folder: Path, *, ledger: str, register: str, manner: Manner, grace: float) -> Site:
    """Write the configuration of an installation; `ledger` and `register` are URLs."""
    port = free_port()
    text = _CONFIGURATION.format(
        port=port,
        ledger=ledger,
        keys=(folder.resolve() / "vardbro.key").as_posix(),
        schedule=msgspec.json.encode(SCHEDULE).decode(),
        register=register,
        timeout=TIMEOUT,
        grace=grace,
        abilities=_ABILITIES[manner],
    )
    configuration = folder / "vardbro.toml"
    configuration.write_text(text, "utf-8")
    return Site(folder=folder, configuration=configuration, url=f"http://127.0.0.1:{port}")


class Node:
    """One process of the product, which is started again and again."""

    def __init__(self, nursery: Nursery, kind: str, site: Site, name: str) -> None:
        self._nursery = nursery
        self._site = site
        self.kind = kind
        self.name = name
        self._log = site.folder / f"{name}.log"
        self._said = 0
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """The process. Raises VardbroError when it was never started."""
        if self._child is None:
            raise VardbroError(f"{self.name} was not started")
        return self._child

    def start(self) -> None:
        """Start it."""
        self._said = self._log.stat().st_size if self._log.is_file() else 0
        self._child = self._nursery.service(self.kind, self._site.configuration, self._log)

    @property
    def ready(self) -> bool:
        """Whether it has said since its start that it is at work."""
        if not self._log.is_file():
            return False
        with self._log.open("rb") as log:
            log.seek(self._said)
            return f"vardbro {self.kind}: ".encode() in log.read()

    def check(self) -> None:
        """Raise VardbroError when it was started and has ended by itself, with its last words."""
        if self._child is not None and not self._child.alive:
            raise VardbroError(f"{self.name} ended by itself: {self._child.last_words()}")

    def end(self) -> None:
        """Kill it if it was started and still runs."""
        if self._child is not None and self._child.alive:
            self._child.kill()
