"""The grid: which cell each case of a kit stands in."""

from collections.abc import Iterable

import msgspec

from adapter.conformance.manifest import Case


class Row(msgspec.Struct, frozen=True, order=True):
    """One case by its cell: kind of contact, rule, register, edition, kind of error."""

    kind: str
    rule: str
    register: str
    edition: str
    error: str
    case: str


COLUMNS = ("kind", "rule", "register", "edition", "error", "case")


def rows(cases: Iterable[Case]) -> list[Row]:
    """The cases sorted by their cells."""
    return sorted(
        Row(one.cell.kind, one.cell.rule, one.cell.register, one.cell.edition, one.cell.error, one.id)
        for one in cases
    )


def cells(row: Row) -> tuple[str, ...]:
    """A row's members in the order of the columns."""
    return row.kind, row.rule, row.register, row.edition, row.error, row.case
