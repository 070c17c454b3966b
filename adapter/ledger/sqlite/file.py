"""The ledger's file: where it may lie, who may read it, and that one service at a time holds it."""

import errno
import fcntl
import json
import os
import stat
from pathlib import Path
from typing import Any

from adapter.errors import ConfigurationError, LedgerInUse, LedgerUnavailable

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "afs", "beegfs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs",
        "fuse.sshfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb2", "smb3", "smbfs",
    }
)  # fmt: skip
"""File systems on which SQLite's write-ahead log is not safe: it shares memory between processes of a host.

9p and virtiofs are not among them: that is how virtual machines and sandboxes show a disk of their own host.
"""

_MOUNTS = Path("/proc/self/mounts")


class FileLock:
    """Holds a ledger's file for this process. The kernel lets go when the process ends, however it ends."""

    def __init__(self, ledger: Path) -> None:
        self._path = lock_path(ledger)
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LedgerUnavailable(f"The ledger's lock cannot be opened ({error.strerror}).") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            url = _announced(self._fd).get("url")
            os.close(self._fd)
            where = f"it answers at {url}" if url else "it does not say where it answers"
            raise LedgerInUse(f"Another service holds the ledger's file; {where}.") from None
        self.announce(None)

    def announce(self, url: str | None) -> None:
        """Say where the service that holds the file can be reached."""
        content = json.dumps({"pid": os.getpid(), "url": url}).encode()
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, content, 0)

    def release(self) -> None:
        """Let go of the file."""
        os.close(self._fd)


def holder(ledger: Path) -> dict[str, Any] | None:
    """``{"pid": ..., "url": ...}`` of the service that holds the ledger, None when nobody does."""
    try:
        fd = os.open(lock_path(ledger), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return _announced(fd)
    else:
        return None
    finally:
        os.close(fd)


def _announced(fd: int) -> dict[str, Any]:
    """What the holder of a lock file has written into it; nothing while it is being written."""
    found: dict[str, Any] = json.loads(os.pread(fd, 4096, 0) or b"{}")
    return found


def lock_path(ledger: Path) -> Path:
    """The lock file beside the ledger's file itself, whatever links lead there."""
    ledger = ledger.resolve()
    return ledger.with_name(ledger.name + ".lock")


def prepare(path: Path) -> Path:
    """Check the place, make the file readable for its owner alone, and answer where it really lies.

    A file with several names (hard links) is refused: each name would have a lock and a log of its own.
    Raises ConfigurationError for a place where a ledger cannot be, LedgerUnavailable when it cannot be made.
    """
    if str(path).startswith((":", "file:")):
        raise ConfigurationError("The ledger must be a file: what is in memory is lost with the process.")
    ledger = path.resolve()
    if not ledger.parent.is_dir():
        raise ConfigurationError("The folder of the ledger's file does not exist.")
    kind = file_system(ledger.parent)
    if kind in NETWORK_FILE_SYSTEMS:
        raise ConfigurationError(
            f"The ledger's file would lie on a network file system ({kind}).",
            hint="Put it on a local disk, or use PostgreSQL.",
        )
    try:
        found = _made(ledger)
        if stat.S_IMODE(found.st_mode) & 0o077:
            ledger.chmod(0o600)
    except OSError as error:
        raise LedgerUnavailable(f"The ledger's file cannot be opened ({error.strerror}).") from error
    if found.st_nlink > 1:
        raise ConfigurationError(
            "The ledger's file has several names (hard links).",
            hint="Keep one and delete the others: a second service could hold the file by another name.",
        )
    return ledger


def _made(ledger: Path) -> os.stat_result:
    """The ledger's file, made if it is new.

    One that is there is not opened: if a ledger of this process has it open, to close another descriptor of
    it would drop the locks that SQLite holds.
    """
    if not ledger.exists():
        os.close(os.open(ledger, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    if not ledger.is_file():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(ledger, os.R_OK | os.W_OK):
        if os.statvfs(ledger).f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return ledger.stat()


def file_system(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """The type of the file system that `folder` lies on, None where it cannot be told."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return None
    place, best, kind = folder.resolve(), -1, None
    for line in lines:
        _, mount_point, found, *_ = line.split(" ")
        point = Path(mount_point.encode().decode("unicode_escape"))
        if len(point.parts) > best and place.is_relative_to(point):
            best, kind = len(point.parts), found
        elif len(point.parts) == best and place.is_relative_to(point):
            kind = found
    return kind


def free_bytes(ledger: Path) -> int:
    """What is left on the ledger's disk for its owner."""
    found = os.statvfs(ledger.parent)
    return found.f_bavail * found.f_frsize
