"""Unused elements over many bundles: what is lost once may be a slip, what is lost always is a gap."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from adapter.domain.text import Text
from adapter.mapping.unused import Unused


class Line(msgspec.Struct, frozen=True):
    """One element: in how many bundles it stood unused, at how many places, and why (if on purpose)."""

    element: str
    bundles: int
    places: int
    reason: Text | None


class Tally:
    """Counts unused elements, bundle by bundle."""

    def __init__(self) -> None:
        self.bundles = 0
        self._in_bundles: Counter[str] = Counter()
        self._places: Counter[str] = Counter()
        self._reasons: dict[str, Text | None] = {}

    def add(self, found: Iterable[Unused]) -> None:
        """Count what was found in one bundle, also when that is nothing."""
        self.bundles += 1
        for one in found:
            self._in_bundles[one.element] += 1
            self._places[one.element] += len(one.paths)
            self._reasons[one.element] = one.reason

    def lines(self) -> list[Line]:
        """The elements: what nothing explains first, the commonest first, then by name."""
        listed = [
            Line(element, count, self._places[element], self._reasons[element])
            for element, count in self._in_bundles.items()
        ]
        return sorted(listed, key=lambda line: (line.reason is not None, -line.bundles, line.element))
