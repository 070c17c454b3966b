"""Which codes were valid on which day, and which kombika belonged to which HSA-id.

Tables lie in mappings/tables and in the folder that a user lays over it, in dated editions
(adapter.mapping.editions) as files (adapter.mapping.table_files). Only a *complete* table says of a code that
it lacks that it never existed; a starter knows the codes that it names and leaves the others to their shape.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, TypeVar

from adapter.domain.codes import has_shape
from adapter.domain.event import Kombika
from adapter.domain.kombika import written
from adapter.mapping.editions import Period, merged
from adapter.mapping.table_files import code_files, kombika_files
from adapter.resources import Folders

__all__ = [
    "CodeTable",
    "KombikaTable",
    "Period",
    "Terminology",
    "Validity",
    "load_kombika",
    "load_terminology",
]

_MOST_REMEMBERED = 4096
_LONGEST_REMEMBERED = 16

_Value = TypeVar("_Value")


class Validity(StrEnum):
    """What the tables say of a code on a day. `rule` is the finding to report, None for a valid code."""

    rule: str | None

    def __new__(cls, value: str, rule: str | None = None) -> "Validity":
        """A member with its rule."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.rule = rule
        return member

    VALID = "valid"
    NEVER = "never", "CODE-NEVER"
    """A complete table does not hold it."""
    NOT_YET = "not-yet", "CODE-NOT-YET"
    """It came into force later."""
    RETIRED = "retired", "CODE-RETIRED"
    """It went out of force earlier (or between two periods)."""
    SHAPE_OK = "shape-ok", "CODE-UNCHECKED"
    """No complete table is loaded; it looks like a code of the system."""
    SHAPE_WRONG = "shape-wrong", "CODE-SHAPE"
    """No complete table is loaded; it does not look like a code of the system."""


class CodeTable(NamedTuple):
    """The dated codes of one system, normalised. `complete`: holds every code there ever was."""

    codes: Mapping[str, tuple[Period, ...]]
    complete: bool


class Terminology:
    """The code tables, by the system's short name. Immutable but for a memory of its answers."""

    def __init__(self, tables: Mapping[str, CodeTable]) -> None:
        self._tables = dict(tables)
        self._remembered = lru_cache(maxsize=_MOST_REMEMBERED)(self._look_up)

    def check(self, system: str, code: str, day: str) -> Validity:
        """What is known of a normalised `code` of `system` on the local `day` of care (``YYYY-MM-DD``)."""
        return (self._remembered if len(code) <= _LONGEST_REMEMBERED else self._look_up)(system, code, day)

    def complete(self, system: str) -> bool:
        """Whether a complete table of `system` is loaded."""
        table = self._tables.get(system)
        return table is not None and table.complete

    def _look_up(self, system: str, code: str, day: str) -> Validity:
        table = self._tables.get(system)
        if table is not None:
            periods = table.codes.get(code)
            if periods is not None:
                return _judge(periods, day)
            if table.complete:
                return Validity.NEVER
        return Validity.SHAPE_WRONG if has_shape(system, code) is False else Validity.SHAPE_OK


class KombikaTable:
    """Dated pairs of HSA-id and kombika; one unit may have several of the other. Immutable."""

    def __init__(self, rows: Iterable[tuple[Kombika, str, Period]] = ()) -> None:
        self._by_hsa_id: dict[str, list[tuple[Period, Kombika]]] = {}
        self._by_kombika: dict[str, list[tuple[Period, str]]] = {}
        for kombika, hsa_id, period in rows:
            self._by_hsa_id.setdefault(hsa_id, []).append((period, kombika))
            self._by_kombika.setdefault(written(kombika), []).append((period, hsa_id))

    def kombikas(self, hsa_id: str, day: str) -> tuple[Kombika, ...]:
        """The kombika of the unit (HSA-id in upper case) on `day`, in the table's order."""
        return _on(self._by_hsa_id.get(hsa_id, ()), day)

    def hsa_ids(self, kombika: Kombika, day: str) -> tuple[str, ...]:
        """The HSA-ids (upper case) that have this kombika on `day`, in the table's order."""
        return _on(self._by_kombika.get(written(kombika), ()), day)

    def expired(self, kombika: Kombika, day: str) -> bool:
        """Whether the table knows the kombika, but not as valid on `day`."""
        return written(kombika) in self._by_kombika and not self.hsa_ids(kombika, day)

    def contradicts(self, hsa_id: str, kombika: Kombika, day: str) -> bool:
        """Whether the table knows one of the two on `day`, but not the pair (UNIT-KOMBIKA-CONTRADICTS)."""
        theirs = self.kombikas(hsa_id, day)
        return kombika not in theirs if theirs else bool(self.hsa_ids(kombika, day))


def load_terminology(folders: Folders) -> Terminology:
    """Read every code table in `folders`. Raises PackError that names file and line."""
    tables = {system: merged(editions) for system, editions in code_files(folders).items()}
    return Terminology({system: CodeTable(table.rows, table.complete) for system, table in tables.items()})


def load_kombika(folders: Folders) -> KombikaTable:
    """Read the tables of units in `folders`; none: an empty one. Raises PackError with file and line."""
    rows = merged(kombika_files(folders)).rows
    return KombikaTable(
        (kombika, unit, period) for (kombika, unit), periods in rows.items() for period in periods
    )


def _judge(periods: tuple[Period, ...], day: str) -> Validity:
    for start, end in periods:
        if start <= day <= end:
            return Validity.VALID
    return Validity.NOT_YET if all(day < start for start, _ in periods) else Validity.RETIRED


def _on(dated: Iterable[tuple[Period, _Value]], day: str) -> tuple[_Value, ...]:
    return tuple(dict.fromkeys(value for period, value in dated if period.holds(day)))
