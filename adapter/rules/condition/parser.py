"""Parsing a condition: the grammar of CEL without numbers with decimals, bytes, null, maps and messages."""

from adapter.rules.condition.syntax import (
    Binary,
    Call,
    Choice,
    ConditionError,
    Has,
    Index,
    ListOf,
    Literal,
    Macro,
    Member,
    Name,
    Node,
    Unary,
)
from adapter.rules.condition.tokens import Token, tokens

MACROS = frozenset({"exists", "exists_one", "all", "filter", "map"})
METHODS = {"size": 0, "startsWith": 1, "endsWith": 1, "contains": 1, "matches": 1}
MAX_DEPTH = 24
MAX_SIZE = 150
"""Operators, members and calls in one condition; keeps every walk over the tree far from Python's limit."""

_DIGITS = 9

_RELATIONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_RESERVED = frozenset(
    {
        *("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if"),
        *("import", "let", "loop", "package", "namespace", "return", "var", "void", "while"),
    }
)
_NO_VARIABLE = _RESERVED | {"has", "size"}


def parse(source: str) -> Node:
    """The tree of `source`. Raises ConditionError that says what is not understood, and where."""
    return _Parser(source).whole()


class _Parser:
    """Recursive descent, one method per level of precedence."""

    def __init__(self, source: str) -> None:
        self._tokens = list(tokens(source))
        self._next = 0
        self._depth = 0
        self._size = 0

    def whole(self) -> Node:
        node = self._choice()
        if self._token.kind != "end":
            raise self._unexpected("an operator or the end")
        return node

    def _choice(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ConditionError("nested too deeply", self._token.at)
        node = self._either()
        if self._accept("?"):
            yes = self._either()
            self._expect(":")
            node = Choice(node, yes, self._choice(), at=node.at)
        self._depth -= 1
        return node

    def _either(self) -> Node:
        node = self._both()
        while self._accept("||"):
            node = self._grown(Binary("||", node, self._both(), at=node.at))
        return node

    def _both(self) -> Node:
        node = self._relation()
        while self._accept("&&"):
            node = self._grown(Binary("&&", node, self._relation(), at=node.at))
        return node

    def _relation(self) -> Node:
        node = self._sum()
        operator = self._token.text
        if (self._token.kind == "sign" and operator in _RELATIONS) or self._sees_in():
            self._next += 1
            node = self._grown(Binary(operator, node, self._sum(), at=node.at))
            if (self._token.kind == "sign" and self._token.text in _RELATIONS) or self._sees_in():
                raise ConditionError("comparisons cannot be chained: use `&&`", self._token.at)
        return node

    def _sum(self) -> Node:
        node = self._unary()
        while self._token.kind == "sign" and self._token.text in ("+", "-"):
            operator = self._take().text
            node = self._grown(Binary(operator, node, self._unary(), at=node.at))
        return node

    def _unary(self) -> Node:
        token = self._token
        if token.kind == "sign" and token.text in ("!", "-"):
            self._next += 1
            if self._token.kind == "sign" and self._token.text in ("!", "-"):
                raise ConditionError("two signs in a row", self._token.at)
            return self._grown(Unary(token.text, self._postfix(), at=token.at))
        return self._postfix()

    def _postfix(self) -> Node:
        node = self._primary()
        while True:
            if self._accept("."):
                node = self._grown(self._selected(node))
            elif self._accept("["):
                node = self._grown(Index(node, self._choice(), at=node.at))
                self._expect("]")
            else:
                return node

    def _selected(self, target: Node) -> Node:
        name = self._take()
        if name.kind != "name":
            raise ConditionError("expected the name of a member after `.`", name.at)
        if not self._accept("("):
            return Member(target, name.text, at=target.at)
        if name.text in MACROS:
            return self._macro(target, name)
        if name.text not in METHODS:
            raise ConditionError(f"the function `{name.text}` is not allowed in a condition", name.at)
        arguments = self._items(")")
        if len(arguments) != METHODS[name.text]:
            raise ConditionError(f"`{name.text}` takes {METHODS[name.text]} arguments", name.at)
        return Call(target, name.text, arguments, at=target.at)

    def _macro(self, target: Node, name: Token) -> Node:
        variable = self._take()
        if variable.kind != "name" or variable.text in _NO_VARIABLE:
            raise ConditionError(f"`{name.text}` begins with the name of a variable", variable.at)
        self._expect(",")
        body = self._choice()
        self._expect(")")
        return Macro(target, name.text, variable.text, body, at=target.at)

    def _primary(self) -> Node:
        token = self._take()
        if token.kind == "int":
            return self._number(token)
        if token.kind == "text":
            return Literal(token.text, at=token.at)
        if token.kind == "name":
            return self._named(token)
        if token.kind == "sign" and token.text == "(":
            node = self._choice()
            self._expect(")")
            return node
        if token.kind == "sign" and token.text == "[":
            return ListOf(self._items("]"), at=token.at)
        raise ConditionError(f"expected a value, found {_shown(token)}", token.at)

    def _number(self, token: Token) -> Node:
        if len(token.text) > _DIGITS or (len(token.text) > 1 and token.text[0] == "0"):
            raise ConditionError("a whole number has at most nine digits and no leading zero", token.at)
        return Literal(int(token.text), at=token.at)

    def _named(self, token: Token) -> Node:
        if token.text in ("true", "false"):
            return Literal(token.text == "true", at=token.at)
        if token.text == "null":
            raise ConditionError("nothing is ever null: ask with has() whether a member is there", token.at)
        if token.text in _RESERVED:
            raise ConditionError(f"`{token.text}` is a reserved word", token.at)
        if not self._accept("("):
            return Name(token.text, at=token.at)
        arguments = self._items(")")
        if token.text == "has" and len(arguments) == 1 and isinstance(arguments[0], Member):
            return Has(arguments[0], at=token.at)
        if token.text == "has":
            raise ConditionError("has() takes one member, as in has(event.patient.id)", token.at)
        if token.text == "size" and len(arguments) == 1:
            return self._grown(Call(arguments[0], "size", (), at=token.at))
        raise ConditionError(f"the function `{token.text}` is not allowed in a condition", token.at)

    def _items(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        if self._accept(closing):
            return ()
        while True:
            items.append(self._choice())
            if self._accept(closing):
                return tuple(items)
            self._expect(",")

    def _grown(self, node: Node) -> Node:
        self._size += 1
        if self._size > MAX_SIZE:
            raise ConditionError("the condition is too long: make two rules of it", node.at)
        return node

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        if token.kind != "end":
            self._next += 1
        return token

    def _sees_in(self) -> bool:
        return self._token.kind == "name" and self._token.text == "in"

    def _accept(self, sign: str) -> bool:
        if self._token.kind == "sign" and self._token.text == sign:
            self._next += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            raise self._unexpected(f"`{sign}`")

    def _unexpected(self, wanted: str) -> ConditionError:
        return ConditionError(f"expected {wanted}, found {_shown(self._token)}", self._token.at)


def _shown(token: Token) -> str:
    return f"`{token.text}`" if token.kind != "end" else "the end"
