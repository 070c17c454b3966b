"""docs/reference/mutation.md: one part for the rules, one for the mapping, each written by its own tool."""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.support.equivalents import Equivalents

PAGE = Path(__file__).parents[2] / "docs/reference/mutation.md"
TITLE = "# Mutation scores\n"
PARTS = ("rules", "mapping")


class Score(msgspec.Struct):
    """How many changes of a pack or module counted, and those that nobody noticed: (where, what)."""

    name: str
    made: int = 0
    survived: list[tuple[str, str]] = msgspec.field(default_factory=list)

    @property
    def caught(self) -> int:
        """How many were noticed."""
        return self.made - len(self.survived)


def write_part(part: str, head: str, scores: Sequence[Score], equivalents: Equivalents) -> None:
    """Put one part into the page, and leave the other as it is."""
    old = PAGE.read_text("utf-8") if PAGE.exists() else ""
    PAGE.write_text(page(old, {part: told(head, scores, equivalents)}), "utf-8")


def page(old: str, new: dict[str, str]) -> str:
    """The page with some parts in the place of those that it had."""
    texts = {part: new.get(part) or _found(old, part) for part in PARTS}
    return TITLE + "".join(f"\n<!-- {part} -->\n{text}<!-- end -->\n" for part, text in texts.items())


def _found(old: str, part: str) -> str:
    match = re.search(rf"<!-- {part} -->\n(.*?)<!-- end -->\n", old, re.DOTALL)
    return match[1] if match else ""


def told(head: str, scores: Sequence[Score], equivalents: Equivalents) -> str:
    """One part (Markdown): the sum, a table, what survived, and what counts as no change at all."""
    made, caught = sum(one.made for one in scores), sum(one.caught for one in scores)
    lines = [head, f"**{caught} of {made} noticed: {caught / made:.1%}.**\n"]
    lines += ["| where | changes | noticed | |", "|---|---:|---:|---:|"]
    lines += [
        f"| {one.name} | {one.made} | {one.caught} | {one.caught / one.made:.0%} |"
        for one in scores
        if one.made
    ]
    survived = [(one.name, where, what) for one in scores for where, what in one.survived]
    lines += ["\n### Survivors\n", *_table(("where", "in", "change"), survived)]
    listed = [(name, key, why) for name, keys in equivalents.listed.items() for key, why in keys.items()]
    if listed:
        lines += ["\n### Not counted\n", "Changes after which the same comes out, whatever happens:\n"]
        lines += _table(("where", "change", "why nothing can notice it"), listed)
    return "\n".join(lines) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return ["None."]
    head = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return head + ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
