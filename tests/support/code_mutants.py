"""Small changes of a module of Python, each of which some test must notice.

Left alone is what has no effect on a run (annotations, docstrings, the arguments of a class statement,
decorators) and the wording of what is raised.
"""

import ast
import hashlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from types import CodeType
from typing import Any

import msgspec

_TURNED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SHAPES = frozenset({"Literal", "Callable", "Iterable", "tuple", "dict", "list", "type"})
_SHOWN = 60


class Owner(msgspec.Struct, frozen=True):
    """The outermost function that a change lies in: its qualified name and first line; at module level both
    are empty."""

    name: str = ""
    line: int = 0


class CodeMutant(msgspec.Struct, frozen=True):
    """One change. `key` names it as long as the function stands as it is; `put` makes and undoes it."""

    owner: Owner
    what: str
    nth: int
    is_text: bool
    put: Callable[[bool], None]

    @property
    def key(self) -> str:
        """Function, change, and its number among those that read alike."""
        return f"{self.owner.name or 'module'}: {self.what}" + (f" ({self.nth + 1})" if self.nth else "")


class Module:
    """A module whose changes can be made one at a time."""

    def __init__(self, name: str, path: str, source: str) -> None:
        self.name, self.path = name, path
        self._tree = ast.parse(source)
        seen: dict[tuple[str, str], int] = {}
        self.mutants: list[CodeMutant] = []
        for owner, what, put in _changes(self._tree):
            nth = seen.get((owner.name, what), 0)
            seen[owner.name, what] = nth + 1
            is_text = what.startswith(("`'", '`"')) and " in " not in what.split("` becomes")[0]
            self.mutants.append(CodeMutant(owner, what, nth, is_text, put))

    def sample(self, size: int, seed: str) -> list[CodeMutant]:
        """At most `size` of the changes: which, depends on the seed and on the changes alone.

        At most a third are changed texts as long as there are others: most modules have many of them, and
        most are noticed.
        """
        lots = {one.key: self._lot(one, seed) for one in self.mutants}
        drawn = sorted(self.mutants, key=lambda one: lots[one.key])
        texts = [one for one in drawn if one.is_text]
        others = [one for one in drawn if not one.is_text]
        few = texts[: max(size // 3, size - len(others))]
        chosen = {one.key for one in (*few, *others[: size - len(few)])}
        return [one for one in self.mutants if one.key in chosen]

    def _lot(self, one: CodeMutant, seed: str) -> str:
        return hashlib.sha256(f"{seed}:{self.name}:{one.key}".encode()).hexdigest()

    def compiled(self, mutant: CodeMutant | None = None) -> CodeType:
        """The module's code with one change."""
        if mutant is None:
            return compile(self._tree, self.path, "exec")
        mutant.put(True)
        try:
            return compile(ast.fix_missing_locations(self._tree), self.path, "exec")
        finally:
            mutant.put(False)


def noting(source: str, path: str, note: str) -> CodeType:
    """A module's code in which each outermost function begins by calling `note` with its name and line."""
    tree = ast.parse(source)
    for name, function in _functions(tree, ""):
        called = ast.Call(
            ast.Name(note, ast.Load()),
            [ast.Constant(one) for one in (path, name, _first_line(function))],
            [],
        )
        first = function.body[0]
        has_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        function.body.insert(1 if has_text else 0, ast.copy_location(ast.Expr(called), first))
    return compile(ast.fix_missing_locations(tree), path, "exec")


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield prefix + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")


_Change = tuple[Owner, str, Callable[[bool], None]]


def _changes(tree: ast.Module) -> Iterator[_Change]:
    yield from _within(tree, Owner(), "")


def _within(node: ast.AST, owner: Owner, prefix: str) -> Iterator[_Change]:
    for name, index, child in _children(node):
        if isinstance(child, _FUNCTIONS):
            inner = owner if owner.name else Owner(prefix + child.name, _first_line(child))
            yield from _within(child, inner, prefix)
            continue
        if isinstance(child, ast.ClassDef):
            yield from _within(child, owner, f"{prefix}{child.name}.")
            continue
        if _is_left_alone(node, name, child):
            continue
        for what, other in _others(node, name, child):
            yield owner, what, _putting(node, name, index, child, other)
        if not isinstance(child, ast.Raise):
            yield from _within(child, owner, prefix)


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            yield from ((name, at, one) for at, one in enumerate(value) if isinstance(one, ast.AST))
        elif isinstance(value, ast.AST):
            yield name, None, value


def _first_line(function: ast.AST) -> int:
    decorators = getattr(function, "decorator_list", [])
    return int(min(getattr(one, "lineno", 0) for one in (function, *decorators)))


def _is_left_alone(node: ast.AST, name: str, child: ast.AST) -> bool:
    if name in ("annotation", "returns", "decorator_list", "bases", "keywords") and isinstance(
        node, (*_FUNCTIONS, ast.ClassDef, ast.AnnAssign, ast.arg)
    ):
        return True
    if isinstance(child, (ast.Import, ast.ImportFrom, ast.arguments)) and not _has_defaults(child):
        return True
    if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
        return True
    return isinstance(node, (ast.Assign, ast.AnnAssign)) and name == "value" and _is_shape(child)


def _has_defaults(child: ast.AST) -> bool:
    return isinstance(child, ast.arguments) and bool(child.defaults or child.kw_defaults)


def _is_shape(value: ast.AST) -> bool:
    """Whether a value is a type: an alias, which nothing looks at when the program runs."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr):
        return _is_shape(value.left) or _is_shape(value.right)
    if isinstance(value, ast.Subscript):
        return isinstance(value.value, ast.Name) and value.value.id in _SHAPES
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in ("TypeVar", "NewType")
    return False


def _putting(
    node: ast.AST, name: str, index: int | None, child: ast.AST, other: ast.AST
) -> Callable[[bool], None]:
    def put(changed: bool) -> None:
        value = ast.copy_location(deepcopy(other), child) if changed else child
        if index is None:
            setattr(node, name, value)
        else:
            getattr(node, name)[index] = value

    return put


def _others(node: ast.AST, name: str, child: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What may stand in the place of `child`, each with what is said of it."""
    text = _shown(child)
    yield from _replacements(child, text)
    if name == "test" and isinstance(node, (ast.If, ast.IfExp, ast.While)):
        if not isinstance(child, (ast.Compare, ast.UnaryOp, ast.BoolOp)):
            yield f"`{text}` becomes its opposite", ast.UnaryOp(ast.Not(), _as_expression(child))
        if isinstance(node, ast.If):
            yield f"`if {text}` becomes always", ast.Constant(True)
    if isinstance(node, ast.comprehension) and name == "ifs":
        yield f"without `if {text}`", ast.Constant(True)
    if isinstance(child, ast.Expr) and isinstance(child.value, (ast.Call, ast.Yield, ast.YieldFrom)):
        if isinstance(child.value, ast.Call):
            yield f"without `{text}`", ast.Pass()
        else:
            yield f"without `{text}`", ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load())))
    if isinstance(child, ast.Return) and not isinstance(child.value, (ast.Constant, type(None))):
        yield f"`{text}` becomes `return None`", ast.Return(ast.Constant(None))
    if isinstance(child, ast.Continue):
        yield "`continue` becomes `break`", ast.Break()
    if isinstance(child, ast.Break):
        yield "`break` becomes `continue`", ast.Continue()


