"""Cutting the text of a condition into tokens."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from adapter.rules.condition.syntax import ConditionError

Kind = Literal["name", "int", "text", "sign", "end"]

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<text>"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
      | (?P<int>\d+(?![\w.]))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]{0,63}(?![A-Za-z0-9_]))
      | (?P<sign>&&|\|\||==|!=|<=|>=|[<>!?:.,+\-()\[\]])
    """,
    re.VERBOSE,
)
_ESCAPES = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "t": "\t"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Token(NamedTuple):
    """One token: `text` is the sign, the name, the digits, or the value of a quoted text."""

    kind: Kind
    text: str
    at: int


def tokens(source: str) -> Iterator[Token]:
    """The tokens of `source`, an end token last. Raises ConditionError for what packs may not use."""
    at = 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            if source[at] in "\"'":
                raise ConditionError("the text that begins here does not end on its line", at)
            raise ConditionError(f"`{source[at]}` is not allowed in a condition", at)
        kind = found.lastgroup
        if kind == "text":
            yield Token("text", _unquoted(found.group(), at), at)
        elif kind in ("int", "name", "sign"):
            yield Token(kind, found.group(), at)  # type: ignore[arg-type]
        at = found.end()
    yield Token("end", "", at)


def _unquoted(quoted: str, at: int) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] not in _ESCAPES:
            raise ConditionError(f"the escape `\\{found[1]}` is not allowed in a condition", at)
        return _ESCAPES[found[1]]

    return _ESCAPE.sub(value, quoted[1:-1])
