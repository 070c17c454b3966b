"""The slow walk: every rule that a resource breaks, each with its FHIRPath.

It sees what `fast` only suspects, and is the authority: what it does not object to is legal. Paths use the
names of JSON's properties (``onsetDateTime``), so that the place is found in what was sent; what stands in a
``_property`` is shown at the element itself. No value of the input gets into a finding, and no property name
that R4 does not know.
"""

from collections.abc import Mapping
from typing import Any

from adapter.domain.finding import Findings
from adapter.fhir.reference import take_apart
from adapter.fhir.structure import primitives
from adapter.fhir.structure.bundle_rules import bundle_remarks
from adapter.fhir.structure.contained import contained_remarks, contained_types
from adapter.fhir.structure.fast import MAX_DEPTH
from adapter.fhir.structure.flaws import flaw_of
from adapter.fhir.structure.invariants import KeysOnly
from adapter.fhir.structure.model import Model, Property, law_applies
from adapter.fhir.structure.stu3 import STU3_NAMES, is_stu3
from adapter.fhir.structure.table import RESOURCE, Table

MAX_FINDINGS = 200
"""So many errors are told of one bundle. Then the walk ends: hostile input must not buy work with errors."""

Json = dict[str, Any]


class EnoughSaid(Exception):
    """The most findings that are told have been made; what was not looked at yet counts as wrong."""


class Explainer:
    """What `explain` needs of R4: tables, models and tests, made once."""

    def __init__(self, table: Table, models: Mapping[str, Model]) -> None:
        self.table = table
        self.models = models
        self.resources = frozenset(table.resources)
        self.tests = primitives.primitive_tests(table.primitives)
        self.known = dict.fromkeys(STU3_NAMES)
        self.known.update((name, None) for model in models.values() for name in model.properties)
        self.codes = {
            name: frozenset(code for codes in systems.values() for code in codes)
            for name, systems in table.codes.items()
        }
        self.coded = {
            name: frozenset((system, code) for system, codes in systems.items() for code in codes)
            for name, systems in table.codes.items()
        }


