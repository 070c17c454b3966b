"""What a comparison found, and how it is counted. It holds no patient data: counts, units, our event ids,
places in the other system's list, names of members, and pairs of codes.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from adapter.registers.protocol import Receiver

MOST_EXAMPLES = 5
"""Event ids that are named for a field."""

MOST_NAMED = 20
"""Contacts that are named for each kind of finding, and pairs of codes for a field."""

Kind = Literal["equal", "different", "only_ours", "only_theirs", "ambiguous"]
KINDS: tuple[Kind, ...] = ("equal", "different", "only_ours", "only_theirs", "ambiguous")


class Ours(msgspec.Struct, frozen=True):
    """What would have been sent for an event."""

    event_id: str
    service: str
    unit: str
    body: dict[str, Any]


class Theirs(msgspec.Struct, frozen=True):
    """What another system has sent: its place in the list (from 0), and its body under our names."""

    place: int
    body: dict[str, Any]


class Pair(msgspec.Struct, frozen=True):
    """Codes that stood for each other, and how often."""

    ours: str
    theirs: str
    count: int


class Field(msgspec.Struct, frozen=True):
    """A member that differs: how often, in which of our events for example, and with which codes."""

    field: str
    count: int
    examples: tuple[str, ...]
    pairs: tuple[Pair, ...] = ()


class Named(msgspec.Struct, frozen=True):
    """Contacts of one kind, as far as they are named: our events, and places in the other list."""

    events: tuple[str, ...] = ()
    places: tuple[int, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison found. `counts` are contacts by kind, `units` the same for each unit.

    `unnamed` are places of bodies that do not say which contact they are of, and are not compared.
    """

    counts: dict[str, int]
    units: dict[str, dict[str, int]]
    fields: tuple[Field, ...]
    only_ours: Named
    only_theirs: Named
    ambiguous: Named
    unnamed: Named

    @property
    def agrees(self) -> bool:
        """Whether both systems have reported the same."""
        return not any(self.counts[kind] for kind in KINDS if kind != "equal") and not self.unnamed.places


class Tally:
    """Counts, and a few examples."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._counts: Counter[str] = Counter()
        self._units: dict[str, Counter[str]] = defaultdict(Counter)
        self._fields: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = defaultdict(list)
        self._pairs: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        self._events: dict[str, list[str]] = defaultdict(list)
        self._places: dict[str, list[int]] = defaultdict(list)
        self.unnamed: list[int] = []

    def is_equal(self, ours: Ours, theirs: Theirs) -> bool:
        """Whether two bodies say the same."""
        return not self._receiver.differences(ours.service, ours.body, theirs.body)

    def pair(self, ours: Ours, theirs: Theirs) -> None:
        """Two bodies of one contact."""
        found = self._receiver.differences(ours.service, ours.body, theirs.body)
        self._count("different" if found else "equal", ours.unit)
        for difference in found:
            self._fields[difference.field] += 1
            if len(self._examples[difference.field]) < MOST_EXAMPLES:
                self._examples[difference.field].append(ours.event_id)
            if difference.ours is not None and difference.theirs is not None:
                self._pairs[difference.field][difference.ours, difference.theirs] += 1

    def alone(self, ours: Ours) -> None:
        """The other system has not reported it."""
        self._count("only_ours", ours.unit)
        self._events["only_ours"].append(ours.event_id)

    def missing(self, theirs: Theirs, unit: str) -> None:
        """Nothing here would have reported it."""
        self._count("only_theirs", unit)
        self._places["only_theirs"].append(theirs.place)

    def ambiguous(self, ours: Sequence[Ours], theirs: Sequence[Theirs]) -> None:
        """Several contacts at one place of which nothing says which belong together."""
        self._count("ambiguous", ours[0].unit, max(len(ours), len(theirs)))
        self._events["ambiguous"] += [one.event_id for one in ours]
        self._places["ambiguous"] += [other.place for other in theirs]

    def report(self) -> Report:
        """What was counted."""
        return Report(
            counts=_by_kind(self._counts),
            units={unit: _by_kind(counts) for unit, counts in sorted(self._units.items())},
            fields=tuple(
                Field(
                    name,
                    count,
                    tuple(self._examples[name]),
                    tuple(Pair(*codes, n) for codes, n in self._pairs[name].most_common(MOST_NAMED)),
                )
                for name, count in self._fields.most_common()
            ),
            only_ours=self._named("only_ours"),
            only_theirs=self._named("only_theirs"),
            ambiguous=self._named("ambiguous"),
            unnamed=Named(places=tuple(self.unnamed[:MOST_NAMED])),
        )

    def _named(self, kind: Kind) -> Named:
        return Named(tuple(self._events[kind][:MOST_NAMED]), tuple(self._places[kind][:MOST_NAMED]))

    def _count(self, kind: Kind, unit: str, n: int = 1) -> None:
        self._counts[kind] += n
        self._units[unit][kind] += n


def _by_kind(counts: Counter[str]) -> dict[str, int]:
    return {kind: counts[kind] for kind in KINDS}
