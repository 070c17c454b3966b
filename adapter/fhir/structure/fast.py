"""The fast walk: tells in one pass that a resource is beyond doubt right R4.

Most objects look alike: the same properties in the same order. So which properties may, must and must not
stand together is judged once for each such shape and remembered as a plan, the list of the checks for the
values in their order; an object of a known shape costs one look-up and its values' checks. What is wrong or
merely unusual (contained resources, arrays of primitives with extensions) is left to `explain`, which knows
all the rules and the paths. The plans hold names of R4 elements only, no data.
"""

from collections.abc import Mapping
from typing import Any

from adapter.fhir.reference import take_apart
from adapter.fhir.structure.invariants import KeysOnly
from adapter.fhir.structure.model import Model, Property, law_applies
from adapter.fhir.structure.primitives import is_id, primitive_checks
from adapter.fhir.structure.table import RESOURCE, Table
from adapter.fhir.structure.visit import Check, Visit

_MAX_SHAPES = 4096
_MAX_DEPTH = 8
_Shape = tuple[str, ...]
_Plan = tuple[tuple[Check, ...], tuple[Any, ...]]


def compile_checks(table: Table, models: Mapping[str, Model]) -> dict[str, Check]:
    """A check for each type of the table, and one named `Resource` for any resource."""
    return _Compiler(table, models).checks()


class _Compiler:
    """Makes the checks; types that hold each other find one another through `_made` when they are called."""

    def __init__(self, table: Table, models: Mapping[str, Model]) -> None:
        self._table = table
        self._models = models
        self._resources = frozenset(table.resources)
        self._primitives = primitive_checks(table.primitives)
        self._made: dict[str, Check] = {}
        self._properties: dict[tuple[str, str], Check] = {}

    def checks(self) -> dict[str, Check]:
        for name, model in self._models.items():
            self._made[name] = self._complex(model)
        self._made[RESOURCE] = self._resource()
        return self._made

    def _complex(self, model: Model) -> Check:
        plans: dict[_Shape, _Plan] = {}
        known = plans.get

        def learn(shape: _Shape) -> _Plan | None:
            plan = self._plan(model, shape)
            if plan is not None:
                if len(plans) >= _MAX_SHAPES:
                    plans.clear()
                plans[shape] = plan
            return plan

        def check(value: Any, visit: Visit) -> bool:
            if type(value) is not dict:
                return False
            shape = tuple(value)
            plan = known(shape) or learn(shape)
            if plan is None:
                return False
            tests, laws = plan
            for test, item in zip(tests, value.values()):  # noqa: B905 as long as the shape, hence the plan
                if not test(item, visit):
                    return False
            for holds in laws:
                if not holds(value):
                    return False
            visit.keys += len(shape)
            return True

        return check

    def _plan(self, model: Model, shape: _Shape) -> _Plan | None:
        """The checks for the values of this shape; None when something about it needs a closer look."""
        if not shape or next(model.breaches(shape, {}), None) is not None:
            return None
        tests: list[Check] = []
        for key in shape:
            own = model.properties[key]
            if own.type == RESOURCE or (own.sibling and (own.many or own.name[1:] not in shape)):
                return None
            tests.append(self._property(model.name, own))
        present = dict.fromkeys(shape)
        laws = [law.holds for law in model.laws if not isinstance(law.holds, KeysOnly) and law_applies(law, present)]
        return tuple(tests), tuple(laws)

    def _property(self, owner: str, own: Property) -> Check:
        test = self._properties.get((owner, own.name))
        if test is None:
            one = self._one(owner, own)
            test = self._properties[owner, own.name] = _list_of(one) if own.many else one
        return test

    def _one(self, owner: str, own: Property) -> Check:
        if own.primitive:
            return self._code(own.codes) if own.codes else self._primitives[own.type]
        if own.targets is not None:
            test = self._reference(own.targets or self._resources)
        elif own.codes:
            test = self._concept(own.codes)
        elif own.type == "Extension" and owner != "Extension":
            test = self._extension()
        else:
            test = self._made[own.type]
        return _deep(test) if own.recursive else test

    def _code(self, value_set: str) -> Check:
        codes = frozenset(code for listed in self._table.codes[value_set].values() for code in listed)

        def is_listed(value: Any, _: Visit) -> bool:
            return type(value) is str and value in codes

        return is_listed

    def _concept(self, value_set: str) -> Check:
        listed = {(system, code) for system, codes in self._table.codes[value_set].items() for code in codes}
        is_concept = self._made["CodeableConcept"]

        def has_listed(value: Any, visit: Visit) -> bool:
            return is_concept(value, visit) and any(
                (coding.get("system"), coding.get("code")) in listed for coding in value.get("coding", ())
            )

        return has_listed

    def _extension(self) -> Check:
        is_extension = self._made["Extension"]

        def is_absolute(value: Any, visit: Visit) -> bool:
            return is_extension(value, visit) and ":" in value["url"]

        return is_absolute

    def _reference(self, allowed: frozenset[str]) -> Check:
        is_reference = self._made["Reference"]

        def is_right(value: Any, visit: Visit) -> bool:
            if not is_reference(value, visit):
                return False
            text = value.get("reference")
            if text is None:
                return value.get("type") is None or value["type"] in allowed
            head, slash, tail = text.partition("/")
            if slash and head in allowed and is_id(tail, visit):
                return "type" not in value or value["type"] == head
            kind = visit.types.get(text)
            if kind is None:
                parts = take_apart(text)
                if parts.form in ("malformed", "contained"):
                    return False
                kind = parts.type
            return (not kind or kind in allowed) and value.get("type", kind) in (kind, "")

        return is_right

    def _resource(self) -> Check:
        made = {name: self._made[name] for name in self._table.resources if name in self._made}

        def check(value: Any, visit: Visit) -> bool:
            if type(value) is not dict:
                return False
            name = value.get("resourceType")
            test = made.get(name) if type(name) is str else None
            return test is not None and test(value, visit)

        return check


def _list_of(test: Check) -> Check:
    def check(value: Any, visit: Visit) -> bool:
        if type(value) is not list or not value:
            return False
        for item in value:
            if not test(item, visit):
                return False
        return True

    return check


def _deep(test: Check) -> Check:
    def check(value: Any, visit: Visit) -> bool:
        visit.depth += 1
        right = visit.depth <= _MAX_DEPTH and test(value, visit)
        visit.depth -= 1
        return right

    return check
