"""Inpatient care: where the patient came from and went, and the unit that the stay ended at."""

from typing import Any

from adapter.domain.event import Enhet, Kombika, Slutenvard, Tid
from adapter.domain.localtime import LocalTime, to_local
from adapter.fhir.bundle import Node
from adapter.mapping.codings import Coding, codings_in, codings_of
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.unit import Identified, identify

BEFORE = "gvr-viste-fore"
"""Short name of GVR's table IKOD, class 002 VisteFöre."""
AFTER = "gvr-viste-efter"
"""Short name of GVR's table UKOD, class 003 VisteEfter."""
CARE_AFTER = "gvr-vard-efter"
"""Short name of GVR's class 004 VårdEfter."""

_NOT_THERE = frozenset(("planned", "reserved"))
_UNIT = tuple(f"slutenvard.utskrivande.{part}" for part in ("inr", "klin", "avd"))
_Paths = tuple[str, ...]


def map_inpatient(draft: Draft, encounter: Node, enhet: Enhet, tid: Tid) -> Slutenvard:
    """What there is to say of a stay, for an event of kind vardtillfalle at the unit `enhet`."""
    path = encounter.path + ".hospitalization"
    stay = encounter.resource.get("hospitalization", {})
    aliases = draft.context.aliases
    source = codings_of(stay.get("admitSource"), path + ".admitSource", aliases)
    disposition = codings_of(stay.get("dischargeDisposition"), path + ".dischargeDisposition", aliases)
    before = source or _of_place(draft, encounter, stay.get("origin"), path + ".origin")
    after = disposition or _of_place(draft, encounter, stay.get("destination"), path + ".destination")
    ended = _discharged(draft, encounter, tid)
    found = Slutenvard(
        viste_fore=_code(draft, before, BEFORE, "slutenvard.viste_fore"),
        viste_efter=_code(draft, after, AFTER, "slutenvard.viste_efter"),
        vard_efter=_code(draft, after, CARE_AFTER, "slutenvard.vard_efter"),
        utskrivande=_last_unit(draft, encounter, enhet, tid) if ended else None,
        utskriven=ended,
    )
    _tell_unused(draft, before, (BEFORE,))
    _tell_unused(draft, after, (AFTER, CARE_AFTER))
    return found


def _of_place(draft: Draft, encounter: Node, reference: dict[str, Any] | None, path: str) -> list[Coding]:
    """The kind of the place that a stay began from or ended in: the type of its Location or Organization."""
    node = draft.resolve(reference, encounter, path) if reference else None
    if node is None or node.type not in ("Location", "Organization"):
        return []
    link = reference_paths(reference or {}, path)
    codings = codings_in(node.resource.get("type", ()), node.path + ".type", draft.context.aliases)
    return [Coding(one.system, one.code, (*one.paths, *link)) for one in codings]


def _code(draft: Draft, codings: list[Coding], target: str, member: str) -> str | None:
    """The register's code among `codings`, else the first that a map translates to `target`."""
    tried: _Paths = ()
    for coding in sorted(codings, key=lambda one: one.system != target):
        if coding.system == target:
            draft.trace(member, coding.paths, ("SV-KOD",))
            return coding.code
        choice = draft.context.concept_maps.choose(coding.system, coding.code, target)
        if choice.code is not None:
            draft.trace(member, (*coding.paths, *tried), ("SV-KOD", *choice.map_ids))
            return choice.code
        tried += coding.paths
    return None


def _tell_unused(draft: Draft, codings: list[Coding], targets: tuple[str, ...]) -> None:
    """Codings of which none says anything to the register."""
    maps = draft.context.concept_maps
    useful = any(
        coding.system in targets or maps.choose(coding.system, coding.code, target).code is not None
        for coding in codings
        for target in targets
    )
    if codings and not useful:
        draft.findings.add("SV-KOD-OKAND", *(path for coding in codings for path in coding.paths[:2]))


def _discharged(draft: Draft, encounter: Node, tid: Tid) -> bool:
    """Whether the stay has ended: status finished, and the day of its end is known."""
    status = encounter.path + ".status"
    ended = encounter.resource.get("status") == "finished"
    if ended and tid.slutdatum is None:
        draft.findings.add("SV-UTAN-SLUT", status)
    paths = (*((encounter.path + ".period.end",) if tid.slutdatum is not None else ()), status)
    draft.trace("slutenvard.utskriven", paths, ("SV-UTSKRIVEN",))
    return ended and tid.slutdatum is not None


def _last_unit(draft: Draft, encounter: Node, enhet: Enhet, tid: Tid) -> Kombika | None:
    """The kombika of the last location's unit on the day of discharge, where it is not the stay's own."""
    last = _last_location(encounter)
    if last is None:
        return None
    path, item = last
    location = draft.resolve(item["location"], encounter)
    managing = location.resource.get("managingOrganization") if location is not None else None
    if location is None or not managing:
        return None
    unit = identify(draft, managing, location, location.path + ".managingOrganization")
    if unit is None or (unit.kombika is None and unit.hsa_id == enhet.vardenhet):
        return None  # one HSA-id may have several kombika: by the HSA-id alone it is the same unit
    kombika, paths, by = _kombika_of(draft, unit, tid.slutdatum or "", encounter.path)
    if kombika is None or kombika == enhet.kombika:
        return None
    link = reference_paths(item["location"], path + ".location")
    draft.trace_alike(_UNIT, (*paths, *link), ("SV-UTSKRIVANDE", *by))
    return kombika


def _kombika_of(
    draft: Draft, unit: Identified, day: str, encounter: str
) -> tuple[Kombika | None, _Paths, _Paths]:
    """The unit's kombika as sent, else as the table has it on `day`."""
    if unit.kombika is not None:
        return unit.kombika, unit.kombika_paths, ()
    known = draft.context.kombika.kombikas(unit.hsa_id, day) if unit.hsa_id else ()
    if len(known) == 1:
        return known[0], (*unit.hsa_paths, encounter + ".period.end"), ("UNIT-KOMBIKA-TABLE",)
    if known:
        draft.findings.add("UNIT-KOMBIKA-SEVERAL", *unit.hsa_paths[:1])
    return None, (), ()


def _last_location(encounter: Node) -> tuple[str, dict[str, Any]] | None:
    """The location where the patient was last: by the start of its period, else as listed."""
    there = [
        (_start(item), index, item)
        for index, item in enumerate(encounter.resource.get("location", ()))
        if "location" in item and item.get("status") not in _NOT_THERE
    ]
    if len(there) < 1:
        return None
    dated = all(start for start, _, _ in there)
    _, index, item = max(there, key=lambda one: (one[0] if dated else "", one[1]))
    return f"{encounter.path}.location[{index}]", item


def _start(item: dict[str, Any]) -> str:
    value = item.get("period", {}).get("start")
    local = to_local(value) if value else None
    return f"{local.datum}{local.tid or ''}" if isinstance(local, LocalTime) else ""
