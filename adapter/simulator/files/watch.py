"""All inboxes of a simulator, with a thread that looks into them."""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from adapter.simulator.files.faults import FileFaults
from adapter.simulator.files.inbox import Inbox

EVERY = 0.25
"""Seconds between two looks."""


class Inboxes:
    """The folders that are read; with none nothing runs."""

    def __init__(self, folders: Iterable[tuple[Path, Path | None]]) -> None:
        self.faults = FileFaults()
        self._boxes = {str(folder): Inbox(folder, receipts, self.faults) for folder, receipts in folders}

    def start(self) -> None:
        """Look into the folders from now on, until the process ends."""
        if self._boxes:
            threading.Thread(target=self._watch, name="inboxes", daemon=True).start()

    def poll(self) -> int:
        """Look once. Answers how many batches were new."""
        return sum(box.poll() for box in self._boxes.values())

    def release(self) -> int:
        """Write the receipts that were kept back. Answers how many."""
        return sum(box.release() for box in self._boxes.values())

    def clear(self) -> None:
        """Forget records and faults."""
        self.faults.clear()
        for box in self._boxes.values():
            box.clear()

    def state(self, full: bool) -> dict[str, Any]:
        """Each inbox with its batches, records and links."""
        return {folder: box.state(full) for folder, box in self._boxes.items()}

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY):
            self.poll()
