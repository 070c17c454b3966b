"""The actions (KVÅ) of the contact, in the order of the bundle, each with date and diagnosis."""

from typing import Any

import msgspec

from adapter.domain.event import Atgard
from adapter.domain.localtime import LocalTime, to_local
from adapter.fhir.bundle import Node
from adapter.mapping.codes import Coded, report_codes
from adapter.mapping.diagnoses import Diagnoses
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.links import Linked, Links
from adapter.mapping.subject import Subjects
from adapter.mapping.times import is_ahead

_COUNTS = frozenset(("completed", "in-progress"))
_WANTED = ("kva",)
_UNDATED = ("performedString", "performedAge", "performedRange")
_Paths = tuple[str, ...]
_Dated = tuple[str | None, _Paths, _Paths]


class Action(msgspec.Struct, frozen=True):
    """One code of one Procedure of the contact, with what selected it."""

    node: Node
    coded: Coded
    selected: _Paths

    @property
    def paths(self) -> _Paths:
        """The code's leaves, then what selected the Procedure."""
        return self.coded.paths + self.selected


class Actions(msgspec.Struct, frozen=True):
    """The actions as event members, and with their codes and paths for those who read evidence from them.

    `done` are all Procedures that were carried out, also those without a code to report, with the leaves that
    selected them.
    """

    members: tuple[Atgard, ...] = ()
    listed: tuple[Action, ...] = ()
    done: tuple[tuple[Node, _Paths], ...] = ()


def map_actions(
    draft: Draft, links: Links, encounters: tuple[Node, ...], subjects: Subjects, diagnoses: Diagnoses
) -> Actions:
    """The actions of all encounters of the contact that were carried out on its patient."""
    listed: list[Action] = []
    done: list[tuple[Node, _Paths]] = []
    for linked in _linked(draft, links, encounters):
        node = linked.node
        if not _counts(draft, node, subjects):
            continue
        selected = (node.path + ".status", *linked.paths, *subjects.paths(node))
        done.append((node, selected))
        for coded in report_codes(draft, node.resource.get("code"), node.path + ".code", _WANTED):
            listed.append(Action(node, coded, selected))
    members = tuple(_atgard(draft, action, index, diagnoses) for index, action in enumerate(listed))
    return Actions(members, tuple(listed), tuple(done))


def _linked(draft: Draft, links: Links, encounters: tuple[Node, ...]) -> list[Linked]:
    """The Procedures of the contact, by whatever link, each once, in the order of the bundle."""
    found: dict[str, Linked] = {}
    for encounter in encounters:
        for linked in links.procedures(encounter):
            _add(found, linked)
        for index, item in enumerate(encounter.resource.get("diagnosis", ())):
            reference = item.get("condition", {})
            node = draft.bundle.resolve(reference, encounter)
            if node is not None and node.type == "Procedure":
                path = f"{encounter.path}.diagnosis[{index}].condition"
                _add(found, Linked(node, reference_paths(reference, path)))
    if links.loose:
        _add_parts(found, links)
    if len(found) < 2:
        return list(found.values())
    return sorted(found.values(), key=lambda linked: linked.node.entry)


def _add(found: dict[str, Linked], linked: Linked) -> None:
    known = found.get(linked.node.path)
    found[linked.node.path] = linked if known is None else Linked(known.node, known.paths + linked.paths)


def _add_parts(found: dict[str, Linked], links: Links) -> None:
    """Procedures that are part of one of the contact's, directly or through other parts."""
    waiting = links.loose
    while True:
        left = []
        for loose in waiting:
            parents = [parent for parent in loose.parents if parent.node.path in found]
            for parent in parents:
                above = found[parent.node.path].paths
                _add(found, Linked(loose.node, (*parent.paths, *above)))
            if not parents:
                left.append(loose)
        if len(left) == len(waiting):
            return
        waiting = left


def _counts(draft: Draft, node: Node, subjects: Subjects) -> bool:
    """Whether the Procedure was carried out, on this patient."""
    if not subjects.owns(draft, node):
        if not subjects.is_others(draft, node):
            draft.findings.add("ATGARD-OTHER-PATIENT", *subjects.paths(node))
        return False
    draft.entries.add(node.entry)
    if node.resource.get("status") not in _COUNTS:
        draft.findings.add("ATGARD-STATUS", node.path + ".status")
        return False
    return True


def _atgard(draft: Draft, action: Action, index: int, diagnoses: Diagnoses) -> Atgard:
    at = f"atgarder[{index}]"
    day, day_paths, by = _day(draft, action.node)
    number, reason_paths = _diagnosis(draft, action.node, diagnoses)
    draft.trace(at + ".kod", action.paths, action.coded.by)
    draft.trace(at + ".ordning", action.selected, ("ATGARD-ORDER",))
    if day is not None:
        draft.trace(at + ".datum", day_paths, by)
    if number is not None:
        draft.trace(at + ".diagnos", reason_paths, ("ATGARD-DIAGNOS",))
    return Atgard(kod=action.coded.code, ordning=index + 1, datum=day, diagnos=number)


def _day(draft: Draft, node: Node) -> _Dated:
    """The local day on which the action was performed (began), else the contact's."""
    value, element = performed(node.resource)
    if value:
        local = to_local(value)
        if isinstance(local, LocalTime):
            if is_ahead(draft, value):
                draft.findings.add("TIME-AHEAD", f"{node.path}.{element}")
            return local.datum, (f"{node.path}.{element}",), ("TIME-LOCAL",)
        draft.findings.add("ATGARD-DATE", f"{node.path}.{element}")
    else:
        for name in _UNDATED:
            if name in node.resource:
                draft.findings.add("ATGARD-DATE", f"{node.path}.{name}")
    return draft.date, draft.date_paths, ("ATGARD-DATE-DEFAULT",)


def performed(resource: dict[str, Any]) -> tuple[str | None, str]:
    """When the action was performed (began, else ended), with the element that says so."""
    moment = resource.get("performedDateTime")
    if moment:
        return moment, "performedDateTime"
    period: dict[str, Any] = resource.get("performedPeriod", {})
    start = period.get("start")
    return (start, "performedPeriod.start") if start else (period.get("end"), "performedPeriod.end")


def _diagnosis(draft: Draft, node: Node, diagnoses: Diagnoses) -> tuple[int | None, _Paths]:
    """The number of the first reported diagnosis that the action's reason names."""
    paths: _Paths = ()
    for index, reference in enumerate(node.resource.get("reasonReference", ())):
        paths += reference_paths(reference, f"{node.path}.reasonReference[{index}]")
        reason = draft.bundle.resolve(reference, node)
        number = diagnoses.numbers.get(reason.path) if reason is not None else None
        if number is not None:
            return number, paths
    return None, paths
