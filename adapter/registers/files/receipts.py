"""The receiver's receipts: which records of a batch it has accepted, which rejected and why.

A receipt is a JSON file in the receipts folder (profiles/registers/files/receipt.schema.json; its form is
assumed). What was read goes to ``read``, what is of no use to ``refused``: nothing is deleted, nothing stops.
"""

import os
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from adapter.registers.files.index import Entry, Index, Verdict

READ, REFUSED = "read", "refused"
LARGEST = 64 * 1024 * 1024
"""Bytes of the largest receipt that is read."""

UNFINISHED = 60.0
"""Seconds for which a file that cannot be read may still be in the making."""

_SAFE_NAME = re.compile(r"[a-z]+-[0-9-]{10}T[0-9]{6}Z-[0-9]{6,}[a-z0-9.-]*\.json")
_log = structlog.get_logger("vardbro.files")


class Rejection(msgspec.Struct, frozen=True):
    """One rejected record."""

    record: str
    reason: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """What a receipt file says. ``accepted`` names records, or is ``"all"``: then nothing is rejected."""

    batch: str
    accepted: Literal["all"] | list[str] = []
    rejected: list[Rejection] = []


class Refused(Exception):
    """Why a receipt is of no use: a token."""


class Receipts:
    """Reads the receipts of one register. `now` is the wall clock in seconds."""

    def __init__(self, folder: Path, register: str) -> None:
        self._folder = folder
        self._register = register
        self._told: set[str] = set()

    def take_in(self, index: Index) -> None:
        """Enter what has come into the index. A folder or file that cannot be read is told in the log."""
        try:
            waiting = sorted(self._waiting())
        except OSError as error:
            self._tell_once("receipts folder cannot be read", os.strerror(error.errno or 0))
            return
        for path in waiting:
            try:
                self._take(path, index)
            except OSError as error:
                self._tell_once("receipt cannot be moved", f"{_shown(path)}: {os.strerror(error.errno or 0)}")

    def _waiting(self) -> Iterator[Path]:
        with os.scandir(self._folder) as found:
            for item in found:
                if item.name.endswith(".json") and not item.name.startswith("."):
                    yield Path(item.path)

    def _take(self, path: Path, index: Index) -> None:
        about = path.lstat()
        try:
            if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
                raise Refused("no-file")
            receipt = _decoded(path, about.st_mtime)
            if receipt is None:
                return
            verdicts = judged(receipt, index.of_batch(receipt.batch))
        except Refused as refused:
            aside = _aside(path, self._folder / REFUSED)
            _log.warning("receipt refused", register=self._register, why=str(refused), file=_shown(aside))
            return
        index.judge(receipt.batch, verdicts)
        _aside(path, self._folder / READ)
        rejected = sum(verdict == "rejected" for _, verdict, _ in verdicts)
        _log.info(
            "receipt read",
            register=self._register,
            batch=receipt.batch,
            accepted=len(verdicts) - rejected,
            rejected=rejected,
        )

    def _tell_once(self, event: str, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            _log.warning(event, register=self._register, what=what)


def judged(receipt: Receipt, entries: list[Entry]) -> list[tuple[str, Verdict, str | None]]:
    """The verdicts that a receipt adds to a batch. Raises Refused when it does not fit the batch."""
    if not entries:
        raise Refused("unknown-batch")
    if receipt.accepted == "all" and receipt.rejected:
        raise Refused("contradicts-itself")
    known = {entry.record: entry for entry in entries}
    accepted = list(known) if receipt.accepted == "all" else receipt.accepted
    said: dict[str, tuple[Verdict, str | None]] = dict.fromkeys(accepted, ("accepted", None))
    for rejection in receipt.rejected:
        if rejection.record in said:
            raise Refused("contradicts-itself")
        said[rejection.record] = ("rejected", rejection.reason)
    if said.keys() - known.keys():
        raise Refused("unknown-records")
    if any(known[record].verdict not in (None, verdict) for record, (verdict, _) in said.items()):
        raise Refused("contradicts-an-earlier-receipt")
    news = [(record, *word) for record, word in said.items() if known[record].verdict is None]
    if not news:
        raise Refused("says-nothing-new")
    return news


def _decoded(path: Path, changed_at: float) -> Receipt | None:
    """The receipt in a file; None while it may still be in the making. Raises Refused."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Receipt)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if 0 <= time.time() - changed_at < UNFINISHED:
            return None
        raise Refused("unreadable") from None


def _aside(path: Path, folder: Path) -> Path:
    """Move a file into a folder beside it, under a name that is free there."""
    folder.mkdir(exist_ok=True)
    to, number = folder / path.name, 1
    while os.path.lexists(to):
        number += 1
        to = folder / f"{path.stem}-{number}.json"
    os.rename(path, to)
    return to


def _shown(path: Path) -> str:
    """A file's name where it is one of ours; a stranger's name could say anything."""
    return path.name if _SAFE_NAME.fullmatch(path.name) else "(foreign name)"
