"""The mark of a ledger that has moved: a file beside it, so that no service starts on it by mistake."""

import os
import time
from pathlib import Path

import msgspec

from adapter.errors import ConfigurationError


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """`copy` is the number by which the target knows the copy, `to` its place without user and password.

    `done` False: the copy was about to be committed; whether it was, only the target knows.
    """

    copy: str
    to: str
    at: float
    done: bool


def mark_path(ledger: Path) -> Path:
    """The file beside the ledger's own."""
    return ledger.with_name(ledger.name + ".moved")


def mark_of(ledger: Path) -> Mark | None:
    """The ledger's mark. Raises ConfigurationError for one that cannot be read."""
    try:
        return msgspec.json.decode(mark_path(ledger).read_bytes(), type=Mark)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError):
        raise ConfigurationError(
            f"{mark_path(ledger)} cannot be read: it says where the ledger has moved",
            "Find out where that is. Delete the file only if this ledger is the one to go on with.",
        ) from None


def set_mark(ledger: Path, copy: str, to: str, *, done: bool) -> None:
    """Mark a ledger; the mark is on the disk when this returns."""
    mark, path = Mark(copy=copy, to=to, at=time.time(), done=done), mark_path(ledger)
    new = path.with_name(path.name + ".new")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, msgspec.json.encode(mark))
        os.fsync(fd)
    finally:
        os.close(fd)
    new.replace(path)
    _sync(path.parent)


def clear_mark(ledger: Path) -> None:
    """Take the mark away: the copy did not come about."""
    mark_path(ledger).unlink(missing_ok=True)
    _sync(ledger.parent)


def refuse_moved(ledger: Path) -> None:
    """Raise ConfigurationError when the ledger has moved, or may have."""
    mark = mark_of(ledger)
    if mark is None:
        return
    if not mark.done:
        raise ConfigurationError(
            f"a copy of the ledger at {ledger} to {mark.to} broke off at its very end",
            "Run the same `vardbro ledger copy` again: it finds out whether the copy is there.",
        )
    raise ConfigurationError(
        f"the ledger at {ledger} has moved to {mark.to}",
        f"Set [ledger] url to it. To go on here, and lose what came in there, delete {mark_path(ledger)}.",
    )


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
