"""R4's elements in the order of their definitions, which only XML needs: the shape of `order.json`.

`order.json` has a text for each type: its elements in order, each as ``name:type``, with ``*`` after an
element that may be repeated and ``@`` after one that is an attribute; choices stand with all their names. It
is loaded when the first XML is read or written, and a type is taken apart when it is first met.
"""

from functools import cache
from pathlib import Path

import msgspec

ORDER_FILE = Path(__file__).with_name("order.json")
RESOURCE = "Resource"
ELEMENT = "Element"
"""The shape of a primitive's element: what may stand beside its value."""


class Part(msgspec.Struct, frozen=True):
    """One element of a type: its `place` in the order, its name and what it holds. `primitive`: a value."""

    place: int
    name: str
    type: str
    many: bool
    attribute: bool
    primitive: bool


class Shape(msgspec.Struct, frozen=True):
    """A type: its elements by name, in order. `exact` are those whose definition is R4's own; of the others
    the order is R4B's, which nobody is held to."""

    name: str
    parts: dict[str, Part]
    attributes: frozenset[str]
    exact: bool


class Order(msgspec.Struct, frozen=True):
    """The table. `r4` are the types that are validated, `other` the rest, `resources` the names of all."""

    resources: frozenset[str]
    r4: dict[str, str]
    other: dict[str, str]


@cache
def order() -> Order:
    """The table that ships with the package."""
    return msgspec.json.decode(ORDER_FILE.read_bytes(), type=Order)


@cache
def shape_of(type_name: str) -> Shape | None:
    """The shape of a type, None for one that the table does not know."""
    table = order()
    if type_name == ELEMENT:
        return _shape(ELEMENT, "id:id@ extension:Extension*", exact=True)
    exact = type_name in table.r4
    text = table.r4.get(type_name) or table.other.get(type_name)
    return None if text is None else _shape(type_name, text, exact)


@cache
def shape_of_any_resource() -> Shape:
    """What every resource has, for those that the table does not know."""
    return _shape(RESOURCE, order().r4["DomainResource"], exact=False)


def _shape(name: str, text: str, exact: bool) -> Shape:
    parts: dict[str, Part] = {}
    for place, word in enumerate(text.split()):
        element, _, kind = word.partition(":")
        parts[element] = Part(
            place,
            element,
            kind.rstrip("*@"),
            many="*" in kind,
            attribute="@" in kind,
            primitive=kind[0].islower(),
        )
    return Shape(name, parts, frozenset(p.name for p in parts.values() if p.attribute), exact)
