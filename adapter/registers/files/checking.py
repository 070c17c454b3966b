"""What is the matter with a register's folders, before anything is delivered. Nothing is written."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from adapter.registers.files.desk import STATE
from adapter.registers.files.receipts import REFUSED
from adapter.registers.protocol import RegisterSettings

ENOUGH_BYTES = 100 * 1024 * 1024


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at; `mend` is empty when it is well."""

    name: str
    ok: bool
    says: str
    mend: str = ""


def examine(register: str, settings: RegisterSettings) -> Iterator[Remark]:
    """Look at a register's folder, and at the folder of its receipts where there is one."""
    table = f"[registers.{register}]"
    yield _folder("folder", Path(settings.folder or ""), f"Make it, or change folder under {table}.")
    if settings.receipts is None:
        return
    receipts = Path(settings.receipts)
    yield _folder("receipts", receipts, f"Make it, or change receipts under {table}.")
    refused = _count(receipts / REFUSED)
    if refused:
        says = f"{refused} receipts could not be used and lie in {receipts / REFUSED}"
        yield Remark(
            name="receipts refused", ok=False, says=says, mend="Look into them, then take them away."
        )


def shared(folders: dict[str, RegisterSettings]) -> Iterator[Remark]:
    """Registers that use one folder: each must have its own, for deliveries and for receipts."""
    places: dict[str, list[str]] = {}
    for name, settings in folders.items():
        for setting in ("folder", "receipts"):
            place = getattr(settings, setting)
            if settings.transport == "file" and place:
                places.setdefault(os.path.realpath(place), []).append(f"registers.{name}.{setting}")
    for users in places.values():
        if len(users) > 1:
            says = f"{', '.join(users)} are the same folder"
            yield Remark(name="folders", ok=False, says=says, mend="Give each a folder of its own.")


def _folder(name: str, path: Path, mend: str) -> Remark:
    if not path.is_dir():
        return Remark(name=name, ok=False, says=f"there is no folder {path}", mend=mend)
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return Remark(
            name=name, ok=False, says=f"{path} cannot be written", mend="Give the service's user the right."
        )
    if (path / STATE).is_symlink() or os.path.ismount(path / STATE):
        says = f"{path / STATE} leads elsewhere: what is moved from there would not come into place at once"
        return Remark(name=name, ok=False, says=says, mend=f"Let {STATE} be a plain folder.")
    if shutil.disk_usage(path).free < ENOUGH_BYTES:
        return Remark(
            name=name, ok=False, says=f"little space is left in {path}", mend="Free at least 100 MB."
        )
    return Remark(name=name, ok=True, says=f"{path} can be written")


def _count(path: Path) -> int:
    return sum(1 for _ in path.iterdir()) if path.is_dir() else 0
