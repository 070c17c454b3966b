"""Checking the types of a condition, so that what loads cannot fail for its types when it runs.

An optional member may only be read where it is known to be there. What is known is carried along:
``has(a.b) && a.b == "x"`` reads `a.b` knowing the left side, ``!has(a.b) || a.b == "x"`` knowing its
opposite, a choice knows its condition, and the body of a macro knows that its list is not empty.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from adapter.rules.condition.known import NOTHING, Fact, Known, lengths
from adapter.rules.condition.operands import alike, demand_comparable, demand_in, demand_pattern, sum_of
from adapter.rules.condition.shapes import (
    NUMBER,
    TEXT,
    TRUTH,
    ListType,
    MemberType,
    RecordType,
    ScalarType,
    Type,
    members,
)
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


class Checked(NamedTuple):
    """The type of a node, and what is known to be there when it is true and when it is false."""

    type: Type
    when_true: Known = NOTHING
    when_false: Known = NOTHING


class Checker:
    """Checks conditions over some variables and notes what they read.

    `values` are the paths (``event.personal[].lakare``) whose values decide, `asked` those that only has()
    asks for.
    """

    def __init__(self, variables: Mapping[str, RecordType]) -> None:
        self._variables: dict[str, Type] = dict(variables)
        self.values: set[str] = set()
        self.asked: set[str] = set()

    def condition(self, node: Node, known: Known = NOTHING) -> Checked:
        """Check a whole condition. Raises ConditionError where it is wrong or could fail."""
        checked = self._check(node, known, self._variables)
        self._demand(checked, TRUTH, node, "a condition")
        return checked

    def _check(self, node: Node, known: Known, scope: Mapping[str, Type]) -> Checked:
        match node:
            case Literal():
                return Checked(_of_literal(node))
            case Name():
                return self._name(node, scope)
            case Member():
                return self._member(node, known, scope)
            case Has():
                return self._has(node, known, scope)
            case Index():
                return self._index(node, known, scope)
            case Call():
                return self._call(node, known, scope)
            case Macro():
                return self._macro(node, known, scope)
            case Unary():
                return self._unary(node, known, scope)
            case Binary():
                return self._binary(node, known, scope)
            case Choice():
                return self._choice(node, known, scope)
            case ListOf():
                return self._list(node, known, scope)
        raise ConditionError("this is not allowed in a condition", node.at)

    def _name(self, node: Name, scope: Mapping[str, Type]) -> Checked:
        if node.name not in scope:
            raise ConditionError(f"`{node.name}` is unknown{_instead(node.name, scope)}", node.at)
        return Checked(scope[node.name])

    def _member(self, node: Member, known: Known, scope: Mapping[str, Type]) -> Checked:
        record, member = self._resolve(node, known, scope)
        if member.optional and Fact(node) not in known:
            raise ConditionError(
                f"`{record.path}.{node.name}` may be absent: ask with has() before it is read", node.at
            )
        if not isinstance(member.type, RecordType):
            self.values.add(f"{record.path}.{node.name}")
        return Checked(member.type)

    def _has(self, node: Has, known: Known, scope: Mapping[str, Type]) -> Checked:
        record, _ = self._resolve(node.member, known, scope)
        self.asked.add(f"{record.path}.{node.member.name}")
        return Checked(TRUTH, frozenset({Fact(node.member)}))

    def _resolve(
        self, node: Member, known: Known, scope: Mapping[str, Type]
    ) -> tuple[RecordType, MemberType]:
        target = self._check(node.target, known, scope).type
        if isinstance(target, ListType):
            raise ConditionError(f"`.{node.name}` of a list: use exists, all, filter or map", node.at)
        if not isinstance(target, RecordType):
            raise ConditionError(f"a {target} has no member `{node.name}`", node.at)
        there = members(target)
        if node.name not in there:
            raise ConditionError(
                f"`{target.path}` has no member `{node.name}`{_instead(node.name, there)}", node.at
            )
        return target, there[node.name]

    def _index(self, node: Index, known: Known, scope: Mapping[str, Type]) -> Checked:
        target = self._list_of(node.target, known, scope, "[...]")
        if not isinstance(node.index, Literal) or type(node.index.value) is not int:
            raise ConditionError("an index is a whole number", node.index.at)
        if Fact(node.target, node.index.value) not in known:
            raise ConditionError(
                f"the list may have no item {node.index.value}: ask for its size before it is read", node.at
            )
        return Checked(target)

    def _call(self, node: Call, known: Known, scope: Mapping[str, Type]) -> Checked:
        target = self._check(node.target, known, scope)
        if node.name == "size":
            if isinstance(target.type, RecordType) or target.type in (NUMBER, TRUTH):
                raise ConditionError(f"a {target.type} has no size", node.at)
            return Checked(NUMBER)
        self._demand(target, TEXT, node.target, f"`{node.name}`")
        argument = node.arguments[0]
        self._demand(self._check(argument, known, scope), TEXT, argument, f"the argument of `{node.name}`")
        if node.name == "matches":
            demand_pattern(argument)
        return Checked(TRUTH)

    def _macro(self, node: Macro, known: Known, scope: Mapping[str, Type]) -> Checked:
        item = self._list_of(node.target, known, scope, f"`{node.name}`")
        if node.variable in scope:
            raise ConditionError(f"the variable `{node.variable}` stands for something else here", node.at)
        there = Fact(node.target, 0)
        body = self._check(node.body, known | {there}, {**scope, node.variable: item})
        if node.name == "map":
            return Checked(ListType(body.type))
        self._demand(body, TRUTH, node.body, f"`{node.name}`")
        if node.name == "filter":
            return Checked(ListType(item))
        return Checked(TRUTH, NOTHING if node.name == "all" else frozenset({there}))

    def _unary(self, node: Unary, known: Known, scope: Mapping[str, Type]) -> Checked:
        operand = self._check(node.operand, known, scope)
        if node.operator == "-":
            self._demand(operand, NUMBER, node.operand, "`-`")
            return Checked(NUMBER)
        self._demand(operand, TRUTH, node.operand, "`!`")
        return Checked(TRUTH, operand.when_false, operand.when_true)

    def _binary(self, node: Binary, known: Known, scope: Mapping[str, Type]) -> Checked:
        left = self._check(node.left, known, scope)
        if node.operator in ("&&", "||"):
            return self._logic(node, left, known, scope)
        right = self._check(node.right, known, scope)
        if node.operator in ("+", "-"):
            return Checked(sum_of(node, left.type, right.type))
        if node.operator == "in":
            demand_in(node, left.type, right.type)
        else:
            demand_comparable(node, left.type, right.type)
        return Checked(TRUTH, *lengths(node))

    def _logic(self, node: Binary, left: Checked, known: Known, scope: Mapping[str, Type]) -> Checked:
        both = node.operator == "&&"
        right = self._check(node.right, known | (left.when_true if both else left.when_false), scope)
        self._demand(left, TRUTH, node.left, f"`{node.operator}`")
        self._demand(right, TRUTH, node.right, f"`{node.operator}`")
        if both:
            return Checked(TRUTH, left.when_true | right.when_true, left.when_false & right.when_false)
        return Checked(TRUTH, left.when_true & right.when_true, left.when_false | right.when_false)

    def _choice(self, node: Choice, known: Known, scope: Mapping[str, Type]) -> Checked:
        condition = self._check(node.condition, known, scope)
        self._demand(condition, TRUTH, node.condition, "`?`")
        yes = self._check(node.yes, known | condition.when_true, scope)
        no = self._check(node.no, known | condition.when_false, scope)
        if not isinstance(yes.type, ScalarType) or not alike(yes.type, no.type):
            raise ConditionError(f"`? :` chooses between a {yes.type} and a {no.type}", node.at)
        return Checked(
            ScalarType(yes.type.scalar),
            (condition.when_true | yes.when_true) & (condition.when_false | no.when_true),
            (condition.when_true | yes.when_false) & (condition.when_false | no.when_false),
        )

    def _list(self, node: ListOf, known: Known, scope: Mapping[str, Type]) -> Checked:
        types = [self._check(item, known, scope).type for item in node.items]
        for item, kind in zip(node.items, types, strict=True):
            if not isinstance(kind, ScalarType) or not alike(kind, types[0]):
                raise ConditionError("a list holds texts, numbers or truth values, all of one type", item.at)
        first = types[0] if types else None
        return Checked(ListType(ScalarType(first.scalar) if isinstance(first, ScalarType) else None))

    def _list_of(self, node: Node, known: Known, scope: Mapping[str, Type], user: str) -> Type:
        """The type of the items of the list that `user` works on."""
        target = self._check(node, known, scope).type
        if not isinstance(target, ListType) or target.item is None:
            raise ConditionError(f"{user} needs a list, and this is a {target}", node.at)
        return target.item

    @staticmethod
    def _demand(found: Checked, wanted: ScalarType, node: Node, user: str) -> None:
        if not isinstance(found.type, ScalarType) or found.type.scalar != wanted.scalar:
            raise ConditionError(f"{user} needs a {wanted}, and this is a {found.type}", node.at)


def _of_literal(node: Literal) -> ScalarType:
    if isinstance(node.value, bool):
        return TRUTH
    return NUMBER if isinstance(node.value, int) else TEXT


def _instead(name: str, there: Mapping[str, object]) -> str:
    close = get_close_matches(name, there, 1)
    return f": did you mean `{close[0]}`?" if close else f": there is {', '.join(sorted(there))}"
