"""Rehab coordination: by whom it is done, and the same work that is reported twice.

HLM-REHAB, *Rehabkoordinator*: the work is no health care and is not to be registered as a vårdkontakt. The
coordinator's role is our code system ``uppdrag``, or a sender's own code through a ConceptMap into it, in
PractitionerRole.code or Encounter.participant.type: no source publishes a code for it.
"""

from collections.abc import Sequence

from adapter.domain.event import Personal, Vardhandelse
from adapter.domain.finding import Findings
from adapter.domain.rule import Catalogue
from adapter.fhir.bundle import Node
from adapter.mapping.codings import codings_in
from adapter.mapping.draft import Draft
from adapter.mapping.mapped import Mapped

SYSTEM = "uppdrag"
COORDINATOR = "rehabkoordinator"
TWICE = "KT-DUBBELREGISTRERING"
MAYBE_TWICE = "KT-DUBBELREGISTRERING-MISSTANKT"
_QUALIFICATION = ".qualification["


def coordinator(
    draft: Draft, encounters: Sequence[Node], staff: Sequence[Personal]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where it says that the main responsible acts as rehabkoordinator, and the maps that were asked.

    A qualification says what somebody has learnt, not what the person does here.
    """
    if not staff:
        return (), ()
    for number, profession in enumerate(staff[0].yrken):
        member = f"personal[0].yrken[{number}]"
        paths = draft.provenance[f"{member}.kod"].paths
        if _QUALIFICATION in paths[0]:
            continue
        found, by = _means(draft, profession.system, profession.kod)
        if found:
            return (*paths, *draft.provenance[f"{member}.system"].paths), by
    return _by_type(draft, encounters, staff)


def _by_type(
    draft: Draft, encounters: Sequence[Node], staff: Sequence[Personal]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The type of a participant; with several of the staff nobody can tell whose contact it was."""
    if len(staff) > 1:
        return (), ()
    for encounter in encounters:
        for index, item in enumerate(encounter.resource.get("participant", ())):
            path = f"{encounter.path}.participant[{index}].type"
            for coding in codings_in(item.get("type", ()), path, draft.context.aliases):
                found, by = _means(draft, coding.system, coding.code)
                if found:
                    return coding.paths, by
    return (), ()


def _means(draft: Draft, system: str, code: str) -> tuple[bool, tuple[str, ...]]:
    if system == SYSTEM:
        return code == COORDINATOR, ()
    choice = draft.context.concept_maps.choose(system, code, SYSTEM)
    return choice.code == COORDINATOR, choice.map_ids


def tell_double(mapped: Sequence[Mapped], catalogue: Catalogue) -> None:
    """An error for both, where the same work is reported as coordination and as a vårdkontakt.

    The same work: same patient, unit and start, by one of the same staff. Another or an unknown start on the
    same day is a warning: the same person may well do both in a day.
    """
    coordinated = [one for one in mapped if one.event.kind == "koordineringsinsats" and _counts(one.event)]
    if not coordinated:
        return
    for other in mapped:
        if other.event.kind != "vardkontakt" or not _counts(other.event):
            continue
        for one in coordinated:
            if _may_be_same_work(one.event, other.event):
                rule = TWICE if one.event.tid.starttid == other.event.tid.starttid else MAYBE_TWICE
                findings = Findings(catalogue)
                findings.add(rule, one.encounter, other.encounter)
                one.findings.extend(findings)
                other.findings.extend(findings)


def _counts(event: Vardhandelse) -> bool:
    return event.status != "cancelled"


def _may_be_same_work(one: Vardhandelse, other: Vardhandelse) -> bool:
    """Whether both are of the same patient, unit and day, by one of the same staff."""
    staff = {person.hsa_id for person in one.personal if person.hsa_id}
    return (
        one.patient.id is not None
        and one.patient.id == other.patient.id
        and one.enhet == other.enhet
        and one.tid.startdatum is not None
        and one.tid.startdatum == other.tid.startdatum
        and any(person.hsa_id in staff for person in other.personal)
    )
