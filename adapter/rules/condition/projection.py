"""Cutting out of an event what a condition reads, and no more.

The cel library converts every key and text that it is given (about 1.3 microseconds each), which for a whole
event costs more than all conditions together. What is cut out is also a key under which the answer can be
remembered: a condition's answer depends on nothing else.
"""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, NamedTuple

from adapter.rules.condition.shapes import ListType, MemberType, RecordType, members

Key = tuple[Any, ...]

_Wanted = dict[str, "_Wanted"]


class _Leaf(NamedTuple):
    """One cut: where it goes in the facts, how its key is taken, and what fact the key stands for."""

    path: tuple[str, ...]
    key: Callable[[Any], Any]
    fact: Callable[[Any], Any]


class Projection:
    """The members `values` and the mere presence of the members `asked` (paths below `record.path`)."""

    def __init__(self, record: RecordType, values: Iterable[str], asked: Iterable[str]) -> None:
        values = frozenset(values)
        wanted: _Wanted = {}
        for path in sorted({*values, *asked}):
            if path.startswith(record.path + "."):
                _want(wanted, path.removeprefix(record.path + "."))
        self._leaves = tuple(_leaves(record, wanted, values, ()))
        self._keys = tuple(leaf.key for leaf in self._leaves)

    def key(self, struct: Any) -> Key:
        """What the condition can see of `struct`, hashable."""
        return tuple([key(struct) for key in self._keys])

    def facts(self, key: Key) -> dict[str, Any]:
        """The same as dicts and lists for the cel library; an absent member is left out."""
        facts: dict[str, Any] = {}
        for leaf, value in zip(self._leaves, key, strict=True):
            group = facts
            for name in leaf.path[:-1]:
                group = group.setdefault(name, {})
            if value is not None:
                group[leaf.path[-1]] = leaf.fact(value)
        return facts


def _want(wanted: _Wanted, path: str) -> None:
    for step in path.split("."):
        wanted = wanted.setdefault(step.removesuffix("[]"), {})


def _leaves(
    record: RecordType, wanted: _Wanted, values: frozenset[str], above: tuple[str, ...]
) -> Iterable[_Leaf]:
    for name, below in wanted.items():
        member = members(record)[name]
        path = (*above, name)
        if isinstance(member.type, RecordType) and not member.optional and below:
            yield from _leaves(member.type, below, values, path)
        else:
            yield _leaf(member, below, values, path, is_value=f"{record.path}.{name}" in values)


def _leaf(
    member: MemberType, below: _Wanted, values: frozenset[str], path: tuple[str, ...], *, is_value: bool
) -> _Leaf:
    read: Callable[[Any], Any] = attrgetter(".".join(path))
    kind = member.type
    if isinstance(kind, RecordType):
        group = _inner(kind, below, values)
        return _Leaf(path, lambda it: None if read(it) is None else group.key(read(it)), group.facts)
    if isinstance(kind, ListType) and isinstance(kind.item, RecordType):
        item = _inner(kind.item, below, values)
        return _Leaf(
            path,
            lambda it: tuple([item.key(one) for one in read(it)]),
            lambda keys: [item.facts(key) for key in keys],
        )
    if isinstance(kind, ListType):
        return _Leaf(path, read, list)
    if is_value:
        return _Leaf(path, read, lambda value: value)
    return _Leaf(path, lambda it: None if read(it) is None else True, lambda value: value)


def _inner(record: RecordType, below: _Wanted, values: frozenset[str]) -> Projection:
    # The inner paths are already cut to `below`; give the projection full paths again.
    return Projection(record, *_full(record, below, values))


def _full(record: RecordType, below: _Wanted, values: frozenset[str]) -> tuple[set[str], set[str]]:
    inner = {path for path in values if path.startswith(record.path + ".")}
    return inner, {f"{record.path}.{name}" for name in below}
