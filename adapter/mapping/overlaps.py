"""Encounters that partOf links and that overlap in time, but that are told as several visits.

A team's Encounters are one contact when class, patient, unit and start agree (adapter.mapping.contacts).
Where only the start or the class differs, nobody can tell one visit with several of the staff from two: both
are reported, and this says so.
"""

from collections.abc import Sequence

from adapter.domain.finding import Findings
from adapter.domain.localtime import is_before
from adapter.domain.rule import Catalogue
from adapter.fhir.bundle import Bundle, Node
from adapter.mapping.draft import reference_paths
from adapter.mapping.mapped import Mapped

RULE = "TEAM-OVERLAPPING"
_NO_VISIT = frozenset(("triage", "kontakt-om-patient", "kommentar"))
_WITH_TIME = len("2025-03-03T10:15:00Z")


def tell_overlaps(bundle: Bundle, mapped: Sequence[Mapped], catalogue: Catalogue) -> None:
    """Add a warning to both contacts, where one Encounter is part of the other's, or both of a third."""
    visits = {one.encounter: one for one in mapped if _is_visit(one)}
    linked = [node for node in bundle.of_type("Encounter") if "partOf" in node.resource]
    if len(visits) < 2 or not linked:
        return
    nodes = {node.path: node for node in bundle.of_type("Encounter")}
    told: set[frozenset[str]] = set()
    for part in linked:
        whole = bundle.key(part.resource["partOf"], part)
        siblings = [one.path for one in linked if bundle.key(one.resource["partOf"], one) == whole]
        for other in (whole or "", *siblings):
            pair = frozenset((part.path, other))
            if other not in visits or part.path not in visits or len(pair) == 1 or pair in told:
                continue
            if _same_time_and_place(visits[part.path], visits[other], part, nodes[other]):
                told.add(pair)
                _tell(part, nodes[other], (visits[part.path], visits[other]), catalogue)


def _tell(part: Node, other: Node, both: Sequence[Mapped], catalogue: Catalogue) -> None:
    findings = Findings(catalogue)
    link = reference_paths(part.resource["partOf"], part.path + ".partOf")
    findings.add(RULE, *link, part.path + ".period.start", other.path + ".period.start")
    for one in both:
        one.findings.extend(findings)


def _is_visit(one: Mapped) -> bool:
    event = one.event
    return event.kind == "vardkontakt" and event.status != "cancelled" and event.kontakt.typ not in _NO_VISIT


def _same_time_and_place(one: Mapped, other: Mapped, part: Node, whole: Node) -> bool:
    return (
        one.event.patient.id is not None
        and one.event.patient.id == other.event.patient.id
        and one.event.enhet.vardenhet == other.event.enhet.vardenhet
        and one.event.enhet.kombika == other.event.enhet.kombika
        and _overlap(_period(part), _period(whole))
    )


def _overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two periods with times of day share more than a moment, or begin together."""
    if not one[0] or not other[0]:
        return False
    if not is_before(one[0], other[0]) and not is_before(other[0], one[0]):
        return True
    return is_before(one[0], other[1]) and is_before(other[0], one[1])


def _period(encounter: Node) -> tuple[str, str]:
    """Start and end; without an end the start twice, and nothing where no time of day is told."""
    period = encounter.resource.get("period", {})
    start: str = period.get("start", "")
    end: str = period.get("end") or start
    return (start, end) if min(len(start), len(end)) >= _WITH_TIME else ("", "")
