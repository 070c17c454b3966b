"""Our shadow messages against what another system has reported: which belong together. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from adapter.registers.protocol import NaturalKey, Receiver
from adapter.shadow.report import Ours, Report, Tally, Theirs

NEAR = 30
"""Minutes by which two systems may tell the time of one contact differently."""


def compare(receiver: Receiver, ours: Iterable[Ours], theirs: Iterable[Theirs]) -> Report:
    """Compare what is of the same contact: patient, unit, date and what else the register's key has (the
    service), and the time where there are several."""
    tally = Tally(receiver)
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

    def pair(self, tally: Tally) -> None:
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

    def _pair(self, one: tuple[str, Ours], other: tuple[str, Theirs], tally: Tally) -> None:
        tally.pair(one[1], other[1])
        self.ours.remove(one)
        self.theirs.remove(other)

    def finish(self, key: NaturalKey, tally: Tally) -> None:
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


def _pair_across_units(groups: dict[NaturalKey, _Group], tally: Tally) -> None:
    """Pair what one patient has on one day at one time at two units: one of the systems is wrong about it."""
    mine: dict[NaturalKey, list[_Left]] = defaultdict(list)
    other: dict[NaturalKey, list[_Left]] = defaultdict(list)
    for key, group in groups.items():
        for left, timed in ((mine, group.ours), (other, group.theirs)):
            for time, one in timed:
                if time:
                    # all but the unit: another service of the register is another thing
                    left[key[0], *key[2:], time].append(_Left(group, time, one))
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
