"""Facts for the care guarantee: our extensions first, then referral and booking."""

from typing import Any

import msgspec

from adapter.domain.event import Tillgang
from adapter.domain.localtime import LocalTime, to_local
from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.extensions import Extension, own_extensions
from adapter.mapping.visit_kind import first_visit, self_referral

_Paths = tuple[str, ...]
_DATE = 10
_DATES = ("beslutsdatum", "medicinskt-maldatum")
_FLAGS = ("nytt-halsoproblem", "kompetens")
_NAMES = frozenset((*_DATES, *_FLAGS, "delomrade", "avvikelseorsak"))
_DEVIATIONS = frozenset(("patientvald", "medicinskt-orsakad"))
"""The two classes of SKR's model (SKR-FAQ, *Hur ska avvikelseorsaker anges?*)."""
_NOTHING = Tillgang()


def map_access(draft: Draft, encounter: Node) -> Tillgang:
    """Access facts of a contact. What the sender does not say stays None."""
    resource = encounter.resource
    on_encounter = own_extensions(encounter) if "extension" in resource else {}
    request, request_link = _first(draft, encounter, "basedOn", "ServiceRequest")
    booking, booking_link = _first(draft, encounter, "appointment", "Appointment")
    if request is None and booking is None and _NAMES.isdisjoint(on_encounter):
        new = first_visit(draft, encounter, None, (), None)
        return _NOTHING if new is None else Tillgang(nybesok=new)
    on_request = own_extensions(request) if request is not None else {}
    on_booking = own_extensions(booking) if booking is not None else {}
    facts: dict[str, Any] = {}
    for name in _DATES:
        for extensions, link in ((on_encounter, ()), (on_request, request_link)):
            _take_date(draft, facts, name, extensions, link)
    for name in _FLAGS:
        _take(draft, facts, name, on_encounter.get(name), "Boolean")
    _take(draft, facts, "delomrade", on_encounter.get("delomrade"), "Code")
    for extensions, link in ((on_encounter, ()), (on_booking, booking_link)):
        _take_deviation(draft, facts, extensions.get("avvikelseorsak"), link)
    _take_day(draft, facts, "remissdatum", request, "authoredOn", request_link)
    _take_day(draft, facts, "bokad", booking, "created", booking_link)
    _take_day(draft, facts, "erbjuden", booking, "start", booking_link)
    new = first_visit(draft, encounter, booking, booking_link, facts.get("nytt_halsoproblem"))
    facts["nybesok"] = new
    facts["egenanmalan"] = self_referral(draft, request, request_link)
    return msgspec.convert(facts, Tillgang)


def _first(draft: Draft, encounter: Node, element: str, wanted: str) -> tuple[Node | None, _Paths]:
    """The first target of the wanted type, with the paths of the link."""
    for index, reference in enumerate(encounter.resource.get(element, ())):
        node = draft.resolve(reference, encounter)
        if node is not None and node.type == wanted:
            return node, reference_paths(reference, f"{encounter.path}.{element}[{index}]")
    return None, ()


def _disagrees(draft: Draft, found: Extension) -> bool:
    """Whether the extension is given several times with different values, which is told."""
    if found.agrees:
        return False
    draft.findings.add("KT-TILLAGG-FLERA", *found.places)
    return True


def _take(draft: Draft, facts: dict[str, Any], name: str, found: Extension | None, kind: str) -> None:
    if found is None or _disagrees(draft, found):
        return
    value, paths = found.value(kind)
    if value is None:
        draft.findings.add("KT-TILLAGG-VARDE", found.path)
        return
    member = name.replace("-", "_")
    facts[member] = value
    draft.trace(f"tillgang.{member}", paths)


def _take_date(
    draft: Draft, facts: dict[str, Any], name: str, extensions: dict[str, Extension], link: _Paths
) -> None:
    found = extensions.get(name)
    member = name.replace("-", "_")
    if found is None or member in facts or _disagrees(draft, found):
        return
    value, paths = found.value("Date")
    if not isinstance(value, str) or len(value) != _DATE:
        draft.findings.add("KT-TILLAGG-VARDE", found.path)
        return
    facts[member] = value
    draft.trace(f"tillgang.{member}", (*paths, *link))


def _take_deviation(draft: Draft, facts: dict[str, Any], found: Extension | None, link: _Paths) -> None:
    """avvikelseorsak: our code, or a local one that a map places among them."""
    if found is None or "avvikelseorsak" in facts or _disagrees(draft, found):
        return
    value = found.content.get("valueCoding")
    if value is None:
        draft.findings.add("KT-TILLAGG-VARDE", found.path)
        return
    paths = (*found.leaves(".valueCoding.code", ".valueCoding.system", ".url"), *link)
    system = draft.context.aliases.name(value.get("system", "")) or value.get("system", "")
    code = value.get("code", "")
    if system == "avvikelseorsak":
        if code not in _DEVIATIONS:
            draft.findings.add("KT-TILLAGG-VARDE", found.path)
            return
        facts["avvikelseorsak"] = code
        draft.trace("tillgang.avvikelseorsak", paths)
        return
    choice = draft.context.concept_maps.choose(system, code, "avvikelseorsak")
    if choice.code is None:
        draft.findings.add("KT-TILLAGG-SYSTEM", *paths)
        return
    facts["avvikelseorsak"] = choice.code
    draft.trace("tillgang.avvikelseorsak", paths, choice.map_ids)


def _take_day(
    draft: Draft, facts: dict[str, Any], member: str, node: Node | None, element: str, link: _Paths
) -> None:
    value = node.resource.get(element) if node is not None else None
    if node is None or not value:
        return
    local = to_local(value)
    path = f"{node.path}.{element}"
    if not isinstance(local, LocalTime):
        draft.findings.add("TIME-INCOMPLETE", path)
        return
    facts[member] = local.datum
    draft.trace(f"tillgang.{member}", (path, *link), ("TIME-LOCAL",))
