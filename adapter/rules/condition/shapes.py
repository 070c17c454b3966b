"""The types that conditions know, taken from the event's own Structs so that they cannot drift apart."""

from functools import cache
from types import UnionType
from typing import Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec

Scalar = Literal["text", "number", "truth"]

_SCALARS: dict[type, Scalar] = {str: "text", int: "number", bool: "truth"}


class ScalarType(NamedTuple):
    """A text, a whole number or a truth value; `allowed` are the texts that occur, None when any may."""

    scalar: Scalar
    allowed: frozenset[str] | None = None

    def __str__(self) -> str:
        return self.scalar


class ListType(NamedTuple):
    """A list; the item of an empty list literal is None."""

    item: "Type | None"

    def __str__(self) -> str:
        return f"list of {self.item}" if self.item else "empty list"


class RecordType(NamedTuple):
    """A group of members. `path` says where in the event it stands (``event.personal[]``)."""

    path: str
    struct: type[msgspec.Struct]

    def __str__(self) -> str:
        return f"group {self.path}"


Type = ScalarType | ListType | RecordType

TRUTH = ScalarType("truth")
NUMBER = ScalarType("number")
TEXT = ScalarType("text")


class MemberType(NamedTuple):
    """A member of a group. An `optional` one may be absent, and must be asked for with has()."""

    type: Type
    optional: bool


@cache
def members(record: RecordType) -> dict[str, MemberType]:
    """The members of a group by name. Raises TypeError for a Struct that conditions cannot read."""
    hints = get_type_hints(record.struct)
    return {
        name: _member(hint, f"{record.path}.{name}")
        for name, hint in hints.items()
        if name in record.struct.__struct_fields__
    }


def _member(hint: object, path: str) -> MemberType:
    if get_origin(hint) in (Union, UnionType):
        inner = [part for part in get_args(hint) if part is not type(None)]
        if len(inner) == 1:
            return MemberType(_type(inner[0], path), optional=True)
    return MemberType(_type(hint, path), optional=False)


def _type(hint: object, path: str) -> Type:
    if get_origin(hint) is Literal:
        return ScalarType("text", frozenset(get_args(hint)))
    if get_origin(hint) is tuple and get_args(hint)[1:] == (...,):
        return ListType(_type(get_args(hint)[0], path + "[]"))
    if isinstance(hint, type):
        if hint in _SCALARS:
            return ScalarType(_SCALARS[hint])
        if issubclass(hint, msgspec.Struct):
            return RecordType(path, hint)
    raise TypeError(f"{path} has a type that conditions cannot read")
