"""Writing so that a power cut leaves all or nothing, and a lock that ends with its process."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST_LOCK = 8.0
"""Seconds that another process is waited for: less than the shortest sensible time-out of a register."""

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENODEV, errno.ENXIO, errno.ESTALE, errno.ENOTCONN})
CLOSED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


class Busy(OSError):
    """Another process has the folder."""


class NameTaken(OSError):
    """A file of that name is there already: it is never written over."""


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, and wait until the disk has it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until the disk has a folder's names."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move(path: Path, to: Path) -> None:
    """Rename a file or folder; both folders have it when this returns. Raises NameTaken, OSError.

    The look before the rename is enough: names are given under the lock, so that only a stranger's file can
    stand there.
    """
    if os.path.lexists(to):
        raise NameTaken(errno.EEXIST, "the name is taken")
    os.rename(path, to)
    sync_folder(to.parent)
    if path.parent != to.parent:
        sync_folder(path.parent)


def remove_folder(path: Path) -> None:
    """Remove a folder with the files in it."""
    for file in path.iterdir():
        file.unlink()
    path.rmdir()


@contextmanager
def locked(path: Path, seconds: float = LONGEST_LOCK) -> Iterator[None]:
    """Hold the lock file `path`, which the system frees when the process ends. Raises Busy, OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        _lock(descriptor, time.monotonic() + seconds)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Busy(errno.EBUSY, "another process has the folder") from None
            time.sleep(0.02)
        else:
            return


def trouble(error: OSError) -> str:
    """What is the matter with the folder, as a token for causes and logs: never a path."""
    if isinstance(error, Busy):
        return "folder-busy"
    if isinstance(error, NameTaken):
        return "file-name-taken"
    if error.errno in FULL:
        return "disk-full"
    if error.errno in GONE:
        return "folder-missing"
    return "folder-not-writable" if error.errno in CLOSED else "folder-error"
