"""Mounts that only one process and its children see, where the kernel lets us make them."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path


@cache
def means() -> tuple[str, ...] | None:
    """The command that gives a process mounts of its own, None where it may not have any."""
    for command in (("unshare", "-Urm"), ("unshare", "-m")):
        try:
            done = subprocess.run(
                [*command, "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True, check=False
            )
        except OSError:
            return None
        if done.returncode == 0:
            return command
    return None


@cache
def loop_mounts() -> bool:
    """Whether a file can be made an ext4 file system and mounted: for that one must be root outright."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image"
        with image.open("wb") as file:
            file.truncate(2**21)
        script = f"mkfs.ext4 -q -F {image}; mount -o loop {image} /mnt"
        done = subprocess.run(["unshare", "-m", "sh", "-ec", script], capture_output=True, check=False)
        return done.returncode == 0


def with_mounts(script: str, command: str | None = None) -> tuple[str, ...]:
    """A command that runs `script` (sh) and then the program that follows it, with mounts of its own.

    `command` gives it those; None: whatever `means` has found.
    """
    found = means() if command is None else tuple(command.split())
    assert found is not None, "ask means() first"
    return (*found, "sh", "-ec", f'{script}\nexec "$@"', "sh")
