"""What a check is, and how a table of them is run."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapter.simulator.call import Fel
from adapter.simulator.shape import Shape


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a check may know beside the message: today in Sweden, the valid kombika (None: any), the shape."""

    today: date
    units: frozenset[str] | None
    shape: Shape


Find = Callable[[Any, Surroundings], Iterable[str]]
"""Gives the members at fault as dotted paths (``diagnoser[0].kod``); nothing when all is well."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the register. `fact` says where it comes from, `assumed` that it is our reading."""

    id: str
    fact: str
    text: str
    find: Find
    assumed: bool = False

    @property
    def kod(self) -> str:
        """The error code in the answer."""
        return self.id.upper()


class Table:
    """Collects checks in the order in which they are written down."""

    def __init__(self) -> None:
        self.checks: list[Check] = []

    def check(self, id: str, *, fact: str, text: str, assumed: bool = False) -> Callable[[Find], Find]:
        """Enter the decorated function as a check."""

        def enter(find: Find) -> Find:
            self.checks.append(Check(id, fact, text, find, assumed))
            return find

        return enter


def run(stages: Sequence[Sequence[Check]], message: Any, around: Surroundings) -> list[Fel]:
    """The errors of the first stage that has any: later stages rely on what the earlier ones have checked."""
    for checks in stages:
        errors = [
            Fel(check.kod, falt, check.text) for check in checks for falt in check.find(message, around)
        ]
        if errors:
            return errors
    return []
