"""Counts over many bundles: fitness, findings, what is not told, what is never read. Keeps no bundle."""

from collections import Counter
from collections.abc import Container, Iterable

import msgspec

from adapter.conformance.vendor.fitness import DEGREES, REPORTED, Fitness, fitness
from adapter.documents import unused_of
from adapter.domain.finding import Finding
from adapter.domain.rule import Severity
from adapter.mapping.tally import Tally
from adapter.translation import Translation

_GRAVITY: tuple[Severity, ...] = ("error", "warning", "information")


class Group(msgspec.Struct, kw_only=True):
    """All findings of one rule: in how many bundles, at how many places, at which registers it stops or
    concerns, and the first of them with the file in which it was."""

    severity: Severity
    example: Finding
    file: str
    bundles: int = 0
    places: int = 0
    registers: set[str] = msgspec.field(default_factory=set)


class Counts:
    """The counts of a survey. `registers` are those that are looked at, in their order; `clinical` those that
    are told of care contacts."""

    def __init__(self, registers: Iterable[str], clinical: Container[str]) -> None:
        self.registers = tuple(registers)
        self._clinical = clinical
        self.bundles = 0
        self.contacts = 0
        self.by_register: dict[str, Counter[Fitness]] = {name: Counter() for name in self.registers}
        self.untold: Counter[tuple[str, str]] = Counter()
        self.unused = Tally()
        self.unopened: list[tuple[str, str]] = []
        self._groups: dict[str, Group] = {}

    def add(self, translation: Translation, file: str) -> None:
        """Count a bundle; `file` is what it is called in the report."""
        self.bundles += 1
        self.contacts += len(translation.contacts)
        for name, degree in fitness(translation, self.registers, self._clinical).items():
            self.by_register[name][degree] += 1
        for finding in self._first_of_each(translation, file):
            self._groups[finding].bundles += 1
        self.untold.update(
            {
                (verdict.register, rule)
                for contact in translation.contacts
                for verdict in contact.verdicts
                for rule in verdict.not_reported
                if verdict.register in self.by_register
            }
        )
        self.unused.add(unused_of(translation))

    def lost(self, file: str, why: str) -> None:
        """Count a file that could not be opened, or that the program failed at; `why` names the fault."""
        self.unopened.append((file, why))

    def groups(self) -> list[tuple[str, Group]]:
        """The findings by rule: the gravest first, then the commonest."""
        return sorted(
            self._groups.items(),
            key=lambda pair: (_GRAVITY.index(pair[1].severity), -pair[1].bundles, pair[0]),
        )

    def told(self, register: str) -> int:
        """How many bundles have something to tell a register."""
        return self.bundles - self.by_register[register]["not-told"]

    def ready(self, register: str) -> int:
        """How many of these can be told as they are."""
        return sum(self.by_register[register][degree] for degree in DEGREES if degree in REPORTED)

    def _first_of_each(self, translation: Translation, file: str) -> set[str]:
        """The rules that come up in a bundle; each finding is counted."""
        rules = set()
        for one in translation.all_findings:
            if one.register is not None and one.register not in self.by_register:
                continue
            group = self._groups.get(one.rule)
            if group is None or _GRAVITY.index(one.severity) < _GRAVITY.index(group.severity):
                group = self._groups[one.rule] = Group(
                    severity=one.severity,
                    example=one,
                    file=file,
                    bundles=group.bundles if group else 0,
                    places=group.places if group else 0,
                    registers=group.registers if group else set(),
                )
            group.places += 1
            if one.register is not None:
                group.registers.add(one.register)
            rules.add(one.rule)
        return rules
