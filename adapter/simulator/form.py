"""Checks of form, the same for every register with JSON: the right members, of the right types, none empty
and none of the caller's own invention."""

from collections.abc import Iterator
from typing import Any

from adapter.simulator.shape import misfits, objects
from adapter.simulator.table import Surroundings, Table

FORM = Table()
_JSON = "JSON in the body of POST and PUT (published); the names of members beside enhet are assumed"


@FORM.check("medlem-saknas", fact=_JSON, assumed=True, text="En obligatorisk uppgift saknas.")
def missing_member(message: Any, around: Surroundings) -> Iterator[str]:
    for prefix, given, shape in objects(message, around.shape):
        for name in shape.members:
            if name in shape.needed and name not in given:
                yield prefix + name


@FORM.check("medlem-okand", fact=_JSON, assumed=True, text="Uppgiften är okänd för registret.")
def unknown_member(message: Any, around: Surroundings) -> Iterator[str]:
    for prefix, given, shape in objects(message, around.shape):
        if not given.keys() <= shape.members.keys():
            # The name itself is the caller's and may hold anything: say only where it stands.
            yield prefix.rstrip(".")


@FORM.check("medlem-typ", fact=_JSON, assumed=True, text="Uppgiften har fel typ.")
def wrong_type(message: Any, around: Surroundings) -> Iterator[str]:
    for prefix, given, shape in objects(message, around.shape):
        for name, kind in shape.members.items():
            if name in given:
                yield from misfits(given[name], kind, prefix + name)


@FORM.check(
    "medlem-tom",
    fact="Optional members are left out when empty",
    assumed=True,
    text="Uppgiften är tom; en uppgift som saknas ska utelämnas.",
)
def empty_member(message: Any, around: Surroundings) -> Iterator[str]:
    for prefix, given, shape in objects(message, around.shape):
        for name in shape.members:
            value = given.get(name)
            if value == "" or value == []:
                yield prefix + name
