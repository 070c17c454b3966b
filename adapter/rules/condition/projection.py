"""Cutting out of an event what a condition reads, and no more.

The cel library converts every key and text that it is given (about 1.3 microseconds each), which for a whole
event costs more than all conditions together. What is cut out is also a key under which the answer can be
remembered: a condition's answer depends on nothing else.
"""

from collections.abc import Callable, Collection, Iterable
from operator import attrgetter
from typing import Any, NamedTuple

from adapter.rules.condition.shapes import ListType, RecordType, Type, members

Key = tuple[Any, ...]

_Wanted = dict[str, "_Wanted"]


class _Leaf(NamedTuple):
    """One cut: where it goes in the facts, how its key is taken, and what fact the key stands for."""

    path: tuple[str, ...]
    key: Callable[[Any], Any]
    fact: Callable[[Any], Any]


class Projection:
    """The members `values` and the mere presence of the members `asked`, as far as they lie below `record`.

    Both are full paths as the checker notes them (``event.personal[].lakare``).
    """

    def __init__(self, record: RecordType, values: Collection[str], asked: Collection[str]) -> None:
        wanted: _Wanted = {}
        for path in sorted({*values, *asked}):
            if path.startswith(record.path + "."):
                _want(wanted, path.removeprefix(record.path + "."))
        self._leaves = tuple(_Cut(values, asked).leaves(record, wanted, ()))
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


class _Cut(NamedTuple):
    """Builds the leaves of one projection."""

    values: Collection[str]
    asked: Collection[str]

    def leaves(self, record: RecordType, wanted: _Wanted, above: tuple[str, ...]) -> Iterable[_Leaf]:
        for name, below in wanted.items():
            member = members(record)[name]
            path = (*above, name)
            if isinstance(member.type, RecordType) and not member.optional and below:
                yield from self.leaves(member.type, below, path)
            else:
                yield self._leaf(member.type, path, f"{record.path}.{name}" in self.values)

    def _leaf(self, kind: Type, path: tuple[str, ...], is_value: bool) -> _Leaf:
        read: Callable[[Any], Any] = attrgetter(".".join(path))
        if isinstance(kind, RecordType):
            group = Projection(kind, self.values, self.asked)
            return _Leaf(path, _if_there(read, group.key), group.facts)
        if isinstance(kind, ListType) and isinstance(kind.item, RecordType):
            item = Projection(kind.item, self.values, self.asked)
            return _Leaf(path, _if_there(read, _each(item.key)), lambda keys: list(map(item.facts, keys)))
        if isinstance(kind, ListType):
            return _Leaf(path, read, list)
        return _Leaf(path, read if is_value else _if_there(read, lambda _: True), lambda value: value)


def _if_there(read: Callable[[Any], Any], key: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def keyed(struct: Any) -> Any:
        value = read(struct)
        return None if value is None else key(value)

    return keyed


def _each(key: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda items: tuple([key(item) for item in items])
