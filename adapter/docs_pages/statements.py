"""The page of statements: what each source document says about reporting, and what carries it."""

from collections.abc import Iterator, Sequence

from adapter.docs_pages.markdown import cell, made_from
from adapter.rules import Packs
from adapter.rules.statements import Book, Statement

_HEAD = """# What the source documents say

Every statement about reporting in the five source documents, in our own words, with the rules, concept maps
(`map:`) and fields of messages (`field:`) that carry it, or the reason why nothing does.
`vardbro rules show RULE` shows a rule with its conditions, `vardbro rules list --statements` prints this
list. *Assumed*: what carries a statement is our reading of it, or fills in what it leaves open; (A) marks
rules that are.
"""


def statements_page(books: Sequence[Book], packs: Packs) -> str:
    """The page (Markdown)."""
    every = [one for book in books for one in book.file.statements]
    left_out = sum(one.excluded is not None for one in every)
    assumed = sum(one.assumed for one in every)
    parts = [_HEAD, made_from("mappings/statements") + "\n"]
    parts.append(
        f"{len(every)} statements: {len(every) - left_out} carried ({assumed} of them by our reading), "
        f"{left_out} left out with a reason.\n"
    )
    for book in books:
        parts += _book(book, packs)
    return "\n".join(parts)


def _book(book: Book, packs: Packs) -> Iterator[str]:
    yield f"## {book.file.document}\n"
    yield "| | section | it says | carried by, or why not | assumed |\n|---|---|---|---|---|"
    for one in book.file.statements:
        assumed = "yes" if one.assumed else ""
        yield f"| {one.id} | {cell(one.section)} | {cell(one.says)} | {_becomes(one, packs)} | {assumed} |"
    yield ""


def _becomes(statement: Statement, packs: Packs) -> str:
    if statement.excluded is not None:
        return f"*Not carried.* {cell(statement.excluded)}"
    return ", ".join(_carrier(name, packs) for name in statement.by)


def _carrier(name: str, packs: Packs) -> str:
    rule = packs.catalogue.get(name)
    return f"`{name}`" if rule is None or not rule.assumed else f"`{name}` (A)"
