"""One folder with batches: what is new is read, checked, taken into the state, and answered."""

import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapter.simulator.files import listning, signe
from adapter.simulator.files.batch import MANIFEST, Batch, read_batch
from adapter.simulator.files.faults import FileFault, FileFaultKind, FileFaults
from adapter.simulator.files.holding import Links, Records

Verdicts = dict[str, str | None]
"""Record to the reason of its rejection, None when it is accepted."""


@dataclass(slots=True)
class Taken:
    """What became of a batch. `receipt`: written, kept back, unreadable, or None where there are none."""

    batch: Batch
    verdicts: Verdicts
    receipt: str | None = None

    def shown(self) -> dict[str, Any]:
        """The batch without what is in it."""
        rejected = {key: reason for key, reason in self.verdicts.items() if reason is not None}
        return {
            "batch": self.batch.name,
            "register": self.batch.register or None,
            "format": self.batch.format or None,
            "records": len(self.verdicts),
            "rejected": rejected,
            "problems": self.batch.problems,
            "receipt": self.receipt,
        }


class Inbox:
    """Reads the batches of one folder. `receipts` is where answers go, None: there are none.

    Batches are taken once each, in the order of their names, and their files stay where they are.
    """

    def __init__(self, folder: Path, receipts: Path | None, faults: FileFaults) -> None:
        self._folder, self._receipts, self._faults = folder, receipts, faults
        self._lock = threading.Lock()
        self._taken: dict[str, Taken] = {}
        self._records = Records()
        self._links = Links()

    def poll(self) -> int:
        """Take what is new. Answers how many batches that were."""
        with self._lock:
            try:
                found = sorted(
                    (path for path in self._folder.iterdir() if path.name.endswith(MANIFEST)), key=_number
                )
            except OSError:
                return 0
            new = [path for path in found if path.name.removesuffix(MANIFEST) not in self._taken]
            for path in new:
                self._take(path)
            return len(new)

    def release(self) -> int:
        """Write the receipts that were kept back. Answers how many."""
        with self._lock:
            kept = [one for one in self._taken.values() if one.receipt in ("kept back", "unreadable")]
            for taken in kept:
                self._write(taken)
            return len(kept)

    def clear(self) -> None:
        """Forget what the records say; batches that were taken are not taken again."""
        with self._lock:
            self._records, self._links = Records(), Links()

    def state(self, full: bool) -> dict[str, Any]:
        """Batches, records and links; with `full` what they say, identity numbers included."""
        with self._lock:
            return {
                "batches": [taken.shown() for taken in self._taken.values()],
                "records": self._records.shown(full),
                "links": self._links.shown(full),
            }

    def _take(self, manifest: Path) -> None:
        batch = read_batch(manifest)
        fault = self._faults.strike(batch.register)
        taken = self._taken[batch.name] = Taken(batch, {})
        if batch.problems:
            return
        try:
            taken.verdicts = self._judge(batch, fault)
        except ValueError as error:
            batch.problems.append(str(error) or "data file cannot be read")
            taken.verdicts = dict.fromkeys(batch.records, "the data file cannot be read")
        if self._receipts is not None:
            self._answer(taken, fault)

    def _judge(self, batch: Batch, fault: FileFault | None) -> Verdicts:
        if batch.register == "signe":
            return self._judge_records(batch, fault)
        if batch.register == "listning":
            return self._judge_rows(batch, fault)
        return {key: _refused_by(fault, key) for key in batch.records}

    def _judge_records(self, batch: Batch, fault: FileFault | None) -> Verdicts:
        lines = signe.lines_of(batch.data)
        _require_count(batch, len(lines))
        verdicts: Verdicts = {}
        for key, line in zip(batch.records, lines, strict=True):
            wrong = ", ".join(signe.problems_of(line, key)) or None
            reason = _refused_by(fault, key) or wrong or self._records.problem(key, line["handelse"])
            if reason is None:
                self._records.take(key, line["handelse"], line)
            verdicts[key] = reason
        return verdicts

    def _judge_rows(self, batch: Batch, fault: FileFault | None) -> Verdicts:
        rows = listning.rows_of(batch.data)
        _require_count(batch, len(rows))
        verdicts: Verdicts = {}
        for key, row in zip(batch.records, rows, strict=True):
            reason = _refused_by(fault, key) or ", ".join(listning.problems_of(row)) or None
            if reason is None:
                self._links.take(key, row)
            verdicts[key] = reason
        return verdicts

    def _answer(self, taken: Taken, fault: FileFault | None) -> None:
        kind = fault.kind if fault is not None else None
        if kind is FileFaultKind.NO_RECEIPT:
            taken.receipt = "kept back"
        elif kind is FileFaultKind.UNREADABLE_RECEIPT:
            self._put(f"{taken.batch.name}.broken.json", b'{"batch": ')
            taken.receipt = "unreadable"
        else:
            self._write(taken)
            if kind is FileFaultKind.DOUBLE_RECEIPT:
                self._write(taken, ".again")

    def _write(self, taken: Taken, mark: str = "") -> None:
        receipt = {
            "batch": taken.batch.name,
            "accepted": [key for key, reason in taken.verdicts.items() if reason is None],
            "rejected": [
                {"record": key, "reason": reason}
                for key, reason in taken.verdicts.items()
                if reason is not None
            ],
        }
        self._put(f"{taken.batch.name}{mark}.receipt.json", json.dumps(receipt).encode())
        taken.receipt = "written"

    def _put(self, name: str, content: bytes) -> None:
        """Write a receipt so that nobody sees half of it."""
        if self._receipts is None:
            return
        half = self._receipts / f".{name}"
        half.write_bytes(content)
        os.replace(half, self._receipts / name)


def _number(manifest: Path) -> tuple[int, str]:
    """Batches in the order of their numbers: a clock may go back."""
    number = manifest.name.removesuffix(MANIFEST).rpartition("-")[2]
    return (int(number) if number.isdigit() else 0), manifest.name


def _require_count(batch: Batch, found: int) -> None:
    if found != batch.count:
        raise ValueError("the data file has another number of records than the manifest says")


def _refused_by(fault: FileFault | None, key: str) -> str | None:
    if fault is None or fault.kind is not FileFaultKind.REJECT:
        return None
    return fault.reason if fault.records is None or key in fault.records else None
