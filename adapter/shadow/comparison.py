"""Our shadow messages against what another system has reported: which belong together, and how they differ.

Pure. What comes out holds no patient data: counts, units, our event ids, places in the other system's list,
names of members, and pairs of codes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from adapter.registers.protocol import NaturalKey, Receiver

MOST_EXAMPLES = 5
"""Event ids that are named for a field."""

MOST_NAMED = 20
"""Contacts that are named for each kind of finding, and pairs of codes for a field."""

NEAR = 30
"""Minutes by which two systems may tell the time of one contact differently."""

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


def compare(receiver: Receiver, ours: Iterable[Ours], theirs: Iterable[Theirs]) -> Report:
    """Compare what is of the same contact: patient, unit and date, and the time where there are several."""
    tally = _Tally(receiver)
    groups: dict[NaturalKey, _Group] = defaultdict(_Group)
    for one in ours:
        key = receiver.natural_key(one.service, one.body)
        if key is None:
            tally.alone(one)
        else:
            groups[key[:-1]].ours.append((key[-1], one))
    for other in theirs:
        key = receiver.natural_key("", other.body)
        if key is None:
            tally.unnamed.append(other.place)
        else:
            groups[key[:-1]].theirs.append((key[-1], other))
    for group in groups.values():
        group.pair(tally)
    _pair_across_units(groups, tally)
    for key, group in groups.items():
        group.finish(key, tally)
    return tally.report()


class _Group:
    """Contacts of one patient, unit and day, each with its time."""

    def __init__(self) -> None:
        self.ours: list[tuple[str, Ours]] = []
        self.theirs: list[tuple[str, Theirs]] = []

    def pair(self, tally: "_Tally") -> None:
        """Pair those whose time nobody else on either side has, those that are equal, and what is left of one
        contact each, if the times are near each other or one is not known."""
        mine, other = _alone(self.ours), _alone(self.theirs)
        for time in sorted(mine.keys() & other.keys()):
            self._pair((time, mine[time]), (time, other[time]), tally)
        for one in list(self.ours):
            twin = next((there for there in self.theirs if tally.is_equal(one[1], there[1])), None)
            if twin is not None:
                self._pair(one, twin, tally)
        if len(self.ours) == len(self.theirs) == 1 and _near(self.ours[0][0], self.theirs[0][0]):
            self._pair(self.ours[0], self.theirs[0], tally)

    def _pair(self, one: tuple[str, Ours], other: tuple[str, Theirs], tally: "_Tally") -> None:
        tally.pair(one[1], other[1])
        self.ours.remove(one)
        self.theirs.remove(other)

    def finish(self, key: NaturalKey, tally: "_Tally") -> None:
        """Count what has found no counterpart."""
        ours, theirs = [one for _, one in self.ours], [other for _, other in self.theirs]
        if any(_near(time, there) for time, _ in self.ours for there, _ in self.theirs):
            tally.ambiguous(ours, theirs)
            return
        for one in ours:
            tally.alone(one)
        for other in theirs:
            tally.missing(other, key[1])


def _alone(timed: list[tuple[str, Any]]) -> dict[str, Any]:
    counted = Counter(time for time, _ in timed)
    return {time: one for time, one in timed if time and counted[time] == 1}


def _near(one: str, other: str) -> bool:
    """Whether two times of day (``HHMM``, empty: not known) may be one contact's."""
    return not one or not other or abs(_minutes(one) - _minutes(other)) <= NEAR


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[2:] or 0)


def _pair_across_units(groups: dict[NaturalKey, _Group], tally: "_Tally") -> None:
    """Pair what one patient has on one day at one time at two units: one of the systems is wrong about it."""
    mine: dict[NaturalKey, list[_Left]] = defaultdict(list)
    other: dict[NaturalKey, list[_Left]] = defaultdict(list)
    for key, group in groups.items():
        for left, timed in ((mine, group.ours), (other, group.theirs)):
            for time, one in timed:
                if time:
                    left[key[0], key[2], time].append(_Left(group, time, one))
    for place, found in mine.items():
        there = other.get(place, [])
        if len(found) == len(there) == 1 and found[0].group is not there[0].group:
            tally.pair(found[0].one, there[0].one)
            found[0].group.ours.remove((found[0].time, found[0].one))
            there[0].group.theirs.remove((there[0].time, there[0].one))


class _Left(msgspec.Struct):
    group: Any
    time: str
    one: Any


class _Tally:
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
