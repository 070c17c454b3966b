"""Writes the fast walk of one shape as a Python function.

In its source ``d`` is the object, ``v1``, ``v2``... are values, the lists ``S``, ``W`` and ``T`` take the
strings, words and times that are set aside, ``V`` is the visit, ``k`` counts properties, and ``n``-names are
what the function refers to. The shapes in which small types nearly always come (`_COMMON`) are walked in
place: calls are what costs.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from adapter.fhir.structure.invariants import KeysOnly
from adapter.fhir.structure.model import Model, Property, law_applies
from adapter.fhir.structure.narrative import is_narrative
from adapter.fhir.structure.table import RESOURCE
from adapter.fhir.structure.visit import LookCloser

_MAX_DEPTH = 8
_SET_ASIDE = {
    "string": ("S", ""),
    "markdown": ("S", ""),
    "uri": ("W", ""),
    "url": ("W", ""),
    "canonical": ("W", ""),
    "code": ("W", ""),
    "dateTime": ("T", ""),
    "instant": ("T", "len({0}) < 20"),
    "date": ("T", "len({0}) != 10"),
}
"""Where the strings of a type wait, and what makes them a case for the slow walk at once."""

_REFUSED_IF = {
    "boolean": "{0} is not True and {0} is not False",
    "integer": "type({0}) is not int or not -2147483648 <= {0} <= 2147483647",
    "positiveInt": "type({0}) is not int or not 0 < {0} <= 2147483647",
    "unsignedInt": "type({0}) is not int or not 0 <= {0} <= 2147483647",
    "decimal": "type({0}) is not float and type({0}) is not int",
}
_COMMON: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Coding": (("system", "code", "display"), ("system", "code")),
    "CodeableConcept": (("coding",), ("coding", "text")),
    "Reference": (("reference",), ("reference", "display")),
    "Identifier": (("system", "value"), ("use", "system", "value")),
    "Period": (("start", "end"), ("start",)),
    "Narrative": (("status", "div"),),
    "HumanName": (("family", "given"), ("use", "family", "given")),
    "ContactPoint": (("system", "value", "use"), ("system", "value")),
    "Meta": (("profile",),),
    "Encounter.participant": (("individual",), ("type", "individual"), ("type", "period", "individual")),
    "Encounter.diagnosis": (("condition",), ("condition", "rank"), ("condition", "use", "rank")),
    "Encounter.location": (("location",),),
    "Procedure.performer": (("actor",),),
    "Bundle.entry.request": (("method", "url"),),
}
"""One shape for each number of properties of a type."""

Walk = Callable[..., None]


class Library(Protocol):
    """What a walk may refer to; `fast.FastWalk` is it."""

    def model(self, type_name: str) -> Model:
        """The model of a type."""
        ...

    def finder(self, type_name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """How to find the walk of a member: by its shape, or by learning it."""
        ...

    def test(self, primitive: str) -> Callable[[object], bool]:
        """The test of a primitive type."""
        ...

    def codes(self, value_set: str) -> Mapping[str, Iterable[str]]:
        """The codes of a required binding, by system."""
        ...

    def resource(self, value: Any, *rest: Any) -> None:
        """The walk of any resource."""
        ...

    def reference(self, targets: frozenset[str]) -> Walk:
        """The walk of a Reference to one of the targets."""
        ...

    def target(self, targets: frozenset[str]) -> Callable[..., None]:
        """What looks whether a reference's text names one of the targets."""
        ...

    def allowed(self, targets: frozenset[str]) -> frozenset[str]:
        """The resource types that a Reference may name."""
        ...


def write_walk(library: Library, model: Model, shape: tuple[str, ...]) -> Walk:
    """The walk of the objects of this type that have these properties in this order."""
    return _Writer(library).walk(model, shape)


