"""The table turned round for reading JSON: for each type, what each JSON property is.

A choice element has a property for each of its types (``onsetDateTime``), a primitive element one more for
its id and extensions (``_birthDate``).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from adapter.fhir.structure.invariants import Invariant, KeysOnly, invariants_of
from adapter.fhir.structure.table import RESOURCE, Element, Table

_PROFILED = {"SimpleQuantity": "Quantity", "MoneyQuantity": "Quantity"}


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """One JSON property of a type.

    `element` is FHIR's element (``onset``), `type` the type of one value, `sibling` tells a ``_property``.
    `targets` is None for what is no Reference; an empty set there means any resource.
    """

    name: str
    element: str
    type: str
    many: bool
    primitive: bool
    sibling: bool = False
    codes: str | None = None
    targets: frozenset[str] | None = None
    recursive: bool = False


class Breach(msgspec.Struct, frozen=True):
    """What is wrong with the properties of an object as such: rule, the element concerned ("" for itself)."""

    rule: str
    element: str = ""
    params: dict[str, str] = {}


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One type: its properties, what must be there, what excludes what, and its invariants."""

    name: str
    properties: dict[str, Property]
    required: dict[str, frozenset[str]]
    choices: dict[str, frozenset[str]]
    laws: tuple[Invariant, ...]

    def breaches(self, keys: Iterable[str], known: Mapping[str, Any]) -> Iterator[Breach]:
        """What an object with these properties breaks already by having, or lacking, them.

        `known` are the names of all elements of R4: any other name could be data and is not repeated.
        """
        present = dict.fromkeys(keys)
        for key in present:
            if key not in self.properties:
                yield Breach("FHIR-UNKNOWN-ELEMENT", key if key in known else "", {"type": self.name})
        for element, forms in self.required.items():
            if not forms & present.keys():
                yield Breach("FHIR-REQUIRED", element, {"element": element, "type": self.name})
        for element, forms in self.choices.items():
            if len({key.removeprefix("_") for key in forms & present.keys()}) > 1:
                yield Breach("FHIR-CHOICE", element, {"element": f"{element}[x]"})
        for law in self.laws:
            if isinstance(law.holds, KeysOnly) and law_applies(law, present) and not law.holds(present):
                yield Breach(law.rule, "", {"invariant": law.key, "type": self.name})


def law_applies(law: Invariant, present: Mapping[str, Any]) -> bool:
    """Whether an object with these properties is one that the invariant speaks of."""
    return not law.on or any(key in present for key in law.on)


def build_models(table: Table) -> dict[str, Model]:
    """A model for each type of the table, and `Element`: what stands in a ``_property``."""
    models = {name: _model(name, elements, table) for name, elements in table.types.items()}
    own = models["Extension"].properties
    models["Element"] = Model(
        name="Element",
        properties={name: own[name] for name in ("id", "extension")},
        required={},
        choices={},
        laws=(),
    )
    return models


def _model(name: str, elements: dict[str, Element], table: Table) -> Model:
    properties: dict[str, Property] = {}
    required: dict[str, frozenset[str]] = {}
    choices: dict[str, frozenset[str]] = {}
    for element_name, element in elements.items():
        own = list(_properties(name, element_name, element, table))
        properties.update((p.name, p) for p in own)
        if element.min:
            required[element_name] = frozenset(p.name for p in own)
        if element.choice:
            choices[element_name] = frozenset(p.name for p in own)
    if name in table.resources:
        properties["resourceType"] = Property(
            name="resourceType", element="resourceType", type="code", many=False, primitive=True
        )
    return Model(
        name=name, properties=properties, required=required, choices=choices, laws=invariants_of(name)
    )


def _properties(owner: str, name: str, element: Element, table: Table) -> Iterator[Property]:
    for kind in element.types:
        suffix = _PROFILED.get(kind, kind)
        key = name + suffix[0].upper() + suffix[1:] if element.choice else name
        primitive = kind in table.primitives
        yield Property(
            name=key,
            element=name,
            type=kind,
            many=element.many,
            primitive=primitive,
            codes=element.codes,
            targets=frozenset(element.targets) if kind == "Reference" else None,
            recursive=_is_recursive(owner, name, kind),
        )
        if primitive and not element.attribute:
            yield Property(
                name=f"_{key}", element=name, type="Element", many=element.many, primitive=False, sibling=True
            )


def _is_recursive(owner: str, name: str, kind: str) -> bool:
    """Whether the element can lead back to its own type; each circle of R4's types has one such element."""
    return (
        kind in ("Extension", RESOURCE) or name == "assigner" or ("." in kind and kind != f"{owner}.{name}")
    )
