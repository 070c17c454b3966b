"""The page of the grid: type by channel by edition by receiver, as the program answers it."""

from collections.abc import Iterator

from adapter.cases.grid import DATES, Cell, Row, grid
from adapter.cases.run import Translators

_HEAD = """# Which receiver is told of what

Each cell is what comes out of a bundle with this contact type (stated in `Encounter.type`) and this evidence
for the channel (`Encounter.class`, KVÅ code of the technique), on the last day of one edition and the first
of the next. *Yes* is a message, with what the receiver calls the contact; *no* names the rule by which it is
not told; *error* names what stops it. Whether the answers are the right ones is tested against
`tests/cases/grid.yaml`.

*Made by `python -m adapter.docs_pages` from the running program. Do not edit.*
"""


def grid_page() -> str:
    """The page (Markdown)."""
    rows = list(grid(Translators()))
    parts = [_HEAD]
    for edition, date in DATES.items():
        parts += _edition(
            f"Edition {edition} (care of {date})", [row for row in rows if row.edition == edition]
        )
    return "\n".join(parts)


def _edition(title: str, rows: list[Row]) -> Iterator[str]:
    receivers = list(rows[0].cells)
    yield f"## {title}\n"
    yield "| type | channel | " + " | ".join(receivers) + " |"
    yield "|---|---|" + "---|" * len(receivers)
    refused = [row for row in rows if _is_refused(row)]
    for row in rows:
        if row not in refused:
            cells = " | ".join(_said(row.cells[name]) for name in receivers)
            yield f"| {row.typ} | {row.channel} | {cells} |"
    yield "\nSent to nobody, since the evidence contradicts the type or the type did not exist:\n"
    for typ in dict.fromkeys(row.typ for row in refused):
        shown = (f"{row.channel} ({_shared_errors(row)})" for row in refused if row.typ == typ)
        yield f"- {typ}: {', '.join(shown)}"
    yield ""


def _is_refused(row: Row) -> bool:
    """Whether nobody gets it, for an error that all share who would be told of contacts at all."""
    stopped = [cell for cell in row.cells.values() if cell.errors]
    return len(stopped) > 1 and not any(cell.services for cell in row.cells.values()) and bool(_shared(row))


def _shared(row: Row) -> list[str]:
    stopped = [cell for cell in row.cells.values() if cell.errors]
    return [rule for rule in stopped[0].errors if all(rule in cell.errors for cell in stopped)]


def _shared_errors(row: Row) -> str:
    return ", ".join(f"`{rule}`" for rule in _shared(row))


def _said(cell: Cell) -> str:
    if cell.services:
        services = "" if cell.services == ("vardkontakt",) else f" ({', '.join(cell.services)})"
        names = f": {', '.join(cell.names)}" if cell.names else ""
        return f"yes{services}{names}"
    if cell.not_reported:
        return f"no: {', '.join(f'`{rule}`' for rule in cell.not_reported)}"
    return f"error: {', '.join(f'`{rule}`' for rule in cell.errors)}" if cell.errors else ""