def _as_expression(node: ast.AST) -> ast.expr:
    assert isinstance(node, ast.expr)
    return node


def _replacements(child: ast.AST, text: str) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(child, ast.Compare):
        for at, sign in enumerate(child.ops):
            signs = [*child.ops]
            signs[at] = _turned(sign)
            other: ast.expr = ast.Compare(child.left, signs, child.comparators)
            yield f"`{text}` becomes `{_shown(other)}`", other
    elif isinstance(child, ast.BoolOp):
        is_and = isinstance(child.op, ast.And)
        word, turned = ("and", "or") if is_and else ("or", "and")
        other = ast.BoolOp(ast.Or() if is_and else ast.And(), child.values)
        yield f"`{word}` becomes `{turned}` in `{text}`", other
        for at, one in enumerate(child.values):
            rest = [value for number, value in enumerate(child.values) if number != at]
            left = ast.BoolOp(child.op, rest) if len(rest) > 1 else rest[0]
            yield f"without `{_shown(one)}` in `{text}`", left
    elif isinstance(child, ast.UnaryOp) and isinstance(child.op, ast.Not):
        yield f"without `not` in `{text}`", child.operand
    elif isinstance(child, ast.BinOp) and type(child.op) in _TURNED and not _joins_texts(child):
        other = ast.BinOp(child.left, _turned(child.op), child.right)
        yield f"`{text}` becomes `{_shown(other)}`", other
    elif isinstance(child, ast.Constant):
        for constant in _constants(child.value):
            yield f"`{text}` becomes `{_shown(constant)}`", constant


def _joins_texts(sum_: ast.BinOp) -> bool:
    """Whether a sum is one of texts or tuples, of which no difference can be taken."""
    return any(
        isinstance(one, (ast.JoinedStr, ast.Tuple))
        or (isinstance(one, ast.Constant) and isinstance(one.value, str))
        or (isinstance(one, ast.BinOp) and _joins_texts(one))
        for one in (sum_.left, sum_.right)
    )


def _turned(sign: ast.AST) -> Any:
    return _TURNED[type(sign)]()


def _constants(value: object) -> Iterator[ast.Constant]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str):
        yield ast.Constant(f"XX{value}")


def _shown(node: ast.AST) -> str:
    try:
        text = " ".join(ast.unparse(node).split())
    except (AttributeError, ValueError):  # a part of something, which has no text of its own
        text = type(node).__name__
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
