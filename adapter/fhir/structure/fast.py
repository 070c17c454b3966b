"""The fast walk: tells in one pass that a resource is beyond doubt right R4.

Most objects look alike: the same properties in the same order. So which properties may, must and must not
stand together is judged once for each such shape, and a function is written for it that tests the values and
nothing else. Strings are only set aside (`Visit`) and tested together at the end. What is wrong or merely
unusual (contained resources, arrays of primitives with extensions) raises `LookCloser`: `explain` knows all
the rules and the paths, and is right about both.

The functions (`writer`) are made of R4's element names and numbered variables alone; nothing of the input
gets into their source or stays in memory.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from adapter.fhir.reference import take_apart
from adapter.fhir.structure.model import Model
from adapter.fhir.structure.primitives import is_id, primitive_tests
from adapter.fhir.structure.table import RESOURCE, Table
from adapter.fhir.structure.visit import LookCloser, Visit
from adapter.fhir.structure.writer import write_walk

_MAX_SHAPES = 2048
MAX_DEPTH = 64
"""How deep the objects of a resource may be nested, whoever walks."""

_DOUBTS = (LookCloser, AttributeError, TypeError, KeyError, ValueError)
"""What a walk raises for anything that it is not made for, such as a text where an object should be."""

_Walk = Callable[..., None]
_Shape = tuple[str, ...]


def _unusual(*_: object) -> None:
    raise LookCloser


class FastWalk:
    """The walks of all types, learnt shape by shape."""

    def __init__(self, table: Table, models: Mapping[str, Model]) -> None:
        self._table = table
        self._models = models
        self._resources = frozenset(table.resources)
        self._tests = primitive_tests(table.primitives)
        self._shapes: dict[str, dict[_Shape, _Walk]] = {name: {} for name in models}
        self._learnt = 0
        self._references: dict[frozenset[str], _Walk] = {}

    def is_right(self, type_name: str, value: Any, visit: Visit) -> bool:
        """Whether `value` is beyond doubt a right object of the type; its strings wait in the visit."""
        visit.depth = 0
        try:
            walk = self._shapes[type_name].get(tuple(value)) or self._learn(type_name, value)
            walk(value, visit.texts, visit.words, visit.times, visit)
        except _DOUBTS:
            return False
        return True

    def suspects(self, entries: list[Any], visit: Visit) -> list[int]:
        """The indexes of the entries that need a closer look; the strings of all wait in the visit."""
        suspects = []
        texts, words, times = visit.texts, visit.words, visit.times
        known = self._shapes["Bundle.entry"].get
        for index, entry in enumerate(entries):
            keys = visit.keys
            visit.depth = 0
            try:
                (known(tuple(entry)) or self._learn("Bundle.entry", entry))(entry, texts, words, times, visit)
            except _DOUBTS:
                visit.keys = keys
                suspects.append(index)
        return suspects

    def _learn(self, type_name: str, value: Any) -> _Walk:
        """The walk for the shape of `value`, which is new. Raises LookCloser for one that must not be."""
        if type(value) is not dict or self._learnt >= _MAX_SHAPES:
            raise LookCloser
        model = self._models[type_name]
        shape = tuple(value)
        if not shape or next(model.breaches(shape, {}), None) is not None:
            raise LookCloser
        self._learnt += 1
        walk = write_walk(self, model, shape) if self._is_usual(model, shape) else _unusual
        self._shapes[type_name][shape] = walk
        return walk

    @staticmethod
    def _is_usual(model: Model, shape: _Shape) -> bool:
        for key in shape:
            own = model.properties[key]
            if own.type == RESOURCE and model.name != "Bundle.entry":
                return False
            if own.sibling and (own.many or own.name[1:] not in shape):
                return False
        return True

    def model(self, type_name: str) -> Model:
        """The model of a type."""
        return self._models[type_name]

    def finder(self, type_name: str) -> tuple[Callable[[_Shape], _Walk | None], Callable[[Any], _Walk]]:
        """How a walk finds the walk of one of its members: by the shape, or by learning it."""
        return self._shapes[type_name].get, lambda value: self._learn(type_name, value)

    def test(self, primitive: str) -> Callable[[object], bool]:
        """The test of a primitive type."""
        return self._tests[primitive]

    def codes(self, value_set: str) -> Mapping[str, Iterable[str]]:
        """The codes of a required binding, by system."""
        return self._table.codes[value_set]

    def resource(self, value: Any, *rest: Any) -> None:
        """Walk a resource of any type; of those that the table does not know, only JSON's own rules."""
        name = value.get("resourceType")
        if name == "Bundle":  # has rules of its own as a whole, and its entries have links of their own
            raise LookCloser
        if name not in self._shapes:
            if name not in self._resources or ("id" in value and not is_id(value["id"])):
                raise LookCloser
            rest[-1].keys += _unread(value)
            return
        (self._shapes[name].get(tuple(value)) or self._learn(name, value))(value, *rest)

    def reference(self, targets: frozenset[str]) -> _Walk:
        """The walk of a Reference to one of `targets` (none named: to anything)."""
        allowed = self.allowed(targets)
        if allowed not in self._references:
            self._references[allowed] = self._make_reference(allowed)
        return self._references[allowed]

    def _make_reference(self, allowed: frozenset[str]) -> _Walk:
        known, learn = self.finder("Reference")
        target = self.target(allowed)

        def walk(value: Any, texts: Any, words: Any, times: Any, visit: Visit) -> None:
            (known(tuple(value)) or learn(value))(value, texts, words, times, visit)
            if "reference" in value:
                target(value["reference"], visit, value.get("type"))
            elif "type" in value and value["type"] not in allowed:
                raise LookCloser

        return walk

    def target(self, targets: frozenset[str]) -> Callable[..., None]:
        """What looks whether the text of a reference names one of the targets."""
        allowed = self.allowed(targets)

        def look(text: str, visit: Visit, said: str | None = None) -> None:
            kind = visit.types.get(text) or _kind_of(text, allowed)
            if (kind and kind not in allowed) or (said is not None and said != kind):
                raise LookCloser

        return look

    def allowed(self, targets: frozenset[str]) -> frozenset[str]:
        """The resource types that a Reference may name; all of R4 when its element names none."""
        return targets or self._resources


def _unread(resource: Any) -> int:
    """The number of properties in a resource that is not read, with no null, nothing empty, nothing deep."""
    keys, level = 0, [resource]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for item in level:
            if type(item) is dict:
                keys += len(item)
                inner += item.values()
            elif type(item) is list:
                inner += [one for one in item if one is not None]
                if any(type(one) is list for one in item):
                    raise LookCloser
            if item is None or item == "" or item == {} or item == []:
                raise LookCloser
        if not inner:
            return keys
        level = inner
    raise LookCloser


def _kind_of(text: str, allowed: frozenset[str]) -> str:
    """The resource type that a reference names, "" when it names none."""
    head, _, tail = text.partition("/")
    if head in allowed and is_id(tail):
        return head
    parts = take_apart(text)
    if parts.form in ("malformed", "contained") or (text[:4] == "urn:" and not parts.type):
        raise LookCloser
    return parts.type
