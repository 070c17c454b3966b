"""What was sent and what was acknowledged, noted where no kill of the service can reach it."""

import os
import time
from pathlib import Path

import msgspec

from adapter.verification.contacts import Version
from adapter.verification.records import Sent


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the notes: a version whose 200 came, with the event that the answer named."""

    at: float
    event: str
    version: Version


class Notes:
    """A file of acknowledgements, each on the disk before its sender goes on, and what was sent beside it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._sent: dict[str, list[Version]] = {}
        self._acknowledged: dict[str, set[int]] = {}
        self._events: dict[str, str] = {}
        self.count = 0
        self.resends = 0
        self.refusals: list[str] = []

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def send(self, version: Version) -> None:
        """A version is about to be sent for the first time."""
        self._sent.setdefault(version.contact, []).append(version)

    def acknowledge(self, version: Version, event: str) -> None:
        """The whole answer 200 was read."""
        noted = Noted(at=time.time(), event=event, version=version)
        os.write(self._file, msgspec.json.encode(noted) + b"\n")
        os.fdatasync(self._file)
        self._events[version.contact] = event
        self._acknowledged.setdefault(version.contact, set()).add(version.n)
        self.count += 1

    def resend(self) -> None:
        """Something is sent once more."""
        self.resends += 1

    def refuse(self, version: Version, why: str) -> None:
        """Something that had to be taken was refused for good."""
        self.refusals.append(f"version {version.n}: {why}")

    def by_event(self) -> dict[str, list[Sent]]:
        """What was sent of each event that was ever acknowledged, in the order of sending."""
        return {
            event: [
                Sent(version, version.n in self._acknowledged.get(contact, ()))
                for version in self._sent[contact]
            ]
            for contact, event in self._events.items()
        }
