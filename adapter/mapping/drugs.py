"""Drugs that were given at the contact, by ATC code: what the Procedures used, and MedicationAdministrations.

GVR's event document has them among the actions (class 020). Prescriptions are not given drugs.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from adapter.domain.codes import has_shape, normalise
from adapter.domain.event import Lakemedel
from adapter.domain.localtime import LocalTime, to_local
from adapter.domain.trace import Origin
from adapter.fhir.bundle import Node
from adapter.mapping.actions import Actions
from adapter.mapping.codings import Coding
from adapter.mapping.diagnoses import Diagnoses
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.signs import codings_at
from adapter.mapping.subject import Subjects

ATC = "atc"
_GIVEN = frozenset(("completed", "in-progress"))
_Paths = tuple[str, ...]


class _Drug(msgspec.Struct, frozen=True):
    """A drug with where its code, its date and its diagnosis come from."""

    kod: str
    paths: _Paths
    datum: str | None
    dated: Origin
    diagnos: int | None = None
    linked: Origin | None = None


def map_drugs(
    draft: Draft, encounters: tuple[Node, ...], subjects: Subjects, actions: Actions, diagnoses: Diagnoses
) -> tuple[Lakemedel, ...]:
    """The drugs in the order of the bundle, each code once for a day."""
    found: dict[tuple[str, str | None], _Drug] = {}
    for drug in (*_used(draft, actions), *_administered(draft, encounters, subjects, diagnoses)):
        found.setdefault((drug.kod, drug.datum), drug)
    return tuple(_traced(draft, drug, index) for index, drug in enumerate(found.values()))


def _traced(draft: Draft, drug: _Drug, index: int) -> Lakemedel:
    at = f"lakemedel[{index}]"
    draft.trace(at + ".kod", drug.paths, ("LAKEMEDEL-GIVET",))
    if drug.datum is not None:
        draft.trace(at + ".datum", drug.dated.paths, drug.dated.by)
    if drug.linked is not None:
        draft.trace(at + ".diagnos", drug.linked.paths, drug.linked.by)
    return Lakemedel(kod=drug.kod, datum=drug.datum, diagnos=drug.diagnos)


def _used(draft: Draft, actions: Actions) -> Iterator[_Drug]:
    """What the contact's Procedures used, with the day and the diagnosis of the Procedure."""
    places = {action.node.path: index for index, action in reversed(list(enumerate(actions.listed)))}
    for node, selected in actions.done:
        codings = codings_at(draft, node.resource.get("usedCode"), node.path + ".usedCode")
        for index, reference in enumerate(node.resource.get("usedReference", ())):
            link = reference_paths(reference, f"{node.path}.usedReference[{index}]")
            codings += _of_medication(draft, reference, node, link)
        at = places.get(node.path)
        for coding in _atc(codings):
            paths = (*coding.paths, *selected)
            if at is None:
                yield _Drug(normalise(coding.code), paths, draft.date, _by_default(draft))
                continue
            member, provenance = actions.members[at], draft.provenance
            yield _Drug(
                normalise(coding.code),
                paths,
                member.datum,
                provenance.get(f"atgarder[{at}].datum", Origin()),
                member.diagnos,
                provenance.get(f"atgarder[{at}].diagnos"),
            )


def _administered(
    draft: Draft, encounters: tuple[Node, ...], subjects: Subjects, diagnoses: Diagnoses
) -> Iterator[_Drug]:
    """The MedicationAdministrations of the contact. Their shapes are looked at: nobody has validated them."""
    for node in draft.bundle.of_type("MedicationAdministration"):
        context = node.resource.get("context")
        if not isinstance(context, dict) or not isinstance(node.resource.get("subject"), dict):
            continue
        encounter = draft.bundle.resolve(context, node)
        if encounter is None or all(encounter.path != own.path for own in encounters):
            continue
        if node.resource.get("status") not in _GIVEN or not subjects.owns(draft, node):
            continue
        draft.entries.add(node.entry)
        codings = codings_at(
            draft, node.resource.get("medicationCodeableConcept"), node.path + ".medicationCodeableConcept"
        )
        path = node.path + ".medicationReference"
        reference = node.resource.get("medicationReference")
        if isinstance(reference, dict):
            codings += _of_medication(draft, reference, node, reference_paths(reference, path))
        selected = (
            node.path + ".status",
            *reference_paths(context, node.path + ".context"),
            *subjects.paths(node),
        )
        datum, dated = _day(draft, node)
        number, linked = _diagnosis(draft, node, diagnoses)
        for coding in _atc(codings):
            paths = (*coding.paths, *selected)
            yield _Drug(normalise(coding.code), paths, datum, dated, number, linked)


def _of_medication(draft: Draft, reference: dict[str, Any], base: Node, link: _Paths) -> list[Coding]:
    """The codings of the Medication that a reference leads to."""
    node = draft.bundle.resolve(reference, base)
    if node is None or node.type != "Medication":
        return []
    draft.entries.add(node.entry)
    codings = codings_at(draft, node.resource.get("code"), node.path + ".code")
    return [Coding(one.system, one.code, (*one.paths, *link)) for one in codings]


def _atc(codings: list[Coding]) -> list[Coding]:
    return [one for one in codings if one.system == ATC and has_shape(ATC, normalise(one.code))]


def _day(draft: Draft, node: Node) -> tuple[str | None, Origin]:
    """The local day on which the drug was given, else the contact's."""
    period = node.resource.get("effectivePeriod")
    start = period.get("start") if isinstance(period, dict) else None
    for value, element in (
        (node.resource.get("effectiveDateTime"), "effectiveDateTime"),
        (start, "effectivePeriod.start"),
    ):
        local = to_local(value) if isinstance(value, str) and value else None
        if isinstance(local, LocalTime):
            return local.datum, Origin((f"{node.path}.{element}",), ("TIME-LOCAL",))
    return draft.date, _by_default(draft)


def _by_default(draft: Draft) -> Origin:
    return Origin(draft.date_paths, ("ATGARD-DATE-DEFAULT",))


def _diagnosis(draft: Draft, node: Node, diagnoses: Diagnoses) -> tuple[int | None, Origin | None]:
    """The number of the first reported diagnosis that the reason names."""
    reasons = node.resource.get("reasonReference")
    for index, reference in enumerate(reasons if isinstance(reasons, list) else ()):
        reason = draft.bundle.resolve(reference, node) if isinstance(reference, dict) else None
        number = diagnoses.numbers.get(reason.path) if reason is not None else None
        if number is not None:
            paths = reference_paths(reference, f"{node.path}.reasonReference[{index}]")
            return number, Origin(paths, ("ATGARD-DIAGNOS",))
    return None, None