class _Writer:
    def __init__(self, library: Library) -> None:
        self._library = library
        self._names: dict[str, object] = {"LookCloser": LookCloser}
        self._lines: list[str] = []
        self._variables = 0

    def walk(self, model: Model, shape: tuple[str, ...]) -> Walk:
        values = [self._variable() for _ in shape]
        self._lines += [
            "def walk(d, S, W, T, V):",
            f" {','.join(values)}, = d.values()",
            f" k = {len(shape)}",
        ]
        for key, value in zip(shape, values, strict=True):
            self._property(model, model.properties[key], value, " ")
        self._laws(model, dict(zip(shape, values, strict=True)), "d", " ")
        self._lines.append(" V.keys += k")
        exec("\n".join(self._lines), self._names)  # noqa: S102 the source is ours: see the docstring of `fast`
        walk: Walk = self._names["walk"]  # type: ignore[assignment]
        return walk

    def _laws(self, model: Model, values: dict[str, str], x: str, indent: str) -> None:
        for law in model.laws:
            if not isinstance(law.holds, KeysOnly) and law_applies(law, values):
                seen = all(name in values for name in law.plainly_on)
                plainly = f"not ({law.plainly.format_map(values)}) and " if law.plainly and seen else ""
                self._refuse(f"{plainly}not {self._name(law.holds)}({x})", indent)

    def _property(self, model: Model, own: Property, value: str, indent: str) -> None:
        if own.many:
            # Objects are told from what else could be looped over (a text's letters, an object's keys) by
            # being objects; texts are not.
            self._refuse(
                f"type({value}) is not list or not {value}" if own.primitive else f"not {value}", indent
            )
            item = self._variable()
            self._line(indent, f"for {item} in {value}:")
            self._one(model, own, item, indent + " ")
        else:
            self._one(model, own, value, indent)

    def _one(self, model: Model, own: Property, x: str, indent: str) -> None:
        if own.name == "resourceType":
            return
        if own.primitive:
            self._primitive(own, x, indent)
        elif own.recursive:
            self._line(indent, "V.depth += 1")
            self._refuse(f"V.depth > {_MAX_DEPTH}", indent)
            self._complex(model, own, x, indent)
            self._line(indent, "V.depth -= 1")
        else:
            self._complex(model, own, x, indent)

    def _primitive(self, own: Property, x: str, indent: str) -> None:
        if own.codes:
            codes = frozenset(code for listed in self._library.codes(own.codes).values() for code in listed)
            self._refuse(f"{x} not in {self._name(codes)}", indent)
        elif own.type == "xhtml":
            self._refuse(f"not {self._name(is_narrative)}({x}, S)", indent)
        elif own.type in _SET_ASIDE:
            kept, unless = _SET_ASIDE[own.type]
            self._line(indent, f"{kept}.append({x})")
            if unless:
                self._refuse(unless.format(x), indent)
        elif own.type in _REFUSED_IF:
            self._refuse(_REFUSED_IF[own.type].format(x), indent)
        else:
            self._refuse(f"not {self._name(self._library.test(own.type))}({x})", indent)

    def _complex(self, model: Model, own: Property, x: str, indent: str) -> None:
        shapes = _COMMON.get(own.type, ()) if not own.recursive else ()
        for number, shape in enumerate(shapes):
            self._line(indent, f"{'elif' if number else 'if'} len({x}) == {len(shape)}:")
            self._in_place(own, shape, x, indent + " ")
        if shapes:
            self._line(indent, "else:")
        self._elsewhere(own, x, indent + " " if shapes else indent)
        if own.codes:
            listed = {
                (system, code) for system, codes in self._library.codes(own.codes).items() for code in codes
            }
            self._line(indent, f"for c in {x}.get('coding', ()):")
            self._line(indent, f" if (c.get('system'), c.get('code')) in {self._name(listed)}: break")
            self._line(indent, "else: raise LookCloser")
        if own.type == "Extension" and model.name != "Extension":
            self._refuse(f"':' not in {x}['url']", indent)

    def _in_place(self, own: Property, shape: tuple[str, ...], x: str, indent: str) -> None:
        """Walk an object that has as many properties as this common shape, and most likely is one."""
        model = self._library.model(own.type)
        values = [self._variable() for _ in shape]
        self._line(indent, "try:")
        self._line(
            indent, " " + "; ".join(f"{v} = {x}[{key!r}]" for v, key in zip(values, shape, strict=True))
        )
        self._line(indent, "except KeyError:")
        self._elsewhere(own, x, indent + " ")
        self._line(indent, "else:")
        inner = indent + " "
        self._line(inner, f"k += {len(shape)}")
        for key, value in zip(shape, values, strict=True):
            if key == "reference":
                self._target(own, value, inner)
            else:
                self._property(model, model.properties[key], value, inner)
        self._laws(model, dict(zip(shape, values, strict=True)), x, inner)

    def _target(self, own: Property, text: str, indent: str) -> None:
        targets = own.targets or frozenset()
        allowed, look = self._name(self._library.allowed(targets)), self._name(self._library.target(targets))
        self._line(indent, f"if V.types.get({text}) not in {allowed}: {look}({text}, V)")

    def _elsewhere(self, own: Property, x: str, indent: str) -> None:
        if own.targets is not None:
            walk = self._name(self._library.reference(own.targets))
        elif own.type == RESOURCE:
            walk = self._name(self._library.resource)
        else:
            known, learn = map(self._name, self._library.finder(own.type))
            walk = f"({known}(tuple({x})) or {learn}({x}))"
        self._line(indent, f"{walk}({x}, S, W, T, V)")

    def _refuse(self, condition: str, indent: str) -> None:
        self._line(indent, f"if {condition}: raise LookCloser")

    def _line(self, indent: str, statement: str) -> None:
        self._lines.append(indent + statement)

    def _variable(self) -> str:
        self._variables += 1
        return f"v{self._variables}"

    def _name(self, thing: object) -> str:
        name = f"n{len(self._names)}"
        self._names[name] = thing
        return name
