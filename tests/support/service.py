"""A service as a process, with a configuration of the test's."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    """The environment without the settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VARDBRO_")}
    return kept | {"PYTHONPATH": str(ROOT)}


@contextmanager
def serving(folder: Path, settings: str) -> Iterator[str]:
    """The address of a service with these settings, its port and ledger its own; killed in the end.

    `settings` begins with keys of ``[http]``.
    """
    (folder / "vardbro.toml").write_text(f"[http]\nport = 0\n{settings}\n", "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "adapter", "serve"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=(folder / "stderr").open("w"),
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("vardbro serve: "), (folder / "stderr").read_text()
        yield line.split()[2]
    finally:
        process.kill()
        process.communicate(timeout=10)
