"""Orders of a contact: a referral, imaging or a laboratory test is further investigation, and so a decision.

Not sampling ahead of a booked visit: the assessment is made at the visit (SKR-FAQ, *Vad gäller för beslut om
provtagning inför läkarbesök*). Nor the booking of a visit at the own unit, for the same reason.
"""

from collections.abc import Iterator

from adapter.fhir.bundle import Node
from adapter.mapping.booked import booked_ahead, visit_of
from adapter.mapping.draft import reference_paths
from adapter.mapping.measures import SAMPLING, by_code_or_category, measures
from adapter.mapping.requests import intention
from adapter.mapping.signs import Belonging, Circle, Sign, concepts

_Paths = tuple[str, ...]
_STATUSES = frozenset(("active", "completed"))
_LABORATORY = frozenset(("npu", "loinc"))
"""Code systems of laboratory examinations."""


def ordered(circle: Circle) -> Iterator[Sign]:
    """What each ServiceRequest of the contact shows."""
    for own in circle.resources("ServiceRequest"):
        yield _judge(circle, own)


def _judge(circle: Circle, own: Belonging) -> Sign:
    node = own.node
    asked = intention(own, _STATUSES, rule="KVAL-UTREDNING")
    if not asked.decides:
        return asked
    is_later, dated = circle.time_of(node, "authoredOn", node.resource.get("authoredOn"))
    paths = asked.paths + dated
    if is_later:
        return Sign("KVAL-EJ-SENARE", node, paths, decides=False)
    if circle.is_earlier(node.resource.get("authoredOn")):
        return Sign("KVAL-EJ-TIDIGARE", node, paths, decides=False)
    origin = _reason_of_the_contact(circle, node)
    if origin:
        return Sign("KVAL-EJ-TIDIGARE", node, origin + paths, decides=False)
    said = by_code_or_category(circle.draft, node)
    if said is not None and not said.decides:
        return Sign(said.rule, node, said.paths + paths, said.by, decides=False)
    booked = visit_of(circle, node)
    if booked:
        return Sign("KVAL-EJ-BESOK", node, booked + paths, decides=False)
    sampling = _sampling(circle, node, otherwise=said is None)
    if sampling:
        ahead = booked_ahead(circle, node)
        if ahead:
            return Sign("KVAL-EJ-PROVTAGNING", node, ahead + sampling + paths, decides=False)
    if said is not None:
        return Sign(said.rule, node, said.paths + paths, said.by)
    return Sign("KVAL-UTREDNING", node, paths)


def _sampling(circle: Circle, order: Node, *, otherwise: bool) -> _Paths:
    """The leaves that say that samples are to be taken: a code that a map knows as laboratory work, and
    `otherwise` the code system, since the codes of NPU and LOINC name what is measured in them."""
    codings = concepts(circle.draft, order, "category", "code")
    for one in measures(circle.draft, codings):
        if one.code == SAMPLING:
            return one.paths
    for coding in codings if otherwise else ():
        if coding.system in _LABORATORY:
            return coding.paths
    return ()


def _reason_of_the_contact(circle: Circle, order: Node) -> _Paths:
    """Where the contact itself names the order as its ground: it was not decided there."""
    for encounter in circle.encounters:
        for index, reference in enumerate(encounter.resource.get("basedOn", ())):
            if circle.draft.bundle.key(reference, encounter) == order.path:
                return reference_paths(reference, f"{encounter.path}.basedOn[{index}]")
    return ()
