"""``vardbro rules list --statements``: what the source documents say, and what carries it."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from adapter.output import console, json_line, table
from adapter.resources import data_folder
from adapter.rules.statements import Book, load_statements

StatementsOption = Annotated[
    bool,
    typer.Option(
        "--statements", help="List instead what the source documents say, and the rules that carry it."
    ),
]


def list_statements(as_json: bool) -> None:
    """Print every statement with its rules, maps and fields, or the reason why nothing carries it."""
    books = load_statements(data_folder("mappings") / "statements")
    if as_json:
        json_line(list(_lines(books)))
        return
    out = console()
    for book in books:
        rows = (
            (
                one.id,
                one.section,
                one.says,
                ", ".join(one.by) or f"not carried: {one.excluded}",
                "assumed" if one.assumed else "",
            )
            for one in book.file.statements
        )
        out.print(table(book.file.document, ("id", "section", "it says", "carried by", ""), rows))


def _lines(books: Sequence[Book]) -> Iterator[dict[str, Any]]:
    for book in books:
        for one in book.file.statements:
            yield {
                "id": one.id,
                "statement": one.says,
                "source": {"document": book.file.document, "section": one.section},
                "by": list(one.by),
                "excluded": one.excluded,
                "assumed": one.assumed,
            }
