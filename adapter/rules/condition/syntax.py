"""The syntax tree of a condition. Nodes are equal when their text means the same, wherever they stand."""

from dataclasses import dataclass, field


class ConditionError(Exception):
    """A condition that packs may not have. `position` counts characters from 0."""

    def __init__(self, text: str, position: int) -> None:
        super().__init__(f"{text} (at character {position + 1})")
        self.position = position


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Base of the tree; `at` is where the node begins."""

    at: int = field(compare=False, default=0)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A text, whole number or truth value."""

    value: str | int | bool

    def __eq__(self, other: object) -> bool:
        # Python's 1 == True would make two different conditions one.
        return (
            isinstance(other, Literal) and type(self.value) is type(other.value) and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """``[a, b]``"""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable: ``event``, ``register`` or one that a macro binds."""

    name: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    """``target.name``"""

    target: Node
    name: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    """``target[index]``"""

    target: Node
    index: Node


@dataclass(frozen=True, slots=True)
class Has(Node):
    """``has(member)``"""

    member: Member


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``target.name(arguments)``, with ``size(x)`` turned into ``x.size()``."""

    target: Node
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Macro(Node):
    """``target.name(variable, body)``: exists, exists_one, all, filter, map."""

    target: Node
    name: str
    variable: str
    body: Node


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """``!operand`` or ``-operand``"""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """``left operator right``"""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """``condition ? yes : no``"""

    condition: Node
    yes: Node
    no: Node
