"""Fixed values, patterns, and reading an element's values out of JSON."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def fits_pattern(value: Any, pattern: Any) -> bool:
    """Whether `value` has at least what the pattern has: members, and for each item one that fits it."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            name in value and fits_pattern(value[name], part) for name, part in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(
            any(fits_pattern(item, part) for item in value) for part in pattern
        )
    return is_same(value, pattern)


def is_same(value: Any, other: Any) -> bool:
    """Whether two JSON values are equal; true is not 1."""
    return type(value) is type(other) and bool(value == other)


def values_of(owner: Any, name: str, *, choice: bool = False) -> Iterator[tuple[Any, str, str]]:
    """The values of an element in `owner`: value, JSON path below the owner, and type suffix of a choice.

    A primitive that has only an extension counts as a value, None.
    """
    if not isinstance(owner, dict):
        return
    for key in _keys(owner, name, choice):
        value, beside = owner.get(key), owner.get(f"_{key}")
        suffix = key[len(name) :]
        if isinstance(value, list) or isinstance(beside, list):
            yield from _items(value, beside, key, suffix)
        elif value is not None or beside is not None:
            yield value, f".{key}", suffix


def _keys(owner: Json, name: str, choice: bool) -> Iterator[str]:
    if not choice:
        yield name
        return
    seen = dict.fromkeys(key.removeprefix("_") for key in owner if isinstance(key, str))
    yield from (key for key in seen if key.startswith(name) and key[len(name) : len(name) + 1].isupper())


def _items(value: Any, beside: Any, key: str, suffix: str) -> Iterator[tuple[Any, str, str]]:
    values = value if isinstance(value, list) else []
    more = beside if isinstance(beside, list) else []
    for index in range(max(len(values), len(more))):
        item = values[index] if index < len(values) else None
        if item is not None or (index < len(more) and more[index] is not None):
            yield item, f".{key}[{index}]", suffix
