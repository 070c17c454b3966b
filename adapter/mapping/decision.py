"""Evidence that a decision on care was taken at a contact, from the resources that belong to it.

PMO, *Definition på kvalificerad sjukvård avseende distanskontakter*: a decision on treatment, a change of
treatment, further investigation, or treatment given. How that shows in FHIR is our reading.
"""

from collections.abc import Iterator

from adapter.fhir.bundle import Node
from adapter.mapping.actions import Actions, performed
from adapter.mapping.aids import aids
from adapter.mapping.care_plans import planned
from adapter.mapping.diagnoses import Diagnoses
from adapter.mapping.measures import by_code_or_category, measures, weightiest
from adapter.mapping.orders import ordered
from adapter.mapping.prescriptions import prescribed
from adapter.mapping.signs import Circle, Sign, concepts, leaf

_DONE = frozenset(("completed", "in-progress", "current", "final", "amended", "corrected", "active"))
_NORMAL = "N"


def signs(circle: Circle, diagnoses: Diagnoses, actions: Actions) -> list[Sign]:
    """What every resource of the contact shows of decisions, in an order that does not hang on the bundle's
    mix of types: prescriptions, orders, aids, plans, procedures, then what was only told or written."""
    return [
        *prescribed(circle, diagnoses),
        *ordered(circle),
        *aids(circle),
        *planned(circle),
        *_carried_out(circle, actions),
        *_told(circle),
        *_results(circle),
    ]


def _carried_out(circle: Circle, actions: Actions) -> Iterator[Sign]:
    """Procedures that are treatment or counselling, by their codes or category."""
    for node, selected in actions.done:
        found = by_code_or_category(circle.draft, node)
        if found is None:
            continue
        value, element = performed(node.resource)
        is_later, dated = circle.time_of(node, element, value)
        if found.decides and is_later:
            yield Sign("KVAL-EJ-SENARE", node, dated + found.paths + selected, found.by, decides=False)
        else:
            yield Sign(found.rule, node, found.paths + selected + dated, found.by, found.decides)


def _told(circle: Circle) -> Iterator[Sign]:
    """What was communicated or certified: information, unless its code says that something was decided."""
    for kind, elements in (
        ("Communication", ("category", "reasonCode", "topic")),
        ("DocumentReference", ("type", "category")),
    ):
        for own in circle.resources(kind):
            if not _is_done(own.node):
                continue
            paths = leaf(own.node, "status") + own.paths
            found = weightiest(measures(circle.draft, concepts(circle.draft, own.node, *elements)))
            if found is not None:
                yield Sign(found.rule, own.node, found.paths + paths, found.by, found.decides)
            elif kind == "Communication":
                yield Sign("KVAL-EJ-INFORMATION", own.node, paths, decides=False)


def _results(circle: Circle) -> Iterator[Sign]:
    """Results that are normal, as far as they say so; a report of results is no decision by itself."""
    for own in circle.resources("Observation"):
        if _is_done(own.node) and (normal := _normal(circle, own.node)):
            paths = normal + leaf(own.node, "status") + own.paths
            yield Sign("KVAL-EJ-PROVSVAR", own.node, paths, decides=False)
    for own in circle.resources("DiagnosticReport"):
        if _is_done(own.node):
            yield Sign("KVAL-EJ-PROVSVAR", own.node, leaf(own.node, "status") + own.paths, decides=False)


def _is_done(node: Node) -> bool:
    """Whether something was said, written or found, and stands."""
    status = node.resource.get("status")
    return isinstance(status, str) and status in _DONE


def _normal(circle: Circle, observation: Node) -> tuple[str, ...]:
    """The leaf that says that a result is normal."""
    for coding in concepts(circle.draft, observation, "interpretation"):
        if coding.code == _NORMAL:
            return coding.paths
    return ()
