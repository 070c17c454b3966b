"""What differs between two JSON values, change by change, much as JSON Patch (RFC 6902) writes it."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

import msgspec
import orjson

Place = tuple[str | int, ...]
"""Names of members and indexes of items, from the root."""

_ALIGNED = 500
"""Longer lists than this are compared item by item: finding what was moved would take too long."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change. `before` is None for what was added, `after` for what was removed.

    The indexes in `place` are those of the old value for what was removed, of the new value for the rest.
    """

    op: Literal["add", "remove", "replace"]
    place: Place
    before: Any = None
    after: Any = None

    @property
    def pointer(self) -> str:
        """The place as a JSON Pointer: ``/entry/3/resource/status``."""
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in self.place)

    @property
    def field(self) -> str:
        """The place as traces write it: ``diagnoser[0].kod``."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.place)
        return "".join(steps).removeprefix(".")


def difference(before: Any, after: Any) -> list[Change]:
    """The changes that lead from one JSON value to the other; none for equal ones, whatever their order of
    members."""
    return list(_changes((), before, after))


def _changes(place: Place, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            yield from _member((*place, name), before, after, name)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _items(place, before, after)
    elif _key(before) != _key(after):
        yield Change(op="replace", place=place, before=before, after=after)


def _member(place: Place, before: dict[str, Any], after: dict[str, Any], name: str) -> Iterator[Change]:
    if name not in after:
        yield Change(op="remove", place=place, before=before[name])
    elif name not in before:
        yield Change(op="add", place=place, after=after[name])
    else:
        yield from _changes(place, before[name], after[name])


def _items(place: Place, before: list[Any], after: list[Any]) -> Iterator[Change]:
    """Items that stayed the same are matched first; between them the others are compared in order."""
    for old, new in _unmatched([_key(item) for item in before], [_key(item) for item in after]):
        pairs = min(len(old), len(new))
        for index, other in zip(old, new, strict=False):
            yield from _changes((*place, other), before[index], after[other])
        for index in old[pairs:]:
            yield Change(op="remove", place=(*place, index), before=before[index])
        for other in new[pairs:]:
            yield Change(op="add", place=(*place, other), after=after[other])


def _unmatched(before: Sequence[bytes], after: Sequence[bytes]) -> Iterator[tuple[range, range]]:
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if len(old) > _ALIGNED or len(new) > _ALIGNED:
        yield range(start, start + len(old)), range(start, start + len(new))
        return
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield range(start + i, start + j), range(start + k, start + m)


def _key(value: Any) -> bytes:
    """Bytes that are equal for equal JSON values (1 and true differ, the order of members does not count)."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
