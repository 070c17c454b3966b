"""What members a message has: which there are, which are needed, and of what type."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: `members` maps each name to str, int, a nested Shape, or a list of one of these.

    `needed` names the members that must be there.
    """

    members: "dict[str, Any]"
    needed: frozenset[str]


def objects(message: dict[str, Any], shape: Shape, prefix: str = "") -> Iterator[tuple[str, Any, Shape]]:
    """Each object of the message with its path prefix and its shape, the message itself first."""
    yield prefix, message, shape
    for name, kind in shape.members.items():
        value = message.get(name)
        if isinstance(kind, Shape) and isinstance(value, dict):
            yield from objects(value, kind, f"{prefix}{name}.")
        elif isinstance(kind, list) and isinstance(kind[0], Shape) and isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield from objects(item, kind[0], f"{prefix}{name}[{index}].")


def misfits(value: Any, kind: Any, path: str) -> Iterator[str]:
    """The paths in `value` whose JSON type is not `kind`; what is inside an object is left to `objects`."""
    if isinstance(kind, list):
        if not isinstance(value, list):
            yield path
            return
        for index, item in enumerate(value):
            yield from misfits(item, kind[0], f"{path}[{index}]")
    elif isinstance(kind, Shape):
        if not isinstance(value, dict):
            yield path
    elif not isinstance(value, kind) or isinstance(value, bool):
        yield path
