"""Small changes of a rule, each of which some case must notice: what mutation testing breaks on purpose."""

import re
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from adapter.rules.pack import RuleEntry

_TOKEN = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|&&|\|\||==|!=|<=|>=|<|>|!(?!=)|\bexists_one\b|\bexists\b|\ball\b|\btrue\b"
    r"|\bfalse\b|\bhas\(|\b[0-9]+\b"
)
_OTHER = {
    "&&": "||",
    "||": "&&",
    "==": "!=",
    "!=": "==",
    "<=": "<",
    ">=": ">",
    "<": "<=",
    ">": ">=",
    "!": "",
    "exists": "all",
    "all": "exists",
    "true": "false",
    "false": "true",
    "has(": "!has(",
}
_LIST = re.compile(r"\[([^\[\]]*)\]")
_ITEM = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^,\s]+")


class Mutant(msgspec.Struct, frozen=True):
    """A rule changed in one place; None: the rule left out. `what` tells of the change."""

    what: str
    entry: RuleEntry | None


def mutants(entry: RuleEntry) -> Iterator[Mutant]:
    """Every small change of a rule that a condition applies."""
    yield Mutant("left out", None)
    for part in ("when", "require"):
        text: str | None = getattr(entry, part)
        if text is None:
            continue
        for what, changed in _changed(text):
            yield Mutant(f"{part}: {what}", replace(entry, **{part: changed}))
        if entry.when is not None and entry.require is not None:
            yield Mutant(f"without {part}", replace(entry, **{part: None}))
    if entry.severity == "error":
        yield Mutant("a warning instead", replace(entry, severity="warning", hold=False))
    elif entry.severity is not None:
        yield Mutant("an error instead", replace(entry, severity="error", todo=entry.todo or entry.text))


def _changed(text: str) -> Iterator[tuple[str, str]]:
    for token in _TOKEN.finditer(text):
        found = token[0]
        if found[0] in "\"'":
            continue
        other = str(int(found) + 1) if found.isdigit() else _OTHER.get(found)
        if other is not None:
            yield _at(text, token.start(), found, other)
    for listed in _LIST.finditer(text):
        items = list(_ITEM.finditer(listed[1]))
        for number, item in enumerate(items if len(items) > 1 else ()):
            left = ", ".join(one[0] for at, one in enumerate(items) if at != number)
            yield f"without {item[0]}", f"{text[: listed.start()]}[{left}]{text[listed.end() :]}"


def _at(text: str, start: int, found: str, other: str) -> tuple[str, str]:
    around = " ".join(text[max(0, start - 24) : start + 24].split())
    return f"{found} becomes {other or 'nothing'} in ...{around}...", text[:start] + other + text[
        start + len(found) :
    ]
