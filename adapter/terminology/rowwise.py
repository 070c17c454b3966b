"""Rows under a header, whatever file they come from."""

from collections.abc import Iterable, Iterator, Sequence

from adapter.terminology.columns import Columns, columns_of
from adapter.terminology.days import day_of
from adapter.terminology.rows import Row, Unreadable

HEADER_WITHIN = 20
"""Rows in which a header is looked for: above it there may be a title."""

Cells = Sequence[object]
Numbered = tuple[int, Cells]


def header_in(rows: Sequence[Numbered], *, units: bool) -> tuple[int, Columns] | None:
    """The place of the header among the first rows, with its columns."""
    for place, (_, cells) in enumerate(rows[:HEADER_WITHIN]):
        columns = columns_of(cells, units=units)
        if columns is not None:
            return place, columns
    return None


def rows_under(name: str, columns: Columns, rows: Iterable[Numbered]) -> Iterator[Row]:
    """The rows below a header. Raises Unreadable that names file and line."""
    for line, cells in rows:
        code = text_of(_cell(cells, columns.code))
        if not code:
            continue
        try:
            start, end = day_of(_cell(cells, columns.start)), day_of(_cell(cells, columns.end))
        except ValueError as error:
            raise Unreadable(f"{name}:{line}: {error}") from None
        yield Row(line=line, code=code, start=start, end=end, unit=text_of(_cell(cells, columns.unit)))


def text_of(cell: object) -> str:
    """A cell as text; a spreadsheet's number is written without a fraction that it does not have."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _cell(cells: Cells, place: int | None) -> object:
    return None if place is None or place >= len(cells) else cells[place]
