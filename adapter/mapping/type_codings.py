"""The codings of Encounter.type, sorted by what they are good for; what is good for nothing is told of."""

import msgspec

from adapter.domain.event import Kind
from adapter.fhir.bundle import Node
from adapter.mapping.care_form import says_form
from adapter.mapping.channel import Evidence, by_type, paths_of, says_inpatient
from adapter.mapping.codings import Coding, codings_in, leaves
from adapter.mapping.contact_type import WITHOUT_PATIENT, Stated, stated_type
from adapter.mapping.draft import Draft
from adapter.mapping.visit_kind import says_visit_kind

_TRIAGE_CODE = "225390008"
"""SNOMED CT: triage (procedure)."""


class Types(msgspec.Struct, frozen=True):
    """The codings of Encounter.type, sorted by what they are good for."""

    stated: list[Stated]
    evidence: list[Evidence]
    visit: list[Coding]
    triage: list[Coding]
    inpatient: list[Coding]


def sort_types(draft: Draft, encounters: tuple[Node, ...]) -> Types:
    """Sort the type codings; one that is good for nothing is told of."""
    types = Types([], [], [], [], [])
    for encounter in encounters:
        concepts = encounter.resource.get("type")
        if not concepts:
            continue
        for coding in codings_in(concepts, encounter.path + ".type", draft.context.aliases):
            if coding.system == "gvr-btyp":
                types.visit.append(coding)
            elif (stated := stated_type(draft, coding)) is not None:
                types.stated.append(stated)
            elif (evidence := by_type(draft, coding)) is not None:
                types.evidence.append(evidence)
            elif coding.system == "snomed-ct" and coding.code == _TRIAGE_CODE:
                types.triage.append(coding)
            elif says_inpatient(draft, coding):
                types.inpatient.append(coding)
            elif coding.system == "kv_vardkontakttyp" and draft.context.sender.vardkontakttyp_reading is None:
                draft.findings.add("KT-KV-LASNING", *coding.paths)
            elif not says_visit_kind(draft, coding) and not says_form(draft, coding):
                draft.findings.add("KT-TYP-OANVAND", *coding.paths)
    return types


def tell_unused(draft: Draft, types: Types, stated: Stated | None, kind: Kind) -> None:
    """Type codings that a contact without patient, a stated type or inpatient care leaves no room for."""
    unused: tuple[str, ...] = ()
    if kind == "vardtillfalle":
        unused += tuple(path for one in types.stated for path in one.paths)
    if kind == "vardtillfalle" or (stated is not None and stated.code in WITHOUT_PATIENT):
        unused += paths_of(types.evidence)
    if kind != "vardkontakt" or stated is not None:
        unused += leaves(types.triage)
    if unused:
        draft.findings.add("KT-TYP-OANVAND", *unused)