class Explanation:
    """One slow walk. `types` tells the resource type behind each fullUrl of the bundle."""

    def __init__(self, r4: Explainer, findings: Findings, types: Mapping[str, str]) -> None:
        self._r4 = r4
        self._findings = findings
        self._types = types
        self._contained: dict[str, str] = {}
        self._depth = 0

    def resource(self, value: Any, path: str) -> None:
        """Object to what is wrong with a resource and all that stands in it."""
        name = self.resource_type(value, path)
        if name is None:
            return
        outer = self._contained
        self._contained = contained_types(value)
        self._typed(name, value, path)
        self._contained = outer
        for rule, member in contained_remarks(value):
            self._add(rule, path + member)

    def resource_type(self, value: Any, path: str) -> str | None:
        """The type of a resource; None, with a finding, when it is no resource or none of R4."""
        if not isinstance(value, dict):
            self._not_object(value, path)
            return None
        name = value.get("resourceType")
        if name is None:
            self._add("FHIR-RESOURCE-TYPE-MISSING", path)
        elif not isinstance(name, str) or name not in self._r4.resources:
            self._add("FHIR-RESOURCE-TYPE", path)
        else:
            return name
        return None

    def object(self, model_name: str, value: Any, path: str, leave: str = "") -> None:
        """Object to what is wrong with an object of a type; the property `leave` is somebody else's."""
        if not isinstance(value, dict):
            self._not_object(value, path)
        elif not value:
            self._add("FHIR-EMPTY", path)
        elif self._depth >= MAX_DEPTH:
            self._add("FHIR-DEPTH", path, limit=str(MAX_DEPTH))
        else:
            self._depth += 1
            self._members(self._r4.models[model_name], value, path, leave)
            self._depth -= 1

    def _typed(self, name: str, value: Json, path: str) -> None:
        if name in self._r4.models:
            self.object(name, value, path)
        else:
            self._unread(value, path)
        if name == "Bundle":
            self.bundle_rules(value, path)

    def bundle_rules(self, bundle: Json, path: str) -> None:
        """Object to what is wrong with a bundle as a whole."""
        for rule, member, params in bundle_remarks(bundle):
            self._add(rule, path + member, **params)

    def _members(self, model: Model, value: Json, path: str, leave: str) -> None:
        for breach in model.breaches(value, self._r4.known):
            at = f"{path}.{breach.element.removeprefix('_')}" if breach.element else path
            if breach.rule == "FHIR-UNKNOWN-ELEMENT" and is_stu3(model.name, breach.element):
                self._add("FHIR-STU3", at)
            else:
                self._add(breach.rule, at, **breach.params)
        for key, item in value.items():
            own = model.properties.get(key)
            if own is not None and key != leave:
                self._property(model, own, value, item, f"{path}.{own.name.removeprefix('_')}")
        for law in model.laws:
            if not isinstance(law.holds, KeysOnly) and law_applies(law, value) and not law.holds(value):
                self._add(law.rule, path, invariant=law.key, type=model.name)

    def _property(self, model: Model, own: Property, owner: Json, item: Any, path: str) -> None:
        if own.sibling:
            self._sibling(own, owner, item, path)
        elif item is None:
            self._add("FHIR-NULL", path)
        elif not own.many:
            if isinstance(item, list):
                self._add("FHIR-CARDINALITY", path, element=own.name, type=model.name)
            else:
                self._one(model, own, item, path)
        elif not isinstance(item, list):
            self._add("FHIR-NOT-ARRAY", path, element=own.name, type=model.name)
        elif not item:
            self._add("FHIR-EMPTY", path)
        else:
            extended = owner.get(f"_{own.name}")
            for index, one in enumerate(item):
                if one is not None:
                    self._one(model, own, one, f"{path}[{index}]")
                elif not own.primitive or not _item(extended, index):
                    self._add("FHIR-NULL", f"{path}[{index}]")

    def _sibling(self, own: Property, owner: Json, item: Any, path: str) -> None:
        """What stands beside a primitive: its id and extensions, item by item for a list."""
        values = owner.get(own.name[1:])
        if not own.many:
            self._beside(item, values, path)
        elif not isinstance(item, list) or not item or not _same_length(values, item):
            self._add("FHIR-SIBLING", path)
        else:
            for index, one in enumerate(item):
                if one is not None:
                    self._beside(one, _item(values, index), f"{path}[{index}]")
                elif _item(values, index) is None:
                    self._add("FHIR-NULL", f"{path}[{index}]")

    def _beside(self, item: Any, value: Any, path: str) -> None:
        if not isinstance(item, dict):
            self._add("FHIR-SIBLING", path)
            return
        self.object("Element", item, path)
        if value is None and item and "extension" not in item:
            self._add("FHIR-ELE-1", path)

    def _one(self, model: Model, own: Property, item: Any, path: str) -> None:
        if own.primitive:
            self._primitive(own, item, path)
        elif own.type == RESOURCE:
            self.resource(item, path) if own.name != "contained" else self._inside(item, path)
        elif own.type == "CodeableConcept" and own.codes and isinstance(item, str):
            self._add("FHIR-STU3", path)
        else:
            self.object(own.type, item, path)
            if isinstance(item, dict):
                self._particular(model, own, item, path)

    def _inside(self, value: Any, path: str) -> None:
        """A contained resource: local references lead to its neighbours."""
        name = self.resource_type(value, path)
        if name is not None:
            self._typed(name, value, path)

    def _particular(self, model: Model, own: Property, item: Json, path: str) -> None:
        """What an element demands of its value beyond the type."""
        if own.targets is not None:
            self._reference(item, own.targets or self._r4.resources, path)
        if own.codes and not self._has_listed(item, own.codes):
            self._add("FHIR-CODE", path, valueset=own.codes)
        if own.type == "Extension" and model.name != "Extension":
            url = item.get("url")
            if isinstance(url, str) and url and ":" not in url:
                self._add("FHIR-EXT-URL", f"{path}.url")

    def _has_listed(self, concept: Json, value_set: str) -> bool:
        codings = concept.get("coding")
        if codings is None:
            return "extension" in concept and "text" not in concept
        if not isinstance(codings, list):
            return True
        return any(
            isinstance(coding, dict) and _pair(coding) in self._r4.coded[value_set] for coding in codings
        )

    def _primitive(self, own: Property, item: Any, path: str) -> None:
        if own.codes and isinstance(item, str) and item:
            if item not in self._r4.codes[own.codes]:
                self._add("FHIR-CODE", path, valueset=own.codes)
        elif not self._r4.tests[own.type](item):
            rule = flaw_of(own.type, item, self._r4.table.primitives)
            expected = primitives.JSON_TYPE.get(own.type, "string")
            self._add(rule, path, type=own.type, expected=expected)

    def _reference(self, item: Json, allowed: frozenset[str], path: str) -> None:
        text, said = item.get("reference"), item.get("type")
        kind = ""
        if isinstance(text, str) and text.strip():
            parts = take_apart(text)
            if parts.form == "malformed" or (
                parts.form == "relative" and parts.type not in self._r4.resources
            ):
                self._add("FHIR-REFERENCE", f"{path}.reference")
                return
            if parts.form == "contained" and parts.id and parts.id not in self._contained:
                self._add("FHIR-REF-1", f"{path}.reference")
            kind = self._contained.get(parts.id, "") if parts.form == "contained" else parts.type
            kind = self._types.get(text) or self._types.get(parts.url) or kind
            if text[:4] == "urn:" and not kind and self._types:
                self._add("FHIR-URN-UNRESOLVED", f"{path}.reference")
            if kind in self._r4.resources and kind not in allowed:
                self._add("FHIR-REFERENCE-TYPE", f"{path}.reference", found=kind, allowed=_listed(allowed))
        if isinstance(said, str) and said:
            said = said.removeprefix("http://hl7.org/fhir/StructureDefinition/")
            if said in self._r4.resources and said not in allowed:
                self._add("FHIR-REFERENCE-TYPE", f"{path}.type", found=said, allowed=_listed(allowed))
            elif said not in self._r4.resources or (kind in self._r4.resources and said != kind):
                self._add("FHIR-REFERENCE-SAYS", f"{path}.type")

    def _unread(self, value: Any, path: str) -> None:
        """A resource whose type we do not read: what JSON and every type of R4 ask for."""
        if "id" in value and not primitives.is_id(value["id"]):
            self._add("FHIR-FORMAT", f"{path}.id", type="id", expected="string")
        self._any_members(value, path)

    def _any_members(self, value: Json, path: str) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._add("FHIR-DEPTH", path, limit=str(MAX_DEPTH))
        else:
            for key, item in value.items():
                at = f"{path}.{key}" if key in self._r4.known else path
                self._anything(item, at)
        self._depth -= 1

    def _anything(self, item: Any, path: str) -> None:
        if item is None:
            self._add("FHIR-NULL", path)
        elif item == "" or item == [] or item == {}:
            self._add("FHIR-EMPTY-STRING" if item == "" else "FHIR-EMPTY", path)
        elif isinstance(item, dict):
            self._any_members(item, path)
        elif isinstance(item, list):
            for index, one in enumerate(item):
                if isinstance(one, list):
                    self._not_object(one, f"{path}[{index}]")
                elif one is not None:
                    self._anything(one, f"{path}[{index}]")

    def _not_object(self, value: Any, path: str) -> None:
        rule = (
            "FHIR-NULL" if value is None else "FHIR-CARDINALITY" if isinstance(value, list) else "FHIR-TYPE"
        )
        self._add(rule, path, expected="object", element=path.rpartition(".")[2])

    def _add(self, rule: str, path: str, **params: str) -> None:
        if len(self._findings) >= MAX_FINDINGS:
            raise EnoughSaid
        self._findings.add(rule, path, **params)


def _item(items: Any, index: int) -> Any:
    return items[index] if isinstance(items, list) and index < len(items) else None


def _same_length(values: Any, siblings: list[Any]) -> bool:
    return not isinstance(values, list) or len(values) == len(siblings)


def _pair(coding: Json) -> tuple[Any, Any]:
    system, code = coding.get("system"), coding.get("code")
    return (system if isinstance(system, str) else None, code if isinstance(code, str) else None)


def _listed(allowed: frozenset[str]) -> str:
    return ", ".join(sorted(allowed))
