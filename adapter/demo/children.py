"""Child processes of the demo: started, waited for, and always ended."""

import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapter.errors import VardbroError

START_SECONDS = 20.0
STOP_SECONDS = 30.0
_ADDRESS = re.compile(r"https?://[^\s]+:\d+")


@contextmanager
def child(name: str, arguments: Sequence[str], folder: Path) -> Iterator[str]:
    """Run ``vardbro ARGUMENTS``; gives the address from the line it prints when it is ready.

    Its log goes to ``NAME.log`` in `folder`. On leaving it gets SIGTERM, and SIGKILL if it does not end.
    Raises VardbroError when it ends or stays silent instead of getting ready.
    """
    log = folder / f"{name}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own program with our own arguments
            [sys.executable, "-m", "adapter", *arguments],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            yield _address(name, process, log)
        finally:
            _end(process)


def _environment() -> dict[str, str]:
    """The environment without our own settings: the demo must not touch what is really configured."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith("VARDBRO_")}


def _address(name: str, process: subprocess.Popen[str], log: Path) -> str:
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_forward, args=(process, lines), daemon=True).start()
    try:
        line = lines.get(timeout=START_SECONDS)
    except queue.Empty:
        line = ""
    match = _ADDRESS.search(line)
    if match is None:
        last = log.read_text("utf-8", errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise VardbroError(f"{name} did not start: {last[0]}")
    return match[0]


def _forward(process: subprocess.Popen[str], lines: "queue.Queue[str]") -> None:
    """Read the child's output to its end, so that it never waits for a full pipe."""
    assert process.stdout is not None  # noqa: S101 - PIPE above
    for line in process.stdout:
        lines.put(line)
    lines.put("")


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
