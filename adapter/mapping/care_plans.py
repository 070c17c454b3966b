"""Care plans of a contact: one that was made or changed there is a decision, one that goes on is none.

A programme that is activated is a plan of its own; the next module of one that runs is a part of it
(CarePlan.partOf), and no decision (PMO, *Skriftligt meddelande om aktivering av nästa modul*).
"""

from collections.abc import Iterator

from adapter.fhir.bundle import Node
from adapter.mapping.codings import Coding
from adapter.mapping.measures import Measure, measures, weightiest
from adapter.mapping.requests import intention
from adapter.mapping.signs import Belonging, Circle, Sign, codings_at, concepts, leaf

_STATUSES = frozenset(("active", "completed"))
_INTENTS = frozenset(("plan", "order"))
"""A care plan's ordinary intent is *plan*: that is what it is, not a plan to make one."""
_NO_ACTIVITY = frozenset(("cancelled", "entered-in-error"))


def planned(circle: Circle) -> Iterator[Sign]:
    """What each CarePlan of the contact shows."""
    for own in circle.resources("CarePlan"):
        yield _judge(circle, own)


def _judge(circle: Circle, own: Belonging) -> Sign:
    node, resource = own.node, own.node.resource
    asked = intention(own, _STATUSES, _INTENTS, "KVAL-VARDPLAN")
    if not asked.decides:
        return asked
    said = _said(circle, node)
    if said is not None and not said.decides:
        return Sign(said.rule, node, said.paths + asked.paths, said.by, decides=False)
    if "partOf" in resource:
        return Sign("KVAL-EJ-MODUL", node, asked.paths + leaf(node, "partOf"), decides=False)
    began = "created" if "created" in resource else "period"
    since = resource.get("created") or resource.get("period", {}).get("start")
    paths = asked.paths + leaf(node, began) + leaf(node, "replaces")
    if circle.is_earlier(since) and "replaces" not in resource:
        return Sign("KVAL-EJ-UPPFOLJNING", node, paths, decides=False)
    is_later, dated = circle.time_of(node, "created", resource.get("created"))
    if is_later:
        return Sign("KVAL-EJ-SENARE", node, paths + dated, decides=False)
    paths = tuple(dict.fromkeys(paths + dated))
    rule = "KVAL-PROGRAM" if _is_programme(resource) else "KVAL-VARDPLAN"
    if said is not None:
        return Sign(said.rule, node, said.paths + paths, said.by)
    return Sign(rule, node, paths)


def _is_programme(resource: dict[str, object]) -> bool:
    """Whether the plan follows a programme that is defined elsewhere (iKBT and the like)."""
    return "instantiatesCanonical" in resource or "instantiatesUri" in resource


def _said(circle: Circle, plan: Node) -> Measure | None:
    """What the codes of the plan and its activities mean: any decision among the activities counts."""
    of_plan = weightiest(measures(circle.draft, concepts(circle.draft, plan, "category")))
    if of_plan is not None:
        return of_plan
    found = [one for one in measures(circle.draft, _activities(circle, plan)) if one.rule]
    decided = [one for one in found if one.decides]
    return (decided or found or [None])[0]  # type: ignore[list-item]


def _activities(circle: Circle, plan: Node) -> list[Coding]:
    found: list[Coding] = []
    for index, activity in enumerate(plan.resource.get("activity", ())):
        detail = activity.get("detail", {})
        if detail.get("status") not in _NO_ACTIVITY and detail.get("doNotPerform") is not True:
            path = f"{plan.path}.activity[{index}].detail.code"
            found += codings_at(circle.draft, detail.get("code"), path)
    return found
