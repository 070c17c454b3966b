"""One check of a resource against a profile: walks the elements and looks for them in the resource."""

from typing import TYPE_CHECKING, Any

from adapter.domain.finding import Findings
from adapter.fhir.profile.element import Element, Kind, Law
from adapter.fhir.profile.extensions import own_extensions
from adapter.fhir.profile.invariants import LAWS, rule_of
from adapter.fhir.profile.slicing import Slicer
from adapter.fhir.profile.targets import Targets
from adapter.fhir.profile.values import fits_pattern, is_same, values_of

if TYPE_CHECKING:
    from adapter.fhir.profile.profiles import Profiles

Json = dict[str, Any]

MOST_FINDINGS = 200
"""So many remarks are made on one resource; then the check ends."""

_MOST_DEPTH = 64


class _Enough(Exception):
    """The most findings have been made."""


class Check:
    """The state of one check. `resource` is the whole of what is checked."""

    def __init__(self, profiles: "Profiles", slicer: Slicer, findings: Findings, resource: Json) -> None:
        self._profiles = profiles
        self._slicer = slicer
        self._findings = findings
        self._targets = Targets(resource)
        self._url = ""
        self._depth = 0
        self._most = len(findings) + MOST_FINDINGS
        self._extensions_seen: set[str] = set()

    def profile(self, tree: Element, resource: Any, path: str, url: str) -> None:
        """Object to what breaks a profile of resources."""
        try:
            self._whole(tree, resource, path, url.partition("|")[0])
        except _Enough:
            return

    def _whole(self, tree: Element, resource: Any, path: str, url: str) -> None:
        outer, self._url = self._url, url
        name = resource.get("resourceType") if isinstance(resource, dict) else None
        if name != tree.name:
            self._add("FHIR-PROFILE-RESOURCE", path, type=tree.name)
        else:
            self._value(tree, resource, path)
            for extension, at, place in own_extensions(resource, path, tree.name):
                self._extension(extension, at, place)
        self._url = outer

    def _value(self, element: Element, value: Any, path: str) -> None:
        """What an element demands of one value."""
        if element.fixed and not is_same(value, element.fixed[0]):
            self._add("FHIR-PROFILE-VALUE", path, element=element.id, expected=_shown(element.fixed[0]))
        elif element.pattern and not fits_pattern(value, element.pattern[0]):
            self._add("FHIR-PROFILE-VALUE", path, element=element.id, expected=_shown(element.pattern[0]))
        if element.value_set and value is not None and self._lacks_code(element.value_set, value):
            self._add("FHIR-PROFILE-CODE", path, element=element.id, valueset=_last(element.value_set))
        for law in element.laws:
            self._law(law, element, value, path)
        self._depth += 1
        if self._depth < _MOST_DEPTH:
            for child in element.children:
                self._child(child, value, path)
        self._depth -= 1

    def _lacks_code(self, value_set: str, value: Any) -> bool:
        return self._profiles.value_sets.has(value_set, value) is False

    def _law(self, law: Law, element: Element, value: Any, path: str) -> None:
        holds = LAWS.get(law.key)
        if holds is not None and isinstance(value, dict) and not holds(value):
            self._add(rule_of(law.key), path, element=element.id)

    def _child(self, child: Element, owner: Any, path: str) -> None:
        """What a child element demands of its owner, all its items together and each by itself."""
        items = [] if _is_absent(child, owner) else list(values_of(owner, child.name, choice=child.choice))
        self._count(child, path, [path + at for _, at, _ in items])
        members: dict[str, list[tuple[Any, str]]] = {}
        for value, below, suffix in items:
            at = path + below
            if not self._kind(child, value, at, suffix):
                continue
            self._value(child, value, at)
            if child.slices:
                self._sort(child, value, at, members)
        for one in child.slices:
            own = members.get(one.id, [])
            self._count(one, path, [at for _, at in own])
            for value, at in own:
                self._kind(one, value, at, "")
                self._value(one, value, at)

    def _sort(self, child: Element, value: Any, at: str, members: dict[str, list[tuple[Any, str]]]) -> None:
        """Put an item into the slice that it belongs to."""
        own = self._slicer.slice_of(child, value)
        if own is not None:
            members.setdefault(own.id, []).append((value, at))
        elif child.sorting is not None and child.sorting.closed:
            self._add("FHIR-PROFILE-SLICE", at, element=child.id)

    def _count(self, element: Element, path: str, places: list[str]) -> None:
        number = len(places)
        if element.least is not None and number < element.least:
            at = f"{path}.{element.name}" if not element.slice_name else path
            self._add("FHIR-PROFILE-MIN", at, element=element.id, least=str(element.least))
        if element.most is not None and number > element.most:
            self._add("FHIR-PROFILE-MAX", places[element.most], element=element.id, most=str(element.most))

    def _kind(self, element: Element, value: Any, path: str, suffix: str) -> bool:
        """Whether a value is of an allowed type; objects also to what the profiles of that type say."""
        kinds = element.kinds
        if kinds and suffix and suffix not in {kind.code[:1].upper() + kind.code[1:] for kind in kinds}:
            self._add("FHIR-PROFILE-TYPE", path, element=element.id, allowed=_listed(kinds))
            return False
        if kinds and isinstance(value, dict):
            name = value.get("resourceType")
            if isinstance(name, str):
                self._resource(element, name, value, path)
            for kind in kinds:
                if kind.targets and kind.code == "Reference":
                    self._target(element, kind.targets, value, path)
        return True

    def _resource(self, element: Element, name: str, value: Json, path: str) -> None:
        """A resource within a resource: of an allowed type, and as its profile says."""
        if all(kind.code not in (name, "Resource") for kind in element.kinds):
            self._add("FHIR-PROFILE-TYPE", path, element=element.id, allowed=_listed(element.kinds))
            return
        for kind in element.kinds:
            known = [url for url in kind.profiles if self._profiles.type_of(url) == name]
            tree = self._profiles.tree(known[0]) if len(kind.profiles) == 1 and known else None
            if tree is not None:
                self._whole(tree, value, path, known[0])

    def _target(self, element: Element, targets: tuple[str, ...], value: Json, path: str) -> None:
        """Whether a reference leads to a resource of a type that one of the target profiles is for."""
        allowed = {self._profiles.type_of(url) or _last(url) for url in targets}
        found = self._targets.type_of(value)
        if found is not None and not allowed & {found, "Resource"}:
            self._add("FHIR-PROFILE-TARGET", path, element=element.id, allowed=", ".join(sorted(allowed)))

    def _extension(self, extension: Json, path: str, place: str) -> None:
        """An extension of ours: known, where it belongs, and of the right shape."""
        url = str(extension["url"])
        definition = self._profiles.definition(url)
        if definition is None or definition["type"] != "Extension":
            self._add("FHIR-PROFILE-EXTENSION", path)
            return
        allowed = [str(one["expression"]) for one in definition.get("context", ())]
        if place not in allowed:
            name, listed = _last(url), ", ".join(allowed)
            self._add("FHIR-PROFILE-EXTENSION-PLACE", path, extension=name, allowed=listed)
        tree = self._profiles.tree(url)
        if tree is not None:
            self._value(tree, extension, path)

    def _add(self, rule: str, path: str, **params: str) -> None:
        if len(self._findings) >= self._most:
            raise _Enough
        self._findings.add(rule, path, profile=_last(self._url), **params)


def _is_absent(child: Element, owner: Any) -> bool:
    """Whether one look tells that the element is not there: so it is with most."""
    if child.choice or not isinstance(owner, dict):
        return not isinstance(owner, dict)
    return child.name not in owner and f"_{child.name}" not in owner


def _shown(value: Any) -> str:
    """A fixed value as the profile has it: the codes of a concept, else the value."""
    if isinstance(value, dict):
        inner = [_shown(part) for name, part in value.items() if name in ("coding", "system", "code")]
        return " ".join(inner) or "…"
    if isinstance(value, list):
        return ", ".join(_shown(part) for part in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(kinds: tuple[Kind, ...]) -> str:
    return ", ".join(kind.code for kind in kinds)


def _last(url: str) -> str:
    return url.partition("|")[0].rpartition("/")[2]
