"""What is known to be there at one point of a condition."""

from typing import NamedTuple

from adapter.rules.condition.syntax import Binary, Call, Literal, Node

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_MOST = 10
"""How far list lengths are followed; nobody indexes further into a contact's lists."""


class Fact(NamedTuple):
    """`node` is there; or, with an `index`, the list `node` has an item at that index."""

    node: Node
    item: int | None = None


Known = frozenset[Fact]

NOTHING: Known = frozenset()


def lengths(comparison: Binary) -> tuple[Known, Known]:
    """What a comparison of a list's size with a number tells when it is true, and when it is false."""
    operator, left, right = comparison.operator, comparison.left, comparison.right
    if isinstance(left, Literal):
        operator, left, right = _FLIPPED.get(operator, ""), right, left
    if not (isinstance(left, Call) and left.name == "size" and isinstance(right, Literal)):
        return NOTHING, NOTHING
    if type(right.value) is not int:
        return NOTHING, NOTHING
    number = right.value
    when_true = {">": number + 1, ">=": number, "==": number, "!=": 1 if number == 0 else 0}.get(operator, 0)
    when_false = {"<": number, "<=": number + 1, "!=": number, "==": 1 if number == 0 else 0}.get(operator, 0)
    return _at_least(left.target, when_true), _at_least(left.target, when_false)


def _at_least(node: Node, size: int) -> Known:
    return frozenset(Fact(node, index) for index in range(min(size, _MOST)))
