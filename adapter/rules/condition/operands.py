"""Which operands fit together: comparing, looking in a list, adding, matching."""

import cel

from adapter.rules.condition.shapes import ListType, RecordType, ScalarType, Type
from adapter.rules.condition.syntax import Binary, ConditionError, ListOf, Literal, Node

_MATCHES = cel.compile("''.matches(pattern)")


def alike(one: Type, other: Type) -> bool:
    """Whether two values can be compared: scalars of one type, or lists of such."""
    if isinstance(one, ScalarType) and isinstance(other, ScalarType):
        return one.scalar == other.scalar
    if isinstance(one, ListType) and isinstance(other, ListType):
        if one.item is None or other.item is None:
            return not isinstance(one.item or other.item, RecordType)
        return alike(one.item, other.item)
    return False


def sum_of(node: Binary, left: Type, right: Type) -> ScalarType:
    """The type of ``left + right`` or ``left - right``. Raises ConditionError when they do not add up."""
    adds = ("number", "text") if node.operator == "+" else ("number",)
    if isinstance(left, ScalarType) and alike(left, right) and left.scalar in adds:
        return ScalarType(left.scalar)
    raise ConditionError(f"`{node.operator}` between a {left} and a {right}", node.at)


def demand_comparable(node: Binary, left: Type, right: Type) -> None:
    """Raise ConditionError unless the sides of a comparison fit, and could ever be equal."""
    if not alike(left, right):
        raise ConditionError(f"`{node.operator}` compares a {left} with a {right}", node.at)
    if node.operator not in ("==", "!="):
        if not isinstance(left, ScalarType) or left.scalar == "truth":
            raise ConditionError(f"a {left} has no order", node.at)
        return
    _demand_possible(left, node.right)
    _demand_possible(right, node.left)


def demand_in(node: Binary, left: Type, right: Type) -> None:
    """Raise ConditionError unless ``left in right`` looks for something that the list could hold."""
    if not isinstance(right, ListType):
        raise ConditionError(f"`in` needs a list, and this is a {right}", node.right.at)
    if not isinstance(left, ScalarType) or (right.item is not None and not alike(left, right.item)):
        raise ConditionError(f"`in` looks for a {left} in a {right}", node.at)
    if isinstance(node.right, ListOf):
        for item in node.right.items:
            _demand_possible(left, item)
    elif right.item is not None:
        _demand_possible(right.item, node.left)


def _demand_possible(kind: Type, node: Node) -> None:
    """A text that a member can never have is a misspelling, and would make the rule silent."""
    allowed = kind.allowed if isinstance(kind, ScalarType) else None
    if allowed and isinstance(node, Literal) and node.value not in allowed:
        raise ConditionError(f'"{node.value}" never occurs here, only {", ".join(sorted(allowed))}', node.at)


def demand_pattern(argument: Node) -> None:
    """Raise ConditionError unless this is a regular expression that the cel library takes."""
    if not isinstance(argument, Literal):
        raise ConditionError("the pattern of `matches` is a text in quotes", argument.at)
    try:
        _MATCHES.execute({"pattern": argument.value})
    except Exception:  # noqa: BLE001 - whatever the library says of a pattern, it cannot be used
        raise ConditionError("this is no regular expression that can be used here", argument.at) from None
