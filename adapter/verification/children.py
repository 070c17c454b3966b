"""The processes under test, forked from a warm server: a restart costs what the service does, not imports."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from adapter import server
from adapter.config import load_config
from adapter.errors import VardbroError

PRELOADED = ["adapter.server", "adapter.verification.children", "adapter.verification.standin", "pydantic.v1"]
"""Modules that the warm server has imported before it forks; the last is one that FastAPI imports late."""

_USAGE = 2
Target = Callable[..., None]


class Child:
    """One process. Its output goes to a file."""

    def __init__(self, process: ForkServerProcess, log: Path) -> None:
        self._process = process
        self.log = log

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.is_alive()

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL, without a chance to do anything."""
        self._process.kill()
        self._process.join()

    def pause(self) -> None:
        """Let it do nothing (SIGSTOP) until it is resumed."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on as if nothing had happened."""
        self._signal(signal.SIGCONT)

    def last_words(self) -> str:
        """The last line of its output, for whoever has to know why it ended."""
        lines = (
            self.log.read_text("utf-8", errors="replace").strip().splitlines() if self.log.is_file() else []
        )
        return lines[-1] if lines else "it said nothing"

    def _signal(self, number: signal.Signals) -> None:
        if self._process.pid is not None:
            os.kill(self._process.pid, number)


class Nursery:
    """Starts children and sees to it that none outlives it. `sabotage` names a function, ``module:function``,
    that each service calls before it serves: the suite's own tests break builds with it.
    """

    def __init__(self, sabotage: str | None = None) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._sabotage = sabotage
        self._children: list[Child] = []

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            if child.alive:
                child.kill()

    def service(self, kind: str, configuration: Path, log: Path) -> Child:
        """A node of the product: ``serve`` or ``work`` with this configuration."""
        return self.start(_run_service, kind, configuration, self._sabotage, log=log)

    def start(self, target: Target, *arguments: Any, log: Path) -> Child:
        """A process that runs `target`."""
        process = self._context.Process(target=_enter, args=(target, log, arguments), daemon=True)
        process.start()
        child = Child(process, log)
        self._children = [known for known in self._children if known.alive] + [child]
        return child

    def pipe(self) -> tuple[Any, Any]:
        """A pipe to hear a child by: (ours, the child's)."""
        return self._context.Pipe(duplex=False)


def _enter(target: Target, log: Path, arguments: tuple[Any, ...]) -> None:
    """Give the process its place in the world, then run its target."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for name in [name for name in os.environ if name.upper().startswith("VARDBRO_")]:
        del os.environ[name]
    target(*arguments)


def _end_with_parent() -> None:
    """No service may be left behind when the suite itself is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_service(kind: str, configuration: Path, sabotage: str | None) -> None:
    """What ``vardbro serve`` and ``vardbro work`` do."""
    if sabotage is not None:
        module, _, name = sabotage.partition(":")
        getattr(import_module(module), name)()
    try:
        config = load_config(configuration)
        server.serve(config) if kind == "serve" else server.work(config)
    except VardbroError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(_USAGE)
