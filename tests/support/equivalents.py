"""Changes after which the same comes out whatever happens: they stand in equivalents.yaml with a reason, and
are not counted. A listed change that is noticed after all, or that is no longer made, is a fault of the list.
"""

import sys
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

import yaml

FILE = Path(__file__).with_name("equivalents.yaml")


class _Score(Protocol):
    made: int
    survived: list[tuple[str, str]]

    @property
    def name(self) -> str: ...


class Equivalents:
    """The list of one part: by pack or module, the reason by change (``RULE-ID: change``)."""

    def __init__(self, listed: dict[str, dict[str, str]]) -> None:
        self.listed = listed
        self._met: set[tuple[str, str]] = set()
        self._noticed: list[tuple[str, str]] = []

    @classmethod
    def read(cls, part: str, file: Path = FILE) -> "Equivalents":
        """The list of a part (``rules``, ``mapping``) as it is in the file."""
        found = yaml.safe_load(file.read_text("utf-8")) or {}
        return cls(found.get(part) or {})

    def count(self, score: _Score, where: str, what: str, noticed: bool) -> None:
        """Count a change that was tried, unless it is listed."""
        key = f"{where}: {what}"
        if key in self.listed.get(score.name, {}):
            self._met.add((score.name, key))
            if noticed:
                self._noticed.append((score.name, key))
            return
        score.made += 1
        if not noticed:
            score.survived.append((where, what))

    def faults(self, tried: Collection[str]) -> list[str]:
        """What is wrong with the list, of the packs or modules that were tried."""
        found = [f"{name}: {key}: is noticed after all" for name, key in self._noticed]
        return found + [
            f"{name}: {key}: no such change was made"
            for name in self.listed
            if name in tried
            for key in self.listed[name]
            if (name, key) not in self._met
        ]

    def complain(self, tried: Collection[str]) -> int:
        """Say the faults; the exit code."""
        faults = self.faults(tried)
        for one in faults:
            sys.stderr.write(f"equivalents.yaml: {one}\n")
        return 1 if faults else 0
