"""Aids that are prescribed at a contact: a new one is a decision on treatment, a renewal is none.

SKR-FAQ, *Vad är en kvalificerad brevkontakt och hur ska den rapporteras?*: renewed prescriptions of aids for
known problems, with no view on new complaints, are not reported. That a new one is a decision is our reading
of it, and that it is a DeviceRequest in FHIR. Orders of food (NutritionOrder) no source names: they are not
evidence.
"""

from collections.abc import Iterator
from typing import Any

from adapter.fhir.bundle import Node
from adapter.mapping.draft import reference_paths
from adapter.mapping.measures import RENEWED_ANEW, measures, weightiest
from adapter.mapping.requests import intention
from adapter.mapping.signs import Belonging, Circle, Sign, concepts, is_reference

_STATUSES = frozenset(("active", "completed"))
_KIND = "DeviceRequest"
_NEW = "KVAL-HJALPMEDEL"
_PRIOR = "priorRequest"
_CODE = "codeCodeableConcept"
_Paths = tuple[str, ...]


def aids(circle: Circle) -> Iterator[Sign]:
    """What each DeviceRequest of the contact shows."""
    for own in circle.resources(_KIND):
        yield _judge(circle, own)


def _judge(circle: Circle, own: Belonging) -> Sign:
    node = own.node
    asked = intention(own, _STATUSES, rule=_NEW)
    if not asked.decides:
        return asked
    authored = node.resource.get("authoredOn")
    is_later, dated = circle.time_of(node, "authoredOn", authored)
    paths = asked.paths + dated
    if is_later:
        return Sign("KVAL-EJ-SENARE", node, paths, decides=False)
    if circle.is_earlier(authored):
        return Sign("KVAL-EJ-TIDIGARE", node, paths, decides=False)
    said = weightiest(measures(circle.draft, concepts(circle.draft, node, "reasonCode")))
    if said is not None and not said.decides:
        return Sign(said.rule, node, said.paths + paths, said.by, decides=False)
    link, earlier = _prior(circle, node)
    if not link:
        return Sign(_NEW, node, paths)
    paths += link
    if said is not None and said.rule == RENEWED_ANEW:
        return Sign(said.rule, node, said.paths + paths, said.by)
    changed = _other_aid(circle, node, earlier)
    return (
        Sign(_NEW, node, changed + paths)
        if changed
        else Sign("KVAL-EJ-HJALPMEDEL", node, paths, decides=False)
    )


def _prior(circle: Circle, node: Node) -> tuple[_Paths, list[Node]]:
    """The leaves that name the requests before this one, and those of them that the bundle has."""
    listed: Any = node.resource.get(_PRIOR)
    paths: _Paths = ()
    found = []
    for index, reference in enumerate(listed if isinstance(listed, list) else ()):
        if not is_reference(reference):
            continue
        paths += reference_paths(reference, f"{node.path}.{_PRIOR}[{index}]")
        earlier = circle.draft.bundle.resolve(reference, node)
        if earlier is not None and earlier.type == _KIND:
            circle.draft.entries.add(earlier.entry)
            found.append(earlier)
    return paths, found


def _other_aid(circle: Circle, node: Node, earlier: list[Node]) -> _Paths:
    """The leaves that say that another aid was prescribed before: codes of one system that differ."""
    own = concepts(circle.draft, node, _CODE)
    theirs = [coding for one in earlier for coding in concepts(circle.draft, one, _CODE)]
    codes = {(one.system, one.code) for one in theirs}
    if any((one.system, one.code) in codes for one in own):
        return ()
    common = {one.system for one in own} & {one.system for one in theirs} - {""}
    return tuple(path for one in (*own, *theirs) if one.system in common for path in one.paths)
